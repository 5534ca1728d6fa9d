// What becomes of a call that came over RPC: queued, taken or done, and its connection lost, its
// time over, its operation closed, its body failed.
#include <gtest/gtest.h>

#include "bridge/gate_module.hpp"
#include "support/datagram_socket.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

TEST(RemoteTable, ACallIsQueuedUntilItsGuardIsTrue) {
  served_gate gate;
  gate.start();
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, pass, {7}));
  wait_until([&] { return gate.module.pass.pending() == 1; });
  send(peer, gate_call(2, open));
  EXPECT_EQ(receive(peer), (reply{2, success, 0}));
  EXPECT_EQ(receive(peer), (reply{1, success, 7}));
}

TEST(RemoteTable, QueuedACallWhoseConnectionIsLostIsCancelledAtOnce) {
  served_gate gate;
  gate.start();
  const rpc::address where = gate.listen();
  raw_client stays{where};
  std::optional<raw_client> goes{std::in_place, where};
  send(*goes, gate_call(1, pass, {1}));
  wait_until([&] { return gate.module.pass.pending() == 1; });
  send(stays, gate_call(2, pass, {2}));
  wait_until([&] { return gate.module.pass.pending() == 2; });
  goes->reset();
  wait_until([&] { return gate.module.pass.pending() == 1; });
  send(stays, gate_call(3, open));
  EXPECT_EQ(receive(stays).xid, 3U);
  EXPECT_EQ(receive(stays), (reply{2, success, 2}));
  EXPECT_EQ(gate.module.passed, 1);
}

// As the system does for a process that is killed.
TEST(RemoteTable, QueuedACallWhoseClientSendsNoMoreIsCancelledAtOnce) {
  served_gate gate;
  gate.start();
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, pass, {1}));
  wait_until([&] { return gate.module.pass.pending() == 1; });
  peer.finish_writing();
  wait_until([&] { return gate.module.pass.pending() == 0; });
  EXPECT_TRUE(peer.is_closed_by_server());
}

TEST(RemoteTable, TakenACallWhoseConnectionIsLostIsAbandoned) {
  served_gate gate;
  gate.start();
  std::optional<raw_client> goes{std::in_place, gate.listen()};
  send(*goes, gate_call(1, hold, {1}));
  wait_until([&] { return gate.module.holding == 1; });
  std::stop_token nobody_waits;
  gate.on_loop([&] { nobody_waits = gate.module.held[0].stop_token(); });
  EXPECT_FALSE(nobody_waits.stop_requested());
  goes->reset();
  wait_until([&] { return nobody_waits.stop_requested(); });
  EXPECT_EQ(gate.module.undone_calls, 0);
  gate.on_loop([&] { gate.module.held[0].reply(5); });
  wait_until([&] { return gate.module.undone_calls == 1; });
}

TEST(RemoteTable, TakenACallIsAnsweredFromAnyThread) {
  served_gate gate;
  gate.start();
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, hold, {1}));
  wait_until([&] { return gate.module.holding == 1; });
  std::optional<call<std::int32_t(std::int32_t)>> held;
  gate.on_loop([&] { held.emplace(std::move(gate.module.held[0])); });
  held->reply(5);
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
  EXPECT_EQ(gate.module.undone_calls, 0);
}

TEST(RemoteTable, TakenACallThatIsDroppedUnansweredIsASystemError) {
  served_gate gate;
  gate.start();
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, hold, {1}));
  wait_until([&] { return gate.module.holding == 1; });
  gate.on_loop([&] { gate.module.held.clear(); });
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
}

TEST(RemoteTable, QueuedACallIsRefusedWhenItHasWaitedForTooLong) {
  served_gate gate{{}, {}, {.max_wait = 20ms}};
  gate.start();
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, pass, {1}));
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
  EXPECT_EQ(gate.module.pass.pending(), 0U);
  send(peer, gate_call(2, open));
  EXPECT_EQ(receive(peer).xid, 2U);
  send(peer, gate_call(3, pass, {3}));
  EXPECT_EQ(receive(peer), (reply{3, success, 3}));
}

TEST(RemoteTable, QueuedACallWhoseModuleClosesIsASystemError) {
  served_gate gate;
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, pass, {1}));
  wait_until([&] { return gate.module.pass.pending() == 1; });
  gate.module.close();
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
  send(peer, gate_call(2, pass, {1}));
  EXPECT_EQ(receive(peer), (reply{2, system_err, 0}));
}

TEST(RemoteTable, QueuedACallWhoseOperationIsUnexportedIsUnavailable) {
  served_gate gate;
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, pass, {1}));
  wait_until([&] { return gate.module.pass.pending() == 1; });
  gate.service->withdraw();
  send(peer, gate_call(2, pass, {1}));
  EXPECT_EQ(receive(peer), (reply{2, proc_unavail, 0}));
  gate.module.close();
  EXPECT_EQ(receive(peer), (reply{1, proc_unavail, 0}));
}

