// Asks a binder: where a program is, what there is at all, and, on this host, to register.
//
//   binder::binder_client book{loop, "files.example"};
//   const auto where = co_await book.find({100003, 3}, binder::netid::tcp);
//   rpc::client nfs{loop, where.value().text()};
//
// A binder may be of any age and may lie: versions 4, 3 and 2 are tried in turn, and whatever comes
// back is bounded by the record limit and checked before it is used.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <tryst/binder/netid.hpp>
#include <tryst/binder/registry.hpp>
#include <tryst/loop.hpp>
#include <tryst/rpc/address.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/task.hpp>
#include <vector>

namespace tryst::binder {

struct binder_client_options {
  /// How long each call to the binder may take. No answer at all ends a lookup: it is not asked
  /// again in another version (pitfall 78).
  std::chrono::nanoseconds deadline = std::chrono::seconds{5};
  /// How long an address that was found is believed; 0: not at all.
  std::chrono::nanoseconds cache_for = std::chrono::seconds{10};
  /// How many are remembered.
  std::size_t cached = 256;
  /// TCP's port of binders.
  std::uint16_t port = 111;
  /// Where this host's binder has its UNIX sockets: the abstract name is tried first, then the path
  /// (pitfall 71), then TCP over loopback.
  std::string socket = "/run/rpcbind.sock";
  /// Told on the loop when a connection to the binder has ended.
  std::function<void(std::error_code)> on_connection_lost{};
};

/// A resource of one loop: its tasks run there, and it must outlive them. From another thread:
/// tryst::run(loop, book.find(...)).
class binder_client {
public:
  template <class T>
  using answer = task<std::expected<T, rpc::failure>>;

  /// Asks the binder of this host.
  explicit binder_client(loop& home, binder_client_options options = {});
  /// Asks the binder of another one: a numeric address or a host name, which is looked up when the
  /// first call is made, and blocks. Or the one at a whole address: tcp://host:port, unix:/path.
  binder_client(loop& home, std::string host, binder_client_options options = {});
  ~binder_client();
  binder_client(const binder_client&) = delete;
  binder_client& operator=(const binder_client&) = delete;

  /// The address of just this version over that transport; prog_unavail if there is none.
  answer<rpc::address> find(rpc::interface_id interface, netid over);
  /// What was found for this interface is asked for again: for callers whom nobody answered there.
  void forget(rpc::interface_id interface);

  /// Everything that the binder knows. An old one does not tell of owners, or of IPv6.
  answer<std::vector<entry>> entries();

  /// RFC 1833's SET and UNSET, in this process's name: `fresh.owner` does not count. An UNSET
  /// without a netid is of all transports.
  answer<bool> set(entry fresh);
  answer<bool> unset(rpc::interface_id interface, std::string netid);

private:
  class core;
  std::unique_ptr<core> core_;
};

}  // namespace tryst::binder
