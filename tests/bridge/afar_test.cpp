// What a caller can do from afar besides calling: calls with limits (rule F1), and duties that are
// handed on to a program elsewhere (rule S7).
#include <gtest/gtest.h>

#include <thread>
#include <tryst/rpc/memory_transport.hpp>
#include <tryst/testing/manual_loop.hpp>

#include "bridge/afar.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

TEST(RuleF1, ARemoteCallThatIsAnsweredInTimeHasItsResult) {
  afar gate;
  EXPECT_TRUE(gate.there.open.call_for(1h).wait());
  EXPECT_EQ(gate.there.pass.call_for(1h, 7).wait(), 7);
  EXPECT_EQ(gate.there.pass.call_until(loop::clock::now() + 1h, 8).wait(), 8);
  EXPECT_EQ(gate.there.pass.call_unless(std::stop_token{}, 9).wait(), 9);
}

TEST(RuleF1, ARemoteCallWhoseTimeIsOverIsAbandonedWhereverItIs) {
  afar gate;
  EXPECT_EQ(gate.there.pass.call_for(10ms, 7).wait().error(), errc::timed_out);
  EXPECT_EQ(gate.there.hold.call_for(10ms, 7).wait().error(), errc::timed_out);
  // The server cannot know: it has both.
  wait_until([&] { return gate.module.holding == 1 && gate.module.pass.pending() == 1; });
}

TEST(RuleF1, ARemoteCallsTimeIsThatOfItsClientsLoop) {
  gate_module module;
  testing::manual_loop home;
  home.advance(1h);
  rpc::server server{home};
  publish<GATE_V1>(server, module, exported<GATE_V1::PASS>(&gate_module::pass));
  auto [near, far] = rpc::memory_pair(home, home);
  server.serve_connection(home, std::move(far));
  rpc::client client{home, std::move(near)};
  far_gate there{client};
  std::error_code why;
  const auto wait = [&]() -> task<> {
    const auto got = co_await there.pass.call_until(home.now() + 1s, 7);
    if (!got) why = got.error();
  };
  spawn(home, wait(), {});
  home.advance(500ms);
  EXPECT_FALSE(why);
  home.advance(1s);
  EXPECT_EQ(why, errc::timed_out);
}

TEST(RuleF1, ARemoteCallWithALimitThrowsWhatTheServerSays) {
  afar gate;
  EXPECT_THROW(gate.there.risk.call_for(1h, 1).wait(), call_error);
}

TEST(RuleF1, ARemoteCallWithALimitIsAwaitedToo) {
  afar gate;
  loop_thread home;
  const auto both = [](far_gate& there) -> task<std::pair<bool, std::int32_t>> {
    const auto none = co_await there.pass.call_for(10ms, 1);
    const auto one = co_await there.risk.call_for(1h, 9);
    co_return std::pair{none.has_value(), one.value_or(0)};
  };
  EXPECT_EQ(run(home.get(), both(gate.there)), (std::pair{false, 9}));
}

TEST(RuleS11, PendingCountsCallersHereAndElsewhereAlikeAndWhoHasGoneNoMore) {
  served_gate gate;  // not started: all are queued
  std::optional<raw_client> peer{std::in_place, gate.listen()};
  send(*peer, gate_call(1, pass, {1}));
  send(*peer, gate_call(2, pass, {2}));
  std::jthread caller{[&] { EXPECT_EQ(gate.module.pass.call_for(1h, 3).wait(), 3); }};
  wait_until([&] { return gate.module.pass.pending() == 3; });
  peer->reset();
  wait_until([&] { return gate.module.pass.pending() == 1; });
  gate.module.is_open = true;
  gate.start();
}

// Stock clients give up after 25 s and say nothing: what were granted then would be nobody's.
TEST(MaxWait, IsOverBeforeStockClientsGiveUp) {
  EXPECT_LT(publish_options{}.max_wait, 25s);
  EXPECT_GT(publish_options{}.max_wait, 0s);
}

/// Hands what it is asked on to a program elsewhere, or to itself.
struct relay : module {
  explicit relay(far_gate& there) : there_{there} {}
  op<std::int32_t(std::int32_t)> pass{this};
  op<std::int32_t(std::int32_t)> risk{this};
  op<std::int32_t(std::int32_t)> here{this};

  task<> server() {
    using duty = call<std::int32_t(std::int32_t)>;
    for (;;) {
      co_await in(
          accept(pass) >>
              [&](duty& c, std::int32_t n) {
                caller_is_gone = c.stop_token();
                c.forward(there_.pass, n);
              },
          accept(risk) >>
              [&](duty& c, std::int32_t n) {
                if (n < 100) {
                  c.forward(there_.risk, n);
                } else {
                  c.forward(here, n - 100);
                }
                EXPECT_FALSE(c.owed());
                EXPECT_THROW(c.forward(there_.risk, n), already_answered);
              },
          accept(here) >> [](std::int32_t n) { return 2 * n; });
    }
  }

  std::stop_token caller_is_gone;  // of the last; on its loop

private:
  far_gate& there_;
};

/// The gate, and a relay before it that has its interface.
struct relayed : afar {
  relayed() {
    publish<GATE_V1>(front, near, exported<GATE_V1::PASS>(&relay::pass),
                     exported<GATE_V1::RISK>(&relay::risk));
    where = front.listen("tcp://127.0.0.1:0");
    near.start(middle.get(), near.server());
  }
  ~relayed() {
    near.close();
    near.join();
  }

  relay near{there};
  loop_thread middle;
  rpc::server front{middle};
  rpc::address where;
};

TEST(RuleS7, ADutyIsHandedOnToAProgramElsewhere) {
  relayed gate;
  raw_client peer{gate.where};
  send_and_queue(gate, peer, 1, pass, 7);
  send(peer, gate_call(2, risk, {9}));  // the relay waits for nothing
  EXPECT_EQ(receive(peer), (reply{2, success, 9}));
  gate.there.open().wait();
  EXPECT_EQ(receive(peer), (reply{1, success, 7}));
}

TEST(RuleS7, ADutyIsHandedOnWithinTheProgram) {
  relayed gate;
  raw_client peer{gate.where};
  EXPECT_EQ(ask(peer, gate_call(1, risk, {121})), (reply{1, success, 42}));
}

TEST(RuleS7, WhatFailsElsewhereFailsHere) {
  relayed gate;
  raw_client peer{gate.where};
  EXPECT_EQ(ask(peer, gate_call(1, risk, {1})), (reply{1, system_err, 0}));
}

TEST(RuleS7, ADutyToACallerWhoHasGoneIsAbandonedElsewhere) {
  relayed gate;
  std::optional<raw_client> peer{std::in_place, gate.where};
  send_and_queue(gate, *peer, 1, pass, 7);
  peer->reset();
  // In a turn of the loop behind the one that has told everybody.
  wait_until([&] {
    bool gone = false;
    run_on(gate.middle, [&] { gone = gate.near.caller_is_gone.stop_requested(); });
    return gone;
  });
  gate.there.open().wait();
  // The answer is for nobody: the relay has given the call up.
  wait_until([&] { return gate.late_replies() == 1; });
}

TEST(RuleS7, ACallerWithinTheProgramIsAnsweredFromElsewhere) {
  relayed gate;
  EXPECT_EQ(gate.near.risk(9).wait(), 9);
  EXPECT_THROW(gate.near.risk(1).wait(), call_error);
}

}  // namespace
}  // namespace tryst::bridge_test