TEST(RemoteTable, TakenACallWhoseModuleClosesIsFinished) {
  served_gate gate;
  gate.start();
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, hold, {1}));
  wait_until([&] { return gate.module.holding == 1; });
  gate.module.close();
  gate.on_loop([&] { gate.module.held[0].reply(5); });
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
}

TEST(RemoteTable, QueuedACallThatIsSentAgainIsDroppedAndDoneItIsAnsweredAgain) {
  served_gate gate{{}, {.replies = {.doubled_within = 0ms}}};
  gate.start();
  const auto port = gate.listen("udp://127.0.0.1:0").port;
  test::datagram_socket peer;
  const auto say = [&](const bytes& message) {
    peer.send_to(test::loopback(port), std::as_bytes(std::span{message}));
  };
  const auto hear = [&] {
    const auto message = peer.receive().value().message;
    bytes same(message.size());
    std::memcpy(same.data(), message.data(), message.size());
    return parsed(same);
  };
  for (int i = 0; i < 3; ++i) say(gate_call(1, pass, {7}));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.pass.pending(), 1U);
  say(gate_call(2, open));
  EXPECT_EQ(hear(), (reply{2, success, 0}));
  EXPECT_EQ(hear(), (reply{1, success, 7}));
  say(gate_call(1, pass, {7}));
  EXPECT_EQ(hear(), (reply{1, success, 7}));
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, QueuedACallOfAProcedureThatIsIdempotentIsNotQueuedAgainEither) {
  served_gate gate;
  const auto port = gate.listen("udp://127.0.0.1:0").port;
  test::datagram_socket peer;
  const bytes message = gate_call(1, who);
  for (int i = 0; i < 3; ++i) peer.send_to(test::loopback(port), std::as_bytes(std::span{message}));
  wait_until([&] { return gate.server.counters().replies.in_progress == 2; });
  EXPECT_EQ(gate.module.who.pending(), 1U);
}

// A service that remembers calls over streams (service_options::cache_stream_replies).
publish_options remembering() { return {.service = {.cache_stream_replies = true}}; }

TEST(RemoteTable, QueuedACallThatIsSentAgainFromElsewhereIsAnsweredThere) {
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

TEST(RemoteTable, QueuedACallThatMustRunOnceOutlivesItsConnectionForATimeOfGrace) {
  served_gate gate{{.grace = 1h}};
  gate.start();
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send(*peer, gate_call(1, enter, {7}));
  wait_until([&] { return gate.module.enter.pending() == 1; });
  peer->reset();
  wait_until([&] { return gate.server.counters().open == 0; });
  EXPECT_EQ(gate.module.enter.pending(), 1U);
  peer.emplace(where);
  send(*peer, gate_call(1, enter, {7}));
  wait_until([&] { return gate.server.counters().replies.attached == 1; });
  send(*peer, gate_call(2, open));
  EXPECT_EQ(receive(*peer).xid, 2U);
  EXPECT_EQ(receive(*peer), (reply{1, success, 7}));
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, QueuedACallThatMustRunOnceIsCancelledWhenItsClientDoesNotComeBack) {
  served_gate gate{{.grace = 10ms}};
  gate.start();
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send(*peer, gate_call(1, enter, {7}));
  wait_until([&] { return gate.module.enter.pending() == 1; });
  peer->reset();
  wait_until([&] { return gate.server.counters().replies.forgotten == 1; });
  EXPECT_EQ(gate.module.enter.pending(), 0U);
}

TEST(RemoteTable, CancelledACallIsANewOneWhenItsClientComesBack) {
  served_gate gate{remembering()};
  gate.start();
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send(*peer, gate_call(1, pass, {7}));
  wait_until([&] { return gate.module.pass.pending() == 1; });
  peer->reset();
  wait_until([&] { return gate.module.pass.pending() == 0; });
  peer.emplace(where);
  send(*peer, gate_call(1, pass, {7}));
  wait_until([&] { return gate.module.pass.pending() == 1; });
  send(*peer, gate_call(2, open));
  EXPECT_EQ(receive(*peer).xid, 2U);
  EXPECT_EQ(receive(*peer), (reply{1, success, 7}));
}

TEST(RemoteTable, AbandonedACallThatWasUndoneIsANewOneWhenItsClientComesBack) {
  served_gate gate{remembering()};
  gate.start();
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send(*peer, gate_call(1, hold, {7}));
  wait_until([&] { return gate.module.holding == 1; });
  peer->reset();
  wait_until([&] { return gate.server.counters().open == 0; });
  gate.on_loop([&] { gate.module.held[0].reply(5); });
  wait_until([&] { return gate.module.undone_calls == 1; });
  peer.emplace(where);
  send(*peer, gate_call(1, hold, {7}));
  wait_until([&] { return gate.module.holding == 2; });
  gate.on_loop([&] { gate.module.held[1].reply(6); });
  EXPECT_EQ(receive(*peer), (reply{1, success, 6}));
}

}  // namespace
}  // namespace tryst::bridge_test
