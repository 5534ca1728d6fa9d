// The serving end: services, the addresses it listens on, its connections and their limits.
//
// Path: here → session → dispatcher → service.hpp → handler
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <tryst/loop.hpp>
#include <tryst/rpc/dispatcher.hpp>
#include <tryst/rpc/limits.hpp>
#include <tryst/rpc/reply_cache.hpp>
#include <tryst/rpc/transport.hpp>
#include <vector>

namespace tryst::rpc {

struct server_options {
  session_limits limits{};
  /// For addresses of udp: what differs there.
  datagram_limits datagrams{};
  /// What is remembered of answered calls, in case that they come again.
  reply_cache_limits replies{};
  /// Connections at a time; those beyond are closed when they come.
  std::uint32_t connections = 10'000;
  /// Connections from one address; loopback and local callers are exempt.
  std::uint32_t connections_per_address = 256;
  /// The queue of connections that the kernel has accepted and we have not.
  int backlog = 1024;
  /// Learns why a connection was ended, unless its peer simply closed it. On the connection's loop.
  std::function<void(const peer_identity&, std::error_code)> on_connection_error{};
};

/// What became of the datagrams that came to a server.
struct datagram_counters {
  std::uint64_t received = 0;
  std::uint64_t invalid = 0;     ///< dropped: no messages of RPC
  std::uint64_t too_large = 0;   ///< dropped: larger than datagram_limits::max_bytes
  std::uint64_t overload = 0;    ///< dropped: their caller, or all callers, at a limit
  std::uint64_t unsendable = 0;  ///< answers that the system would not take
  std::uint64_t silenced = 0;    ///< refusals that were not sent: the call came to many servers
  std::uint64_t peers = 0;       ///< callers remembered at this moment
};

/// What a server has done since it began: for tests and for metrics.
struct server_counters {
  std::uint64_t accepted = 0;  ///< connections
  std::uint64_t refused = 0;   ///< connections beyond a limit
  std::uint64_t open = 0;      ///< connections at this moment
  /// Results larger than a message may be over their transport: answered with SYSTEM_ERR.
  std::uint64_t oversized = 0;
  datagram_counters datagrams{};
  reply_cache_counters replies{};
};

/// Services are added before it listens. Its functions are for its first loop's thread, or for any
/// thread while no loop runs. Destroying it ends its connections at once; drain() first to be kind.
class server {
public:
  /// Serves on one loop, which must outlive the server.
  explicit server(loop& home, server_options options = {});
  /// Serves on several, each with a thread of its own: connections are dealt out in turn. Services
  /// with the policy inline_ or task_per_call are then called by several threads at once.
  server(std::vector<loop*> loops, server_options options);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Serves Interface by an ordinary class; see handler.hpp for what its handlers look like.
  template <class Interface, class Implementation>
  void serve(Implementation implementation, service_options options = {}) {
    services().add(make_service<Interface>(std::move(implementation), std::move(options)));
  }
  /// Serves what was made elsewhere: a service that is shared, or wrapped.
  void serve(std::shared_ptr<service> s) { services().add(std::move(s)); }
  dispatcher& services() noexcept;

  /// Listens at `where` (see address.hpp) and returns where that is: with its port, if 0 was asked
  /// for. Throws call_error or std::system_error when it cannot.
  address listen(std::string_view where);

  /// Listens on the sockets that systemd passed (LISTEN_FDS, for this very process), told apart by
  /// what they are (streams that listen, and IP's datagrams) and not by their order, and
  /// returns their addresses; none if there are none. The variables are unset.
  std::vector<address> listen_activated();

  /// Serves a connection that is there already, on its loop, which is one of this server's.
  void serve_connection(loop& on, std::unique_ptr<transport> connected);

  /// Ends kindly: listens no more, reads no more, answers what was received, closes. `done` is told
  /// on the first loop, when every connection has ended or after `at_most`: how many were cut off.
  void drain(std::chrono::nanoseconds at_most, std::move_only_function<void(std::uint64_t)> done);

  /// Any thread.
  server_counters counters() const;

private:
  class core;
  std::shared_ptr<core> core_;  // and every connection that has not ended
};

}  // namespace tryst::rpc
