// What a process allows with capabilities that leave it and that come to it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <tryst/bridge/published.hpp>
#include <tryst/rpc/address.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/transport.hpp>

namespace tryst {

/// Thrown by whoever gives a capability away that must not, or cannot, leave the process.
class export_refused : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

struct exchange_options {
  /// How operations without a procedure of their own are served. `grace` has no meaning there.
  publish_options serving{};
  /// Operations that exist and were given away, at a time; beyond that giving throws.
  std::size_t max_exports = 4096;
  /// Beyond so many queued invocations of one operation, a call from afar is refused.
  std::size_t max_pending = 1024;
  /// Clients to other processes that are kept though nobody has a capability of theirs any more.
  std::size_t idle_clients = 64;
  /// How operations elsewhere are called. Calls through a capability have its default deadline.
  rpc::client_options clients{};
  /// Whether a capability for an operation at `at`, which came from `from`, may make this process
  /// connect there. Not given: if both are on one host, so that nobody can make us call third
  /// parties. Any thread.
  std::function<bool(const rpc::address& at, const rpc::address& from)> allow{};
  /// Connects to the process at `at`, on the exchange's loop. Not given: by that address; a
  /// testing::network, for one, has none. It is asked once while capabilities of a process are
  /// held, which fail with errc::closed when the transport has ended. On the thread that takes a
  /// capability; must not use the exchange, nor return null.
  std::function<std::unique_ptr<rpc::transport>(const rpc::address& at)> connect{};
  /// Learns of sends through capabilities that failed, on the exchange's loop: nobody else does.
  std::function<void(std::error_code)> on_send_failed{};
};

}  // namespace tryst
