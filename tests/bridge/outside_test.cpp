// Callers over RPC as guards, bodies and queues see them: who they are, how many, in which order,
// and that none of them ends a server.
#include <gtest/gtest.h>

#include "bridge/gate_module.hpp"
#include "support/datagram_socket.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

TEST(RuleS13, WhatABodyThrowsForARemoteCallerEndsNoServer) {
  running_gate gate;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, risk, {1})), (reply{1, system_err, 0}));
  EXPECT_EQ(gate.errors, 1);
  EXPECT_EQ(ask(peer, gate_call(2, risk, {9})), (reply{2, success, 9}));
}

TEST(RuleS13, WhatAGuardThrowsOnARemoteCallRefusesThatCall) {
  served_gate gate;
  raw_client peer{gate.listen()};
  // Queued before any statement looks: 9 stands behind one that no guard survives.
  send(peer, gate_call(1, risk, {2}));
  send(peer, gate_call(2, risk, {9}));
  wait_until([&] { return gate.module.risk.pending() == 2; });
  gate.start();
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
  EXPECT_EQ(receive(peer), (reply{2, success, 9}));
  EXPECT_EQ(gate.errors, 1);
}

TEST(RuleS13, WhatASchedulingExpressionThrowsOnARemoteCallRefusesThatCall) {
  served_gate gate;
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, risk, {9}));
  send(peer, gate_call(2, risk, {3}));
  send(peer, gate_call(3, risk, {8}));
  wait_until([&] { return gate.module.risk.pending() == 3; });
  gate.start();
  EXPECT_EQ(receive(peer), (reply{2, system_err, 0}));
  EXPECT_EQ(receive(peer), (reply{3, success, 8}));
  EXPECT_EQ(receive(peer), (reply{1, success, 9}));
  EXPECT_EQ(gate.errors, 1);
}

TEST(RuleS13, ARefusalThatABodyThrowsIsTheReply) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, risk, {4}));
  const bytes denied = peer.read_record();
  EXPECT_EQ(word_of(denied, 2), 1U);  // MSG_DENIED
  EXPECT_EQ(word_of(denied, 4), 5U);  // AUTH_TOOWEAK
  EXPECT_EQ(gate.errors, 0);
}

TEST(RuleS13, WhatABodyThrowsForASendIsTold) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, shout, {5, 0x7468726f, 0x77000000}));  // "throw"
  wait_until([&] { return gate.errors == 1; });
  EXPECT_EQ(ask(peer, gate_call(2, risk, {9})), (reply{2, success, 9}));
}

TEST(RuleS1, ACallIsQueuedUntilItsGuardIsTrue) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send_and_queue(gate, peer, 1, pass, 7);
  EXPECT_EQ(ask(peer, gate_call(2, open)), (reply{2, success, 0}));
  EXPECT_EQ(receive(peer), (reply{1, success, 7}));
}

TEST(RuleS6, ARemoteCallIsAnsweredFromAnyThread) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send_and_take(gate, peer, 1, hold, 1);
  std::optional<call<std::int32_t(std::int32_t)>> held;
  gate.on_loop([&] { held.emplace(std::move(gate.module.held[0])); });
  held->reply(5);
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
  EXPECT_EQ(gate.module.undone_calls, 0);
}

TEST(RuleS6, ARemoteCallThatIsDroppedUnansweredIsASystemError) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send_and_take(gate, peer, 1, hold, 1);
  gate.on_loop([&] { gate.module.held.clear(); });
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
}

TEST(RuleI2, ASendIsAnsweredWhenItIsQueued) {
  served_gate gate;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, note, {1, 0x61000000})), (reply{1, success, 0}));
  EXPECT_EQ(gate.module.note.pending(), 1U);
  gate.start();
  wait_until([&] { return gate.module.note.pending() == 0; });
  gate.on_loop([&] { EXPECT_EQ(gate.module.lines, std::vector<std::string>{"a"}); });
}

TEST(RuleI2, ASendIsAnsweredWhenItIsQueuedIfTheXSaysThatItIsAcknowledged) {
  static_assert(GATE_V1::TELL::annotations.acknowledged);
  served_gate gate;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, tell, {1, 0x61000000})), (reply{1, success, 0}));
  EXPECT_EQ(gate.module.tell.pending(), 1U);
}

TEST(RuleI2, AOneWaySendIsNotAnswered) {
  served_gate gate;
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, shout, {1, 0x61000000}));
  EXPECT_EQ(ask(peer, gate_call(2, ping)), (reply{2, success, 0}));
  EXPECT_EQ(gate.module.shout.pending(), 1U);
}

TEST(RuleI2, ASendStaysQueuedWhenItsConnectionIsLost) {
  served_gate gate;
  std::optional<raw_client> peer{std::in_place, gate.listen()};
  EXPECT_EQ(ask(*peer, gate_call(1, note, {1, 0x61000000})), (reply{1, success, 0}));
  peer->reset();
  gate.wait_until_open(0);
  EXPECT_EQ(gate.module.note.pending(), 1U);
}

TEST(RuleI2, ASendToAClosedModuleIsRefused) {
  served_gate gate;
  gate.module.close();
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, note, {1, 0x61000000})), (reply{1, system_err, 0}));
}

TEST(RuleI2, AProcedureWithAResultCannotBeASend) {
  loop_thread home;
  rpc::server server{home};
  gate_module module;
  EXPECT_THROW(
      publish<GATE_V1>(server, module, exported<GATE_V1::PASS>(&gate_module::pass, {.sent = true})),
      std::invalid_argument);
}

