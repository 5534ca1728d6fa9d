// Every way in which a call can end (architecture §3.4), each produced, each exactly once.

#include <gtest/gtest.h>

#include <tryst/auth/none.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/testing/manual_loop.hpp>

#include "compiler/golden/calc.hpp"
#include "support/scripted_peer.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using testing::manual_loop;
using tests::scripted_peer;
using tests::words;

// A client whose server is played by the test, on a clock that the test moves.
struct Outcome : ::testing::Test {
  manual_loop loop;
  std::unique_ptr<scripted_peer> peer;
  std::unique_ptr<client> caller;
  int ended = 0;
  failure why;
  std::int32_t sum = 0;

  void connect(client_options options = {}) {
    auto [near_end, far_end] = memory_pair(loop, loop);
    peer = std::make_unique<scripted_peer>(std::move(far_end));
    caller = std::make_unique<client>(loop, std::move(near_end), options);
  }

  void add(call_options options = {}) {
    const auto process = [](client& c, call_options how, Outcome& test) -> task<void> {
      auto outcome = co_await calc::CALC_V1::stub{c}.ADD({2, 3}, how, as_result);
      ++test.ended;
      if (outcome)
        test.sum = *outcome;
      else
        test.why = outcome.error();
    };
    spawn_here(loop, process(*caller, options, *this), nullptr);
    loop.run_until_idle();
  }

  void ends_with(errc code, outcome condition) {
    loop.run_until_idle();
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(why.code, code) << why.text();
    EXPECT_EQ(why.code, condition);
  }

  // The rest of the reply behind its xid.
  void replies(words rest) {
    rest.insert(rest.begin(), peer->xid_of(0));
    peer->send(rest);
    loop.run_until_idle();
  }
};

TEST_F(Outcome, IsTheResult) {
  connect();
  add();
  EXPECT_EQ(peer->received.at(0),
            (words{peer->xid_of(0), 0, 2, 0x20000101, 1, 1, 0, 0, 0, 0, 2, 3}));
  peer->reply(peer->xid_of(0), {5});
  loop.run_until_idle();
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(sum, 5);
}

struct refusal_on_the_wire {
  words rest;
  errc code;
  failure detail;
};

struct Refusal : Outcome, ::testing::WithParamInterface<refusal_on_the_wire> {};

TEST_P(Refusal, IsTold) {
  connect();
  add();
  replies(GetParam().rest);
  ends_with(GetParam().code, outcome::refused);
  EXPECT_EQ(why.low, GetParam().detail.low);
  EXPECT_EQ(why.high, GetParam().detail.high);
  EXPECT_EQ(why.status, GetParam().detail.status);
}

failure detail_of(std::uint32_t low, std::uint32_t high, std::uint32_t status) {
  failure f;
  f.low = low;
  f.high = high;
  f.status = status;
  return f;
}

// RFC 5531 §9: after the xid REPLY, then MSG_ACCEPTED with a verifier and accept_stat, or
// MSG_DENIED with reject_stat.
INSTANTIATE_TEST_SUITE_P(
    OfEveryKind, Refusal,
    ::testing::Values(
        refusal_on_the_wire{{1, 0, 0, 0, 1}, errc::prog_unavail, {}},
        refusal_on_the_wire{{1, 0, 0, 0, 2, 3, 7}, errc::prog_mismatch, detail_of(3, 7, 0)},
        refusal_on_the_wire{{1, 0, 0, 0, 2, 9, 1}, errc::prog_mismatch, detail_of(9, 1, 0)},
        refusal_on_the_wire{{1, 0, 0, 0, 3}, errc::proc_unavail, {}},
        refusal_on_the_wire{{1, 0, 0, 0, 4}, errc::garbage_args, {}},
        refusal_on_the_wire{{1, 0, 0, 0, 5}, errc::system_err, {}},
        refusal_on_the_wire{{1, 0, 0, 0, 77}, errc::unknown_refusal, detail_of(0, 0, 77)},
        refusal_on_the_wire{{1, 1, 0, 3, 4}, errc::rpc_mismatch, detail_of(3, 4, 0)},
        refusal_on_the_wire{{1, 1, 1, 1}, errc::auth_bad_cred, detail_of(0, 0, 1)},
        refusal_on_the_wire{{1, 1, 1, 2}, errc::auth_rejected_cred, detail_of(0, 0, 2)},
        refusal_on_the_wire{{1, 1, 1, 3}, errc::auth_bad_verf, detail_of(0, 0, 3)},
        refusal_on_the_wire{{1, 1, 1, 4}, errc::auth_rejected_verf, detail_of(0, 0, 4)},
        refusal_on_the_wire{{1, 1, 1, 5}, errc::auth_too_weak, detail_of(0, 0, 5)},
        refusal_on_the_wire{{1, 1, 1, 13}, errc::auth_refused, detail_of(0, 0, 13)},
        refusal_on_the_wire{{1, 1, 9}, errc::unknown_refusal, detail_of(0, 0, 9)}));

