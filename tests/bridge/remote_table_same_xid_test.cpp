// The remote table, row "the same xid again": the call is queued, taken by a body, or done.
#include <gtest/gtest.h>

#include "bridge/over_udp.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

// Every copy of an ended call is heeded.
rpc::server_options heeding() { return {.replies = {.doubled_within = 0ms}}; }

TEST(RemoteTable, SameXidQueuedIsDroppedOverDatagrams) {
  running_gate gate;
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  for (int i = 0; i < 3; ++i) send(peer, gate_call(1, pass, {7}));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.pass.pending(), 1U);
  EXPECT_EQ(ask(peer, gate_call(2, open)), (reply{2, success, 0}));
  EXPECT_EQ(receive(peer), (reply{1, success, 7}));
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, SameXidQueuedIsDroppedOverTheSameConnection) {
  running_gate gate{remembering()};
  raw_client peer{gate.listen()};
  for (int i = 0; i < 3; ++i) send(peer, gate_call(1, pass, {7}));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.pass.pending(), 1U);
  EXPECT_EQ(ask(peer, gate_call(2, open)), (reply{2, success, 0}));
  EXPECT_EQ(receive(peer), (reply{1, success, 7}));
  EXPECT_EQ(ask(peer, gate_call(3, ping)), (reply{3, success, 0}));  // and not another answer to 1
}

TEST(RemoteTable, SameXidQueuedOfAnIdempotentProcedureIsDroppedToo) {
  served_gate gate;
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  for (int i = 0; i < 3; ++i) send(peer, gate_call(1, who));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.who.pending(), 1U);
}

TEST(RemoteTable, SameXidQueuedOverAnotherConnectionIsAnsweredThere) {
  running_gate gate{remembering()};
  const rpc::address where = gate.listen();
  std::optional<raw_client> first{std::in_place, where};
  raw_client second{where};
  send_and_queue(gate, *first, 1, pass, 7);
  send(second, gate_call(1, pass, {7}));
  wait_until([&] { return gate.server.counters().replies.attached == 1; });
  first->reset();
  gate.wait_until_open(1);
  EXPECT_EQ(gate.module.pass.pending(), 1U);
  send(second, gate_call(2, open));
  EXPECT_EQ(receive(second).xid, 2U);
  EXPECT_EQ(receive(second), (reply{1, success, 7}));
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, SameXidTakenIsDroppedOverDatagrams) {
  running_gate gate;
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  send_and_take(gate, peer, 1, hold, 7);
  for (int i = 0; i < 2; ++i) send(peer, gate_call(1, hold, {7}));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.holding, 1U);
  gate.answer(0, 5);
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
}

TEST(RemoteTable, SameXidTakenIsDroppedOverTheSameConnection) {
  running_gate gate{remembering()};
  raw_client peer{gate.listen()};
  send_and_take(gate, peer, 1, hold, 7);
  send(peer, gate_call(1, hold, {7}));
  EXPECT_EQ(ask(peer, gate_call(2, ping)), (reply{2, success, 0}));
  EXPECT_EQ(gate.server.counters().replies.in_progress, 1U);
  EXPECT_EQ(gate.module.holding, 1U);
  gate.answer(0, 5);
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
}

TEST(RemoteTable, SameXidTakenOverAnotherConnectionIsAnsweredThere) {
  running_gate gate{remembering()};
  const rpc::address where = gate.listen();
  std::optional<raw_client> first{std::in_place, where};
  raw_client second{where};
  send_and_take(gate, *first, 1, hold, 7);
  send(second, gate_call(1, hold, {7}));
  wait_until([&] { return gate.server.counters().replies.attached == 1; });
  first->reset();
  gate.wait_until_open(1);
  gate.answer(0, 5);
  EXPECT_EQ(receive(second), (reply{1, success, 5}));
  EXPECT_EQ(gate.module.holding, 1U);
  EXPECT_EQ(gate.module.undone_calls, 0);
}

TEST(RemoteTable, SameXidDoneIsAnsweredAgainOverDatagrams) {
  running_gate gate{{}, heeding()};
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  EXPECT_EQ(ask(peer, gate_call(1, open)), (reply{1, success, 0}));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask(peer, gate_call(2, pass, {7})), (reply{2, success, 7}));
  }
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, SameXidDoneIsAnsweredAgainOverANewConnection) {
  running_gate gate{remembering()};
  const rpc::address where = gate.listen();
  gate.module.is_open = true;
  for (int i = 0; i < 2; ++i) {
    raw_client peer{where};
    EXPECT_EQ(ask(peer, gate_call(1, pass, {7})), (reply{1, success, 7}));
  }
  EXPECT_EQ(gate.module.passed, 1);
  EXPECT_EQ(gate.server.counters().replies.hits, 1U);
}

TEST(RemoteTable, SameXidDoneOfWhatFailedIsRefusedAgain) {
  running_gate gate{{}, heeding()};
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask(peer, gate_call(1, risk, {1})), (reply{1, system_err, 0}));
  }
  EXPECT_EQ(gate.errors, 1);
}

}  // namespace
}  // namespace tryst::bridge_test
