// A server's UDP socket: calls from any number of peers, each of whom has a session of its own
// over a transport that shares the socket. All that is ready is received at once, and all replies
// of a turn leave at once. A reply leaves from the address that was called (pitfall 24).
//
// Path: server.cpp → here → session → dispatcher → ... → session → here
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <tryst/loop.hpp>
#include <tryst/rpc/limits.hpp>
#include <vector>

#include "rpc/datagram_batch.hpp"
#include "rpc/datagram_peer.hpp"
#include "rpc/session.hpp"

namespace tryst::rpc {

/// What became of datagrams; any thread.
struct datagram_tally {
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::uint64_t> invalid = 0;     ///< dropped: no calls of RPC
  std::atomic<std::uint64_t> too_large = 0;   ///< dropped: larger than datagram_limits::max_bytes
  std::atomic<std::uint64_t> overload = 0;    ///< dropped: the peer, or all of them, at a limit
  std::atomic<std::uint64_t> unsendable = 0;  ///< replies that the system did not take
  std::atomic<std::uint64_t> silenced = 0;    ///< refusals of calls that came to many
  std::atomic<std::uint64_t> peers = 0;       ///< at this moment
};

class datagram_endpoint final : private watch,
                                private timer,
                                private session::owner,
                                private datagram_peer::outlet {
public:
  struct options {
    session_limits sessions;
    datagram_limits limits;
    const dispatcher* calls;
    std::shared_ptr<reply_cache> replies;
    std::shared_ptr<std::atomic<std::uint64_t>> oversized;
    /// The last peer has left while draining.
    std::function<void()> drained;
  };

  /// Takes a bound socket (open_datagram_endpoint). `tally` must outlive it.
  datagram_endpoint(loop& home, socket bound, options how, datagram_tally& tally);
  ~datagram_endpoint();

  /// Receives no more; answers what runs, and forgets its peers.
  void drain();

private:
  struct known_peer {
    std::shared_ptr<session> serving;
    datagram_peer* transport = nullptr;  // the session's, until it has left
    loop::time_point heard;
  };
  using peer_list = std::list<known_peer>;  // the one heard last in front

  // Outlives us when it is queued.
  struct flush_job final : job {
    datagram_endpoint* owner;
    bool queued = false;
    explicit flush_job(datagram_endpoint& e) : owner{&e} {}
    void run() noexcept override;
    void abandoned() noexcept override;
  };

  void ready(readiness what) noexcept override;
  void expired() noexcept override;
  void lost_transport(session&, std::error_code) override {}
  void send_soon(datagram_peer& p) override;
  bool blocked() const noexcept override { return blocked_; }
  void left(datagram_peer& p) noexcept override;

  void read();
  void receive(std::size_t index);
  known_peer* find_or_meet(const datagram_route& between, const socket_address& from);
  bool make_room();
  void forget(known_peer& p);
  void flush();
  void fill_departures();
  int send();
  void watch_for(bool read, bool write);

  loop& home_;
  socket socket_;
  options how_;
  datagram_tally& tally_;
  datagram_arrivals arrivals_;
  datagram_store store_;
  datagram_departures departures_;
  std::array<datagram_peer*, datagram_departures::most> departing_{};  // whose they are
  peer_list peers_;
  std::map<datagram_route, peer_list::iterator> by_route_;
  std::vector<datagram_peer*> with_messages_;
  std::vector<datagram_peer*> done_;  // who have sent all, in a flush
  std::unique_ptr<flush_job> flush_job_;
  bool blocked_ = false;
  bool draining_ = false;
  bool reading_ = true;
  bool writing_ = false;
};

/// Opens and binds a socket for an endpoint. `shared`: others of this process bind the same port,
/// and the kernel deals peers out among them.
std::expected<socket, std::error_code> open_datagram_endpoint(
    const address& where, const std::vector<std::string>& groups, bool shared);

}  // namespace tryst::rpc
