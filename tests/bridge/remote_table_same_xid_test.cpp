// The remote table, row "the same xid again": the call is queued, taken by a body, or done.
#include <gtest/gtest.h>

#include "bridge/over_udp.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

// A service that remembers calls over streams (service_options::cache_stream_replies).
publish_options remembering() { return {.service = {.cache_stream_replies = true}}; }

// Every copy of an ended call is heeded.
rpc::server_options heeding() { return {.replies = {.doubled_within = 0ms}}; }

TEST(RemoteTable, SameXidQueuedIsDroppedOverDatagrams) {
  served_gate gate;
  gate.start();
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  for (int i = 0; i < 3; ++i) send(peer, gate_call(1, pass, {7}));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.pass.pending(), 1U);
  send(peer, gate_call(2, open));
  EXPECT_EQ(receive(peer), (reply{2, success, 0}));
  EXPECT_EQ(receive(peer), (reply{1, success, 7}));
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, SameXidQueuedIsDroppedOverTheSameConnection) {
  served_gate gate{remembering()};
  gate.start();
  raw_client peer{gate.listen()};
  for (int i = 0; i < 3; ++i) send(peer, gate_call(1, pass, {7}));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.pass.pending(), 1U);
  send(peer, gate_call(2, open));
  EXPECT_EQ(receive(peer), (reply{2, success, 0}));
  EXPECT_EQ(receive(peer), (reply{1, success, 7}));
  send(peer, gate_call(3, ping));
  EXPECT_EQ(receive(peer), (reply{3, success, 0}));  // and not another answer to 1
}

TEST(RemoteTable, SameXidQueuedOfAnIdempotentProcedureIsDroppedToo) {
  served_gate gate;
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  for (int i = 0; i < 3; ++i) send(peer, gate_call(1, who));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.who.pending(), 1U);
}

TEST(RemoteTable, SameXidQueuedOverAnotherConnectionIsAnsweredThere) {
  served_gate gate{remembering()};
  gate.start();
  const rpc::address where = gate.listen();
  std::optional<raw_client> first{std::in_place, where};
  raw_client second{where};
  send(*first, gate_call(1, pass, {7}));
  wait_until([&] { return gate.module.pass.pending() == 1; });
  send(second, gate_call(1, pass, {7}));
  wait_until([&] { return gate.server.counters().replies.attached == 1; });
  first->reset();
  wait_until([&] { return gate.server.counters().open == 1; });
  EXPECT_EQ(gate.module.pass.pending(), 1U);
  send(second, gate_call(2, open));
  EXPECT_EQ(receive(second).xid, 2U);
  EXPECT_EQ(receive(second), (reply{1, success, 7}));
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, SameXidTakenIsDroppedOverDatagrams) {
  served_gate gate;
  gate.start();
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  send(peer, gate_call(1, hold, {7}));
  wait_until([&] { return gate.module.holding == 1; });
  for (int i = 0; i < 2; ++i) send(peer, gate_call(1, hold, {7}));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.holding, 1U);
  gate.on_loop([&] { gate.module.held[0].reply(5); });
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
}

TEST(RemoteTable, SameXidTakenIsDroppedOverTheSameConnection) {
  served_gate gate{remembering()};
  gate.start();
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, hold, {7}));
  wait_until([&] { return gate.module.holding == 1; });
  send(peer, gate_call(1, hold, {7}));
  send(peer, gate_call(2, ping));
  EXPECT_EQ(receive(peer), (reply{2, success, 0}));
  EXPECT_EQ(gate.server.counters().replies.in_progress, 1U);
  EXPECT_EQ(gate.module.holding, 1U);
  gate.on_loop([&] { gate.module.held[0].reply(5); });
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
}

TEST(RemoteTable, SameXidTakenOverAnotherConnectionIsAnsweredThere) {
  served_gate gate{remembering()};
  gate.start();
  const rpc::address where = gate.listen();
  std::optional<raw_client> first{std::in_place, where};
  raw_client second{where};
  send(*first, gate_call(1, hold, {7}));
  wait_until([&] { return gate.module.holding == 1; });
  send(second, gate_call(1, hold, {7}));
  wait_until([&] { return gate.server.counters().replies.attached == 1; });
  first->reset();
  wait_until([&] { return gate.server.counters().open == 1; });
  gate.on_loop([&] { gate.module.held[0].reply(5); });
  EXPECT_EQ(receive(second), (reply{1, success, 5}));
  EXPECT_EQ(gate.module.holding, 1U);
  EXPECT_EQ(gate.module.undone_calls, 0);
}

TEST(RemoteTable, SameXidDoneIsAnsweredAgainOverDatagrams) {
  served_gate gate{{}, heeding()};
  gate.start();
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  send(peer, gate_call(1, open));
  EXPECT_EQ(receive(peer), (reply{1, success, 0}));
  for (int i = 0; i < 2; ++i) {
    send(peer, gate_call(2, pass, {7}));
    EXPECT_EQ(receive(peer), (reply{2, success, 7}));
  }
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, SameXidDoneIsAnsweredAgainOverANewConnection) {
  served_gate gate{remembering()};
  gate.start();
  const rpc::address where = gate.listen();
  gate.module.is_open = true;
  for (int i = 0; i < 2; ++i) {
    raw_client peer{where};
    send(peer, gate_call(1, pass, {7}));
    EXPECT_EQ(receive(peer), (reply{1, success, 7}));
  }
  EXPECT_EQ(gate.module.passed, 1);
  EXPECT_EQ(gate.server.counters().replies.hits, 1U);
}

TEST(RemoteTable, SameXidDoneOfWhatFailedIsRefusedAgain) {
  served_gate gate{{}, heeding()};
  gate.start();
  udp_peer peer{gate.listen("udp://127.0.0.1:0").port};
  for (int i = 0; i < 2; ++i) {
    send(peer, gate_call(1, risk, {1}));
    EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
  }
  EXPECT_EQ(gate.errors, 1);
}

}  // namespace
}  // namespace tryst::bridge_test