TEST(RuleI3, CallsOfOneConnectionAreQueuedInTheOrderOfTheirReceipt) {
  served_gate gate;
  raw_client peer{gate.listen()};
  for (std::uint32_t i = 0; i < 100; ++i) send(peer, gate_call(i, pass, {i}));
  send(peer, gate_call(100, open));
  wait_until([&] { return gate.module.open.pending() == 1; });
  gate.start();
  EXPECT_EQ(receive(peer).xid, 100U);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(receive(peer), (reply{i, success, i}));
}

TEST(RuleI4, HostileArgumentsAreNeverQueued) {
  served_gate gate;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, pass)), (reply{1, garbage_args, 0}));
  EXPECT_EQ(ask(peer, gate_call(2, pass, {1, 2})), (reply{2, garbage_args, 0}));
  EXPECT_EQ(ask(peer, gate_call(3, note, {0xffffffff})), (reply{3, garbage_args, 0}));
  EXPECT_EQ(ask(peer, gate_call(4, note, {65})), (reply{4, garbage_args, 0}));
  EXPECT_EQ(ask(peer, gate_call(5, 99)), (reply{5, proc_unavail, 0}));
  EXPECT_EQ(gate.module.pass.pending() + gate.module.note.pending(), 0U);
}

TEST(BackPressure, AConnectionThatHasFilledItsRoomWithCallsThatWaitCanStillReleaseThem) {
  running_gate gate{{}, {}, {.max_pending = 10'000}};
  raw_client peer{gate.listen()};
  constexpr std::uint32_t room = 1024;
  for (std::uint32_t i = 0; i < room + 1; ++i) send(peer, gate_call(i, pass, {i}));
  EXPECT_EQ(receive(peer), (reply{room, system_err, 0}));
  EXPECT_EQ(gate.module.pass.pending(), room);
  send(peer, gate_call(room + 1, open));
  EXPECT_EQ(receive(peer), (reply{room + 1, success, 0}));
  for (std::uint32_t i = 0; i < room; ++i) EXPECT_EQ(receive(peer), (reply{i, success, i}));
}

TEST(BackPressure, AnOperationHasRoomForSoManyCalls) {
  running_gate gate{{}, {}, {.max_pending = 3}};
  raw_client peer{gate.listen()};
  for (std::uint32_t i = 0; i < 4; ++i) send(peer, gate_call(i, pass, {i}));
  EXPECT_EQ(receive(peer), (reply{3, system_err, 0}));
  EXPECT_EQ(ask(peer, gate_call(4, open)), (reply{4, success, 0}));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(receive(peer), (reply{i, success, i}));
}

TEST(BackPressure, AnOperationHasRoomForAsManyCallsAsTheXSays) {
  static_assert(GATE_V1::SQUEEZE::annotations.max_pending == 2);
  served_gate gate;  // not started: they wait until their time is over
  raw_client peer{gate.listen()};
  for (std::uint32_t i = 0; i < 3; ++i) send(peer, gate_call(i, squeeze, {i}));
  EXPECT_EQ(receive(peer), (reply{2, system_err, 0}));
}

// With AUTH_SYS: stamp, machine name, uid 1001, gid, no groups.
bytes known_call(std::uint32_t xid) {
  return tests::bytes_of(
      {xid, 0, 2, 0x2000010a, 1, who, 1, 24, 0, 1, 0x61000000, 1001, 100, 0, 0, 0});
}

TEST(Caller, IsVisibleToGuardsAndBodies) {
  running_gate gate;
  const rpc::address where = gate.listen();
  raw_client peer{where};
  send(peer, gate_call(1, who));
  send(peer, known_call(2));
  EXPECT_EQ(receive(peer), (reply{2, success, 1001}));
  EXPECT_EQ(gate.module.who.pending(), 1U);  // nobody in particular waits for ever
  gate.on_loop([&] {
    EXPECT_EQ(gate.module.last_caller.where.host, "127.0.0.1");
    EXPECT_EQ(gate.module.last_caller.who.machine_name(), "");
  });
}

TEST(Caller, KnowsWhenItsConnectionEndsAndOverDatagramsNothing) {
  running_gate gate;
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  const auto lost = [&] {
    std::stop_token token;
    gate.on_loop([&] { token = gate.module.last_caller.connection_lost; });
    return token;
  };
  send(*peer, known_call(1));
  EXPECT_EQ(receive(*peer), (reply{1, success, 1001}));
  EXPECT_FALSE(lost().stop_requested());
  peer.reset();
  wait_until([&] { return lost().stop_requested(); });

  test::datagram_socket datagrams;
  const bytes message = known_call(2);
  const auto port = gate.listen("udp://127.0.0.1:0").port;
  datagrams.send_to(test::loopback(port), std::as_bytes(std::span{message}));
  EXPECT_TRUE(datagrams.receive());
  EXPECT_FALSE(lost().stop_possible());
}

TEST(Server, ThatIsDestroyedTakesItsCallsBack) {
  loop_thread home;
  gate_module module;
  std::optional<rpc::server> server{std::in_place, home};
  publish<GATE_V1>(*server, module, exported<GATE_V1::PASS>(&gate_module::pass));
  raw_client peer{server->listen("tcp://127.0.0.1:0")};
  send(peer, gate_call(1, pass, {1}));
  wait_until([&] { return module.pass.pending() == 1; });
  server.reset();
  wait_until([&] { return module.pass.pending() == 0; });
  EXPECT_TRUE(peer.is_closed_by_server());
}

}  // namespace
}  // namespace tryst::bridge_test
