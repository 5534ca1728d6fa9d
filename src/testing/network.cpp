#include <tryst/testing/network.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <list>
#include <tryst/error.hpp>
#include <vector>

namespace tryst::testing {
namespace {

using bytes = std::vector<std::byte>;

/// What arrives: a message, or the end of messages.
struct arrival {
  bytes message{};
  bool is_end = false;
};

// Of how many lengths a delay can be.
constexpr std::size_t delays = 8;
constexpr std::size_t largest_datagram = 65507;

}  // namespace

// What all wires of a network have in common.
struct network::weather {
  seeded_loop& on;
  network_faults faults;
  network_tally tally{};
  std::uint16_t last_port = 1023;

  bool strikes(std::uint32_t one_in) {
    return one_in == 1 || (one_in != 0 && on.choose(one_in) == 1);
  }
  loop::duration delay() {
    if (faults.latest == loop::duration::zero()) return {};
    return faults.latest * static_cast<int>(on.choose(delays)) / static_cast<int>(delays - 1);
  }
};

// What lies between two ends: who are null when they are gone.
class network::wire : public std::enable_shared_from_this<wire> {
public:
  wire(std::shared_ptr<weather> in, bool reliable) : weather_{std::move(in)}, reliable_{reliable} {}
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;
  ~wire() {
    for (parcel& p : on_their_way_) loop_of().disarm(p);
  }

  seeded_loop& loop_of() const noexcept { return weather_->on; }
  bool reliable() const noexcept { return reliable_; }

  /// A message, or what ends the messages of that side.
  void send(std::size_t from, bytes message) {
    ++weather_->tally.sent;
    if (reliable_) {
      if (weather_->strikes(weather_->faults.reset)) return reset();
    } else {
      if (message.size() > largest_datagram || weather_->strikes(weather_->faults.lost)) {
        ++weather_->tally.lost;
        return;
      }
      if (weather_->strikes(weather_->faults.doubled)) {
        ++weather_->tally.doubled;
        put(1 - from, {.message = message});
      }
    }
    put(1 - from, {.message = std::move(message)});
  }
  void send_end(std::size_t from) {
    if (reliable_) put(1 - from, {.is_end = true});
  }
  void leave(std::size_t side) noexcept {
    ends_[side] = nullptr;
    if (reliable_) lose(1 - side);
  }
  void lose(std::size_t side) noexcept;

  std::array<end*, 2> ends_{};

private:
  // In order of departure. What of a connection arrives is the first that is on its way there.
  struct parcel final : timer {
    wire& on;
    std::size_t to;
    arrival what;
    loop::time_point when;
    std::list<parcel>::iterator self;

    parcel(wire& w, std::size_t side, arrival a) noexcept : on{w}, to{side}, what{std::move(a)} {}
    void expired() noexcept override { on.arrived(*this); }
  };

  void put(std::size_t to, arrival what) {
    loop::time_point when = loop_of().now() + weather_->delay();
    if (reliable_) {
      for (const parcel& p : on_their_way_) {
        if (p.to == to) when = std::max(when, p.when);
      }
    }
    parcel& p = on_their_way_.emplace_back(*this, to, std::move(what));
    p.self = std::prev(on_their_way_.end());
    p.when = when;
    loop_of().arm(p, when);
  }

  void arrived(parcel& p) noexcept;

  void reset() noexcept {
    ++weather_->tally.resets;
    for (parcel& p : on_their_way_) loop_of().disarm(p);
    on_their_way_.clear();
    lose(0);
    lose(1);
  }

  std::shared_ptr<weather> weather_;
  const bool reliable_;
  std::list<parcel> on_their_way_;
};

class network::end final : public rpc::transport {
public:
  end(std::shared_ptr<wire> on, std::size_t side, rpc::peer_identity peer)
      : wire_{std::move(on)}, side_{side}, peer_{std::move(peer)} {
    wire_->ends_[side_] = this;
  }
  ~end() override { wire_->leave(side_); }

  void start(user& u) override {
    user_ = &u;
    soon(what::read);
  }
  void flush_soon() override {
    if (std::exchange(flush_queued_, true)) return;
    wire_->loop_of().at_turn_end(*new step{wire_, side_, what::flush});
  }
  bool blocked() const noexcept override { return false; }
  void resume_reading() override {
    if (std::exchange(paused_, false)) soon(what::read);
  }
  void finish_sending() override {
    finishing_ = true;
    flush_soon();
  }
  void close(std::error_code why) override {
    if (closing_) return;
    closing_ = why;
    if (wire_->reliable()) wire_->lose(1 - side_);
    soon(what::tell_closed);
  }
  bool inside_message() const noexcept override { return false; }
  std::uint64_t received() const noexcept override { return received_; }
  bool reliable() const noexcept override { return wire_->reliable(); }
  void shrink() override {}
  const rpc::peer_identity& peer() const noexcept override { return peer_; }

