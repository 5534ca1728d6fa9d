// Whether anybody still listens where a server was registered: the answer for
// binder_options::is_served (pitfall 81).
//
// A server that was killed cannot withdraw its entries. rpcbind finds out by binding the port
// itself, which takes it away from others for a moment, counts the remains of closed connections as
// a server, and needs root for ports below 1024. This asks the kernel (sock_diag(7)), and binds
// nothing.
#pragma once

#include <tryst/binder/netid.hpp>
#include <tryst/binder/universal_address.hpp>

namespace tryst::binder {

/// Asks the kernel about the sockets of this network namespace. Used by one thread at a time.
class presence {
public:
  presence();
  ~presence();
  presence(const presence&) = delete;
  presence& operator=(const presence&) = delete;

  /// False only when the kernel says that no socket has that port, or that the path of a UNIX
  /// socket is not there. Whatever cannot be found out is there.
  bool operator()(netid over, const universal_address& where) const;

private:
  int descriptor_ = -1;
};

}  // namespace tryst::binder
