#include "problems/simulated_datagrams.hpp"

#include <sys/uio.h>

#include <array>
#include <cstring>
#include <span>
#include <tryst/rpc/record.hpp>

namespace tryst::problems {
namespace {

using namespace std::chrono_literals;

class end;

// What the two ends, and what is on its way between them, share.
struct network {
  explicit network(testing::seeded_loop& l) : on{l} {}
  testing::seeded_loop& on;
  std::array<end*, 2> ends{};  // null when it is gone
};

struct datagram {
  xdr::buffer_ref bytes;
  std::size_t size = 0;
};

// A datagram on its way.
class flight final : timer {
public:
  static void begin(std::shared_ptr<network> in, std::size_t to, datagram what) {
    // Whatever is shrunk arrives at once.
    const auto late = static_cast<int>(in->on.choose(4));
    const auto when = in->on.now() + (late == 3 ? 30ms : late * 1ms);
    testing::seeded_loop& on = in->on;
    on.arm(*new flight{std::move(in), to, std::move(what)}, when);
  }

private:
  flight(std::shared_ptr<network> in, std::size_t to, datagram what)
      : in_{std::move(in)}, to_{to}, what_{std::move(what)} {}
  void expired() noexcept override;

  std::shared_ptr<network> in_;
  std::size_t to_;
  datagram what_;
};

class end final : public rpc::transport {
public:
  end(std::shared_ptr<network> in, std::size_t side, std::uint16_t port)
      : in_{std::move(in)}, side_{side} {
    peer_.where.kind = rpc::address::transport::udp;
    peer_.where.host = "127.0.0.1";
    peer_.where.port = port;
    in_->ends[side_] = this;
  }
  ~end() override { in_->ends[side_] = nullptr; }

  void start(user& u) override { user_ = &u; }
  void flush_soon() override {
    if (std::exchange(leaving_, true)) return;
    later([](end& e) { e.flush(); });
  }
  bool blocked() const noexcept override { return false; }
  void resume_reading() override { paused_ = false; }
  void finish_sending() override { flush_soon(); }
  void close(std::error_code why) override {
    if (std::exchange(closing_, true)) return;
    later([why](end& e) { e.user_->on_closed(why); });
  }
  bool inside_message() const noexcept override { return false; }
  std::uint64_t received() const noexcept override { return received_; }
  bool reliable() const noexcept override { return false; }
  void shrink() override {}
  const rpc::peer_identity& peer() const noexcept override { return peer_; }

  void receive(const datagram& what) {
    if (user_ == nullptr || paused_ || closing_) return;
    received_ += what.size;
    paused_ = !user_->on_message({what.bytes.data(), what.size}, what.bytes);
  }

private:
  // In another step, if this end exists then.
  template <class F>
  void later(F f) {
    in_->on.post([in = in_, side = side_, f] {
      if (in->ends[side] != nullptr) f(*in->ends[side]);
    });
  }

  void flush() {
    leaving_ = false;
    rpc::outbox::place at = out().first_message();
    std::array<iovec, 16> parts;
    std::uint64_t taken = 0;
    while (const std::size_t used = out().gather_message(at, parts)) {
      datagram next;
      for (const iovec& p : std::span{parts}.first(used)) next.size += p.iov_len;
      next.bytes = xdr::buffer_ref::allocate(next.size);
      std::size_t copied = 0;
      for (const iovec& p : std::span{parts}.first(used)) {
        std::memcpy(next.bytes.data() + copied, p.iov_base, p.iov_len);
        copied += p.iov_len;
      }
      taken += next.size + rpc::record_mark_size;
      send(next);
    }
    out().took(taken);
    user_->on_sent();
  }

  void send(const datagram& what) {
    const std::size_t fate = in_->on.choose(10);
    if (fate == 9) return;
    if (fate == 8) flight::begin(in_, 1 - side_, what);
    flight::begin(in_, 1 - side_, what);
  }

  std::shared_ptr<network> in_;
  std::size_t side_;
  rpc::peer_identity peer_;
  user* user_ = nullptr;
  std::uint64_t received_ = 0;
  bool leaving_ = false;
  bool paused_ = false;
  bool closing_ = false;
};

void flight::expired() noexcept {
  const std::unique_ptr<flight> self{this};
  if (end* const to = in_->ends[to_]) to->receive(what_);
}

}  // namespace

std::pair<std::unique_ptr<rpc::transport>, std::unique_ptr<rpc::transport>> simulated_datagrams(
    testing::seeded_loop& on, std::uint16_t client_port) {
  const auto in = std::make_shared<network>(on);
  auto client = std::make_unique<end>(in, 0, std::uint16_t{111});
  auto server = std::make_unique<end>(in, 1, client_port);
  return {std::move(client), std::move(server)};
}

}  // namespace tryst::problems
