#include <tryst/rpc/server.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tryst/error.hpp>
#include <utility>

#include "rpc/datagram_endpoint.hpp"
#include "rpc/datagram_route.hpp"
#include "rpc/listener.hpp"
#include "rpc/reply_cache.hpp"
#include "rpc/session.hpp"
#include "rpc/stream_transport.hpp"

namespace tryst::rpc {
namespace {

bool is_exempt(const address& from) {
  return from.kind != address::transport::tcp || from.host == "::1" ||
         from.host.starts_with("127.") || from.host.starts_with("::ffff:127.");
}

// The first descriptor that systemd passes (sd_listen_fds(3)).
constexpr int first_activated = 3;

int activated_count() {
  const auto number_in = [](const char* name) {
    const char* const text = std::getenv(name);
    int number = 0;
    if (text != nullptr) std::from_chars(text, text + std::char_traits<char>::length(text), number);
    return number;
  };
  const bool ours = number_in("LISTEN_PID") == ::getpid();
  const int count = ours ? number_in("LISTEN_FDS") : 0;
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  return count;
}

}  // namespace

class server::core final : public std::enable_shared_from_this<core> {
public:
  core(std::vector<loop*> loops, server_options options) : options_{std::move(options)} {
    for (loop* l : loops) shards_.push_back(std::make_unique<shard>(*l, *this));
    if (options_.replies.entries == 0) return;
    const siphash::key secret{first_loop().random(), first_loop().random()};
    replies_ = std::make_shared<reply_cache>(options_.replies, secret);
  }

  dispatcher& services() noexcept { return services_; }
  loop& first_loop() noexcept { return shards_.front()->home; }

  address listen(std::string_view where) {
    auto parsed = address::parse(where);
    if (!parsed) throw call_error(parsed.error(), std::string{where});
    if (parsed->kind == address::transport::udp) return listen_for_datagrams(std::move(*parsed));
    auto opened = open_listening(*parsed, options_.backlog);
    if (!opened) throw std::system_error(opened.error(), std::string{where});
    return listen_on(std::move(*opened), true);
  }

  address listen_on(socket listening, bool own_path) {
    address bound = bound_address(listening);
    run_on(first_loop(), [&] {
      listeners_.push_back(std::make_unique<listener>(
          first_loop(), std::move(listening), bound, own_path,
          [this, bound](socket fresh) { accept(std::move(fresh), bound); }));
    });
    return bound;
  }

  // A socket a loop, with the same port: the kernel deals the peers out.
  address listen_for_datagrams(address where) {
    const std::string asked = where.text();
    for (const auto& s : shards_) {
      auto opened = open_datagram_endpoint(where, options_.datagrams.groups, shards_.size() > 1);
      if (!opened) throw std::system_error(opened.error(), asked);
      if (where.port == 0) where.port = bound_address(*opened).port;
      if (s == shards_.front()) where.host = bound_address(*opened).host;
      run_on(s->home, [&] { s->receive(std::move(*opened)); });
    }
    return where;
  }

  // There is one socket, so one loop has it.
  address receive_from(socket passed) {
    address bound = bound_address(passed);
    ask_for_routes(passed, bound.host.find(':') != std::string::npos ? AF_INET6 : AF_INET);
    run_on(first_loop(), [&] { shards_.front()->receive(std::move(passed)); });
    return bound;
  }