TEST_F(Outcome, IsNotExecutedWhenAnArgumentBreaksABound) {
  connect();
  const auto process = [](client& c, Outcome& test) -> task<void> {
    calc::entry e;
    e.numbers.resize(17);
    const auto outcome = co_await calc::CALC_V1::stub{c}.DESCRIBE(e, as_result);
    ++test.ended;
    test.why = outcome.error();
  };
  spawn_here(loop, process(*caller, *this), nullptr);
  ends_with(errc::arguments_invalid, outcome::not_executed);
  EXPECT_TRUE(peer->received.empty());
}

TEST_F(Outcome, IsNotExecutedWhenTheCallIsLargerThanARecord) {
  connect({.limits = {.record = {.max_bytes = 40}, .timers = client_timers}});
  add();
  ends_with(errc::arguments_too_large, outcome::not_executed);
}

TEST_F(Outcome, IsNotExecutedWhenTooManyCallsAreOutstanding) {
  connect({.limits = {.outstanding_calls = 1, .timers = client_timers}});
  add();
  EXPECT_EQ(ended, 0);
  add();
  ends_with(errc::too_many_calls, outcome::not_executed);
}

TEST_F(Outcome, IsNotExecutedWhenTheClientHasNoConnectionAndMayNotMakeOne) {
  connect();
  peer->die();
  loop.run_until_idle();
  add();
  ends_with(errc::closed, outcome::not_executed);
}

TEST_F(Outcome, IsUnknownWhenTheDeadlinePassesAfterItWasSent) {
  connect();
  add({.deadline = 2s});
  loop.advance(1900ms);
  EXPECT_EQ(ended, 0);
  loop.advance(200ms);
  ends_with(errc::timed_out, outcome::unknown);
  EXPECT_EQ(why.code, std::errc::timed_out);
}

TEST_F(Outcome, IsUnknownWhenItIsCancelledAfterItWasSent) {
  connect();
  std::stop_source source;
  add({.stop = source.get_token()});
  source.request_stop();
  ends_with(errc::cancelled, outcome::unknown);
  EXPECT_EQ(why.code, std::errc::operation_canceled);
}

TEST_F(Outcome, IsUnknownWhenTheConnectionIsLostWhileItWaits) {
  connect();
  add();
  peer->die();
  ends_with(errc::connection_lost, outcome::unknown);
}

TEST_F(Outcome, IsUnknownWhenTheClientIsDestroyedWhileItWaits) {
  connect();
  add();
  caller.reset();
  ends_with(errc::connection_lost, outcome::unknown);
}

TEST_F(Outcome, IsUnknownWhenTheReplyCannotBeDecoded) {
  connect();
  add();
  replies({1, 7});
  ends_with(errc::reply_invalid, outcome::unknown);
}

TEST_F(Outcome, IsUnknownWhenTheResultCannotBeDecoded) {
  connect();
  add();
  replies({1, 0, 0, 0, 0});
  ends_with(errc::result_invalid, outcome::unknown);
}

struct distrustful final : auth::authenticator {
  void put(xdr::byte_buffer& out, std::size_t header) override { nobody.put(out, header); }
  std::error_code check(std::uint32_t, const auth::opaque_auth&,
                        std::span<const std::byte>&) override {
    return make_error_code(errc::reply_unverified);
  }
  bool refresh(std::uint32_t) override { return false; }
  auth::none nobody;
};