  /// A datagram for whoever does not read is lost, as the kernel would lose it.
  void receive(arrival a) {
    if (!reliable() && (paused_ || user_ == nullptr)) return;
    waiting_.push_back(std::move(a));
    if (user_ != nullptr) deliver();
  }
  void lost() noexcept {
    if (closing_) return;
    closing_ = make_error_code(errc::connection_lost);
    soon(what::tell_closed);
  }

private:
  enum class what : std::uint8_t { read, flush, tell_closed };

  // It may outlive the end that it is for.
  struct step final : job {
    std::shared_ptr<wire> on;
    std::size_t side;
    what to_do;

    step(std::shared_ptr<wire> w, std::size_t s, what d) : on{std::move(w)}, side{s}, to_do{d} {}
    void run() noexcept override {
      const std::unique_ptr<step> self{this};
      if (end* const of = on->ends_[side]) of->take(to_do);
    }
    void abandoned() noexcept override {
      const std::unique_ptr<step> self{this};
      end* const of = on->ends_[side];
      if (of != nullptr && to_do == what::tell_closed) of->take(to_do);
    }
  };

  void soon(what to_do) { wire_->loop_of().post(*new step{wire_, side_, to_do}); }

  // The last that it does may end this object.
  void take(what to_do) {
    switch (to_do) {
      case what::read:
        return deliver();
      case what::flush:
        return flush();
      case what::tell_closed:
        return user_ != nullptr ? user_->on_closed(closing_) : void();
    }
  }

  void deliver() {
    while (user_ != nullptr && !paused_ && !closing_ && !waiting_.empty()) {
      const arrival next = std::move(waiting_.front());
      waiting_.pop_front();
      if (next.is_end) return user_->on_end_of_messages();
      const bytes& message = next.message;
      received_ += message.size();
      const xdr::buffer_ref kept = xdr::buffer_ref::allocate(message.size());
      std::memcpy(kept.data(), message.data(), message.size());
      paused_ = !user_->on_message({kept.data(), message.size()}, kept);
    }
  }

  void flush() {
    flush_queued_ = false;
    if (closing_) return;
    rpc::outbox& queue = out();
    const bool had_some = !queue.empty();
    while (!queue.empty() && !closing_) {
      std::array<iovec, 64> parts;
      rpc::outbox::place at = queue.first_message();
      const std::size_t used = queue.gather_message(at, parts);
      if (used == 0) return close(make_error_code(errc::record_too_large));
      bytes message;
      for (const iovec& part : std::span{parts}.first(used)) {
        const auto* const first = static_cast<const std::byte*>(part.iov_base);
        message.insert(message.end(), first, first + part.iov_len);
      }
      queue.took(message.size() + mark_size);
      wire_->send(side_, std::move(message));
    }
    if (closing_) return;
    if (had_some) user_->on_sent();
    if (!finishing_ || closing_) return;
    if (!reliable()) return close(make_error_code(errc::connection_lost));
    wire_->send_end(side_);
    finishing_ = false;
  }

  static constexpr std::size_t mark_size = 4;  // in front of each message in an outbox

  std::shared_ptr<wire> wire_;
  const std::size_t side_;
  const rpc::peer_identity peer_;
  user* user_ = nullptr;
  std::deque<arrival> waiting_;
  std::uint64_t received_ = 0;
  std::error_code closing_;
  bool flush_queued_ = false;
  bool paused_ = false;
  bool finishing_ = false;
};

void network::wire::lose(std::size_t side) noexcept {
  if (ends_[side] != nullptr) ends_[side]->lost();
}

void network::wire::arrived(parcel& p) noexcept {
  const std::shared_ptr<wire> self = shared_from_this();  // whoever reads may destroy both ends
  const std::size_t to = p.to;
  auto first = p.self;
  if (reliable_) {
    first = std::ranges::find(on_their_way_, to, &parcel::to);
    if (&*first != &p) {  // two of one moment: this one takes the time of the other
      loop_of().disarm(*first);
      loop_of().arm(p, p.when);
    }
  }
  arrival what = std::move(first->what);
  on_their_way_.erase(first);
  if (ends_[to] != nullptr) ends_[to]->receive(std::move(what));
}

network::network(seeded_loop& on, network_faults faults)
    : weather_{std::make_shared<weather>(on, faults)} {}

network::~network() = default;

network::two_ends network::make(bool reliable) {
  using kind = rpc::address::transport;
  const auto peer = [&](const char* host, std::uint16_t port) {
    rpc::peer_identity who;
    who.where.kind = reliable ? kind::tcp : kind::udp;
    who.where.host = host;  // RFC 5737: for documentation
    who.where.port = port;
    return who;
  };
  const std::uint16_t port = ++weather_->last_port;
  auto between = std::make_shared<wire>(weather_, reliable);
  return {std::make_unique<end>(between, 0, peer("192.0.2.1", 111)),
          std::make_unique<end>(between, 1, peer("192.0.2.2", port))};
}

network::two_ends network::connection() { return make(true); }

network::two_ends network::datagrams() { return make(false); }

void network::set_faults(network_faults faults) noexcept { weather_->faults = faults; }

const network_tally& network::tally() const noexcept { return weather_->tally; }

}  // namespace tryst::testing