  std::vector<address> listen_activated() {
    std::vector<address> bound;
    const int count = activated_count();
    for (int i = 0; i < count; ++i) {
      socket passed{first_activated + i};
      int type = 0;
      int listening = 0;
      socklen_t size = sizeof type;
      ::getsockopt(passed.descriptor(), SOL_SOCKET, SO_TYPE, &type, &size);
      ::getsockopt(passed.descriptor(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
      const bool datagrams = type == SOCK_DGRAM && bound_address(passed).has_port();
      if (!datagrams && (type != SOCK_STREAM || listening == 0)) continue;
      ::fcntl(passed.descriptor(), F_SETFL, ::fcntl(passed.descriptor(), F_GETFL) | O_NONBLOCK);
      ::fcntl(passed.descriptor(), F_SETFD, FD_CLOEXEC);
      bound.push_back(datagrams ? receive_from(std::move(passed))
                                : listen_on(std::move(passed), false));
    }
    return bound;
  }

  // On the first loop.
  void accept(socket fresh, const address& at) {
    tune_connection(fresh);
    peer_identity peer = identify_peer(fresh, at);
    if (!admit(peer.where)) return;
    shard& to = *shards_[next_shard_++ % shards_.size()];
    if (to.home.running_here() || shards_.size() == 1)
      return to.adopt(std::move(fresh), std::move(peer));
    to.home.post(
        [self = shared_from_this(), &to, fresh = std::move(fresh),
         peer = std::move(peer)]() mutable { to.adopt(std::move(fresh), std::move(peer)); });
  }

  void serve_connection(loop& on, std::unique_ptr<transport> connected) {
    for (const auto& s : shards_) {
      if (&s->home != &on) continue;
      admit_always();
      run_on(on, [&] { s->attach(std::move(connected)); });
      return;
    }
    throw std::logic_error("the connection's loop is none of the server's");
  }

  void drain(std::chrono::nanoseconds at_most, std::move_only_function<void(std::uint64_t)> done) {
    run_on(first_loop(), [&] {
      listeners_.clear();
      drained_ = std::move(done);
      drain_timer_.arm(at_most);
    });
    for (const auto& s : shards_) {
      run_on(s->home, [&] { s->drain(); });
    }
    tell_if_drained();
  }

  void close() {
    run_on(first_loop(), [&] {
      listeners_.clear();
      drain_timer_.disarm();
      drained_ = nullptr;
    });
    for (const auto& s : shards_) {
      run_on(s->home, [&] { s->close(); });
    }
  }

  server_counters counters() const {
    return {.accepted = accepted_.load(),
            .refused = refused_.load(),
            .open = open_.load(),
            .oversized = oversized_->load(),
            .datagrams = {.received = datagrams_.received.load(),
                          .invalid = datagrams_.invalid.load(),
                          .too_large = datagrams_.too_large.load(),
                          .overload = datagrams_.overload.load(),
                          .unsendable = datagrams_.unsendable.load(),
                          .silenced = datagrams_.silenced.load(),
                          .peers = datagrams_.peers.load()},
            .replies = replies_ ? replies_->counters() : reply_cache_counters{}};
  }

private:
  // The connections of one loop.
  struct shard final : session::owner {
    shard(loop& l, core& c) : home{l}, all{c} {}

    void adopt(socket fresh, peer_identity peer) {
      attach(std::make_unique<stream_transport>(home, std::move(fresh), std::move(peer),
                                                all.options_.limits.record));
    }

    void attach(std::unique_ptr<transport> t) {
      auto fresh = std::make_shared<session>(home,
                                             session::settings{.limits = all.options_.limits,
                                                               .calls = &all.services_,
                                                               .replies = all.replies_,
                                                               .oversized = all.oversized_},
                                             *this);
      sessions.insert(fresh);
      fresh->attach(std::move(t));
      if (draining) fresh->drain();
    }

    void receive(socket bound) {
      endpoints.push_back(std::make_unique<datagram_endpoint>(
          home, std::move(bound),
          datagram_endpoint::options{.sessions = all.options_.limits,
                                     .limits = all.options_.datagrams,
                                     .calls = &all.services_,
                                     .replies = all.replies_,
                                     .oversized = all.oversized_,
                                     .drained = [this] { all.tell_if_drained(); }},
          all.datagrams_));
      if (draining) endpoints.back()->drain();
    }

    void lost_transport(session& lost, std::error_code why) override {
      all.leave(lost.peer(), why);
      sessions.erase(lost.shared_from_this());
      if (sessions.empty()) all.tell_if_drained();
    }

    void drain() {
      draining = true;
      for (const auto& s : std::vector(sessions.begin(), sessions.end())) s->drain();
      for (const auto& e : endpoints) e->drain();
    }

    void close() {
      endpoints.clear();
      for (const auto& s : std::exchange(sessions, {})) {
        all.leave(s->peer(), {});
        s->close();
      }
    }

    loop& home;
    core& all;
    std::set<std::shared_ptr<session>> sessions;
    std::vector<std::unique_ptr<datagram_endpoint>> endpoints;
    bool draining = false;
  };

  struct deadline final : timer {
    core& owner;
    explicit deadline(core& c) : owner{c} {}
    void arm(std::chrono::nanoseconds at_most) {
      loop& home = owner.first_loop();
      home.arm(*this, home.now() + std::chrono::duration_cast<loop::duration>(at_most));
    }
    void disarm() { owner.first_loop().disarm(*this); }
    void expired() noexcept override { owner.tell_drained(); }
  };

  bool admit(const address& from) {
    const std::lock_guard lock{mutex_};
    const bool exempt = is_exempt(from);
    std::uint32_t& of_address = per_address_[exempt ? std::string{} : from.host];
    if (open_ >= options_.connections ||
        (!exempt && of_address >= options_.connections_per_address)) {
      ++refused_;
      return false;
    }
    ++of_address;
    ++open_;
    ++accepted_;
    return true;
  }

  void admit_always() {
    const std::lock_guard lock{mutex_};
    ++per_address_[{}];
    ++open_;
    ++accepted_;
  }

  void leave(const peer_identity& peer, std::error_code why) {
    {
      const std::lock_guard lock{mutex_};
      --open_;
      const auto known = per_address_.find(is_exempt(peer.where) ? std::string{} : peer.where.host);
      if (known != per_address_.end() && --known->second == 0) per_address_.erase(known);
    }
    const bool ordinary = !why || why == make_error_code(errc::connection_lost);
    if (!ordinary && options_.on_connection_error) options_.on_connection_error(peer, why);
  }

  // On any shard's loop.
  void tell_if_drained() {
    if (open_ + datagrams_.peers != 0) return;
    first_loop().post([self = shared_from_this()] { self->tell_drained(); });
  }

  // On the first loop.
  void tell_drained() {
    drain_timer_.disarm();
    if (!drained_) return;
    auto tell = std::exchange(drained_, nullptr);
    tell(open_ + datagrams_.peers);
  }

  server_options options_;
  dispatcher services_;
  std::shared_ptr<reply_cache> replies_;  // null: there is none
  std::vector<std::unique_ptr<shard>> shards_;
  std::vector<std::unique_ptr<listener>> listeners_;
  std::size_t next_shard_ = 0;
  std::move_only_function<void(std::uint64_t)> drained_;
  deadline drain_timer_{*this};

  std::mutex mutex_;  // guards per_address_ and, together with it, the counters' changes
  std::map<std::string, std::uint32_t> per_address_;
  datagram_tally datagrams_;
  // Sessions of calls that are answered later outlive the server.
  std::shared_ptr<std::atomic<std::uint64_t>> oversized_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  std::atomic<std::uint64_t> open_ = 0;
  std::atomic<std::uint64_t> accepted_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
};

server::server(loop& home, server_options options)
    : server{std::vector{&home}, std::move(options)} {}

server::server(std::vector<loop*> loops, server_options options)
    : core_{std::make_shared<core>(std::move(loops), std::move(options))} {}

server::~server() { core_->close(); }

dispatcher& server::services() noexcept { return core_->services(); }

address server::listen(std::string_view where) { return core_->listen(where); }

std::vector<address> server::listen_activated() { return core_->listen_activated(); }

void server::serve_connection(loop& on, std::unique_ptr<transport> connected) {
  core_->serve_connection(on, std::move(connected));
}

void server::drain(std::chrono::nanoseconds at_most,
                   std::move_only_function<void(std::uint64_t)> done) {
  core_->drain(at_most, std::move(done));
}

server_counters server::counters() const { return core_->counters(); }

}  // namespace tryst::rpc