TEST_F(Outcome, IsUnknownWhenTheReplyDoesNotProveWhoSentIt) {
  distrustful authenticator;
  connect({.authenticator = &authenticator});
  add();
  replies({1, 0, 0, 0, 0, 5});
  ends_with(errc::reply_unverified, outcome::unknown);
}

TEST_F(Outcome, IsNotExecutedWhenTheDeadlineIsOverWhenTheCallIsMade) {
  connect();
  add({.deadline = 0s});
  ends_with(errc::timed_out_unsent, outcome::not_executed);
  EXPECT_TRUE(peer->received.empty());
}

TEST_F(Outcome, IsNotExecutedWhenItWasCancelledBeforeTheCallIsMade) {
  connect();
  std::stop_source source;
  source.request_stop();
  add({.stop = source.get_token()});
  ends_with(errc::cancelled_unsent, outcome::not_executed);
  EXPECT_TRUE(peer->received.empty());
}

// A peer that takes no bytes: calls then wait in the client.
struct BlockedOutcome : Outcome {
  void connect_blocked() {
    connect();
    peer->takes_messages = false;
    // One large call fills the transport; what follows cannot be handed to anybody.
    calc::entry e;
    e.label.assign(1'000'000, 'x');
    const auto process = [](client& c, calc::entry large) -> task<void> {
      co_await calc::CALC_V1::stub{c}.DESCRIBE(std::move(large), as_result);
    };
    for (int i = 0; i < 3; ++i) spawn_here(loop, process(*caller, e), nullptr);
    loop.run_until_idle();
  }
};

TEST_F(BlockedOutcome, IsNotExecutedWhenTheDeadlinePassesBeforeItIsSent) {
  connect_blocked();
  add({.deadline = 1s});
  loop.advance(1100ms);
  ends_with(errc::timed_out_unsent, outcome::not_executed);
}

TEST_F(BlockedOutcome, IsNotExecutedWhenItIsCancelledBeforeItIsSent) {
  connect_blocked();
  std::stop_source source;
  add({.stop = source.get_token()});
  source.request_stop();
  ends_with(errc::cancelled_unsent, outcome::not_executed);
}

TEST_F(BlockedOutcome, IsNotExecutedWhenTheConnectionIsLostBeforeItIsSent) {
  connect_blocked();
  add();
  peer->die();
  ends_with(errc::connection_lost_unsent, outcome::not_executed);
}

TEST(ConnectOutcome, IsNotExecutedWhenNobodyListens) {
  loop_thread loop;
  client caller{loop, "unix:@tryst-nobody-listens-here"};
  const auto ended = calc::CALC_V1::stub{caller}.ADD({1, 2}, as_result).get();
  EXPECT_EQ(ended.error().code, errc::connect_failed);
  EXPECT_EQ(ended.error().code, outcome::not_executed);
  EXPECT_EQ(ended.error().status, static_cast<std::uint32_t>(ECONNREFUSED));
  EXPECT_EQ(ended.error().text(), "no connection could be made (Connection refused)");
  try {
    calc::CALC_V1::stub{caller}.ADD({1, 2}).get();
    ADD_FAILURE() << "no exception";
  } catch (const call_error& e) {
    EXPECT_STREQ(e.what(), "Connection refused: no connection could be made");  // once
  }
}

TEST(ConnectOutcome, IsNotExecutedForAnAddressThatIsNone) {
  epoll_loop loop;
  for (const char* text : {"", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:x", "tcp://::1:5",
                           "tcp://1.2.3.4:70000", "unix:", "http://a:1"}) {
    try {
      const client caller{loop, text};
      ADD_FAILURE() << text;
    } catch (const call_error& e) {
      EXPECT_EQ(e.code(), errc::address_invalid) << text;
    }
  }
}

TEST(ConnectOutcome, GetOnTheClientsOwnLoopIsALogicError) {
  manual_loop loop;
  auto [near_end, far_end] = memory_pair(loop, loop);
  client caller{loop, std::move(near_end)};
  EXPECT_THROW((void)calc::CALC_V1::stub{caller}.ADD({1, 2}).get(), std::logic_error);
}

}  // namespace
}  // namespace tryst::rpc
