// What a handler may know of the call it serves, besides the arguments.
#pragma once

#include <cstdint>
#include <stop_token>
#include <tryst/auth/identity.hpp>
#include <tryst/rpc/program.hpp>
#include <tryst/rpc/transport.hpp>

namespace tryst::rpc {

class connection;
class session;

/// Lives as long as its call: until the handler returned, or, if that is a coroutine, ended.
struct call_info {
  interface_id interface;
  std::uint32_t procedure = 0;
  std::uint32_t xid = 0;                ///< 0 for a call within the process
  const peer_identity* peer = nullptr;  ///< where the call came from; never null in a handler
  auth::identity caller;                ///< who says to have made it

  /// The connection that the call came on: for calls in the other direction. REQUIRES: the call
  /// came on one (peer->where is not of this process's memory, or a memory transport was used).
  rpc::connection connection() const;
  /// Requested when that connection ends, so that nobody waits for the answer any more; never, for
  /// a call within the process.
  std::stop_token connection_lost() const;

  /// The session behind connection(); null within the process.
  session* origin = nullptr;
};

}  // namespace tryst::rpc
