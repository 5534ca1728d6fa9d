// A client's transport that loses what the test wants it to lose: its other end is the test.
#pragma once

#include <sys/uio.h>

#include <array>
#include <tryst/rpc/client.hpp>
#include <tryst/testing/manual_loop.hpp>
#include <vector>

#include "compiler/golden/calc.hpp"
#include "support/played_end.hpp"
#include "support/record_stream.hpp"
#include "xdr/hex.hpp"

namespace tryst::test {

class played_datagrams final : public played_end {
public:
  /// What became of it; outlives it.
  struct record : played_end::record {
    std::vector<bytes> sent;
  };

  played_datagrams(loop& home, record& r) : played_end{home, {}, r}, sent_{r.sent} {}

  void flush_soon() override {
    rpc::outbox::place at = out().first_message();
    std::array<iovec, 8> parts;
    std::size_t total = 0;
    while (const std::size_t used = out().gather_message(at, parts)) {
      bytes message;
      for (const iovec& p : std::span{parts}.first(used)) {
        append(message, {static_cast<const std::byte*>(p.iov_base), p.iov_len});
      }
      total += message.size() + rpc::record_mark_size;
      sent_.push_back(std::move(message));
    }
    out().took(total);
  }
  void finish_sending() override {}
  bool reliable() const noexcept override { return false; }

private:
  std::vector<bytes>& sent_;
};

/// A client whose datagrams the test takes, on a clock that the test turns.
class played_client {
public:
  explicit played_client(rpc::client_options options = {})
      : client_{std::in_place, loop_, std::make_unique<played_datagrams>(loop_, record_),
                std::move(options)} {}
  ~played_client() {
    client_.reset();
    loop_.run_until_idle();
  }

  /// Calls ADD; `ended` is told.
  template <class Ended>
  void add(calc::pair values, rpc::call_options how, Ended ended) {
    calc::CALC_V1::stub stub{*client_};
    stub.ADD(values, std::move(how), std::move(ended));
    loop_.run_until_idle();
  }

  const std::vector<bytes>& sent() const { return record_.sent; }
  void advance(loop::duration by) { loop_.advance(by); }
  rpc::client& get() { return *client_; }
  rpc::transport::user& user() { return *record_.user; }

  /// A message comes.
  void deliver(std::span<const std::byte> message) {
    const auto chunk = xdr::buffer_ref::allocate(message.size());
    std::copy(message.begin(), message.end(), chunk.data());
    record_.user->on_message({chunk.data(), message.size()}, chunk);
    loop_.run_until_idle();
  }
  /// The reply to the call that `sent` is: its xid, success, and a number.
  void answer(const bytes& call, std::string_view number) {
    deliver(bytes_of(hex_of(std::span{call}.first(4)) +
                     "00000001 0000000000000000 00000000 00000000" + std::string{number}));
  }
  void turn_away(const bytes& call) {
    record_.user->on_message_lost(call, make_error_code(errc::connect_failed));
    loop_.run_until_idle();
  }

private:
  testing::manual_loop loop_;
  played_datagrams::record record_;
  std::optional<rpc::client> client_;
};

}  // namespace tryst::test
