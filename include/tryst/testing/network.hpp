// A network for tests: transports over a seeded_loop whose messages take their time, get lost, come
// twice and overtake each other, and whose connections break, as the tape says. What is late costs
// no time but the clock's.
//
//   testing::network net{l, {.lost = 10, .doubled = 10, .latest = 50ms}};
//   auto [ours, theirs] = net.datagrams();
//   server.serve_connection(l, std::move(theirs));
//   rpc::client caller{l, std::move(ours)};
#pragma once

#include <cstdint>
#include <memory>
#include <tryst/rpc/transport.hpp>
#include <tryst/testing/seeded_loop.hpp>
#include <utility>

namespace tryst::testing {

/// How often what goes wrong, as one message in so many; 0: never, 1: always. A tape of 0s has no
/// faults but those, and no delay.
struct network_faults {
  std::uint32_t lost = 0;      ///< datagrams
  std::uint32_t doubled = 0;   ///< datagrams
  std::uint32_t reset = 0;     ///< connections: lost with this message, for both ends
  loop::duration latest = {};  ///< how long a message is on its way at most
};

/// What became of messages.
struct network_tally {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t resets = 0;
};

/// For the thread of its loop, which must outlive it; its transports may outlive it.
class network {
public:
  using two_ends = std::pair<std::unique_ptr<rpc::transport>, std::unique_ptr<rpc::transport>>;

  explicit network(seeded_loop& on, network_faults faults = {});
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  ~network();

  /// The two ends of a connection: the caller's and the server's. Messages arrive in their order,
  /// or the connection ends with errc::connection_lost.
  two_ends connection();
  /// Those of a caller that sends datagrams from a port of its own, and of a server's session for
  /// it. A message larger than a datagram can be is lost.
  two_ends datagrams();

  /// From now on.
  void set_faults(network_faults faults) noexcept;
  const network_tally& tally() const noexcept;

private:
  struct weather;
  class wire;
  class end;
  two_ends make(bool reliable);

  std::shared_ptr<weather> weather_;
};

}  // namespace tryst::testing
