// The remote table, row "the connection is lost": the call is queued, taken by a body, or done.
#include <gtest/gtest.h>

#include "bridge/gate_module.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

TEST(RemoteTable, ConnectionLostQueuedIsCancelledAtOnce) {
  running_gate gate;
  const rpc::address where = gate.listen();
  raw_client stays{where};
  std::optional<raw_client> goes{std::in_place, where};
  send_and_queue(gate, *goes, 1, pass, 1);
  send_and_queue(gate, stays, 2, pass, 2);
  goes->reset();
  wait_until([&] { return gate.module.pass.pending() == 1; });
  send(stays, gate_call(3, open));
  EXPECT_EQ(receive(stays).xid, 3U);
  EXPECT_EQ(receive(stays), (reply{2, success, 2}));
  EXPECT_EQ(gate.module.passed, 1);
}

// As the system does for a process that is killed.
TEST(RemoteTable, ConnectionLostQueuedByAClientThatSendsNoMoreIsCancelledAtOnce) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send_and_queue(gate, peer, 1, pass, 1);
  peer.finish_writing();
  wait_until([&] { return gate.module.pass.pending() == 0; });
  EXPECT_TRUE(peer.is_closed_by_server());
}

TEST(RemoteTable, ConnectionLostQueuedIsANewCallWhenItsClientComesBack) {
  running_gate gate{remembering()};
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send_and_queue(gate, *peer, 1, pass, 7);
  peer->reset();
  wait_until([&] { return gate.server.counters().replies.forgotten == 1; });
  EXPECT_EQ(gate.module.pass.pending(), 0U);
  peer.emplace(where);
  send_and_queue(gate, *peer, 1, pass, 7);
  send(*peer, gate_call(2, open));
  EXPECT_EQ(receive(*peer).xid, 2U);
  EXPECT_EQ(receive(*peer), (reply{1, success, 7}));
}

TEST(RemoteTable, ConnectionLostQueuedOfAProcedureThatIsOnceIsKeptForATimeOfGrace) {
  running_gate gate{{.grace = 1h}};
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send_and_queue(gate, *peer, 1, enter, 7);
  peer->reset();
  gate.wait_until_open(0);
  EXPECT_EQ(gate.module.enter.pending(), 1U);
  peer.emplace(where);
  send(*peer, gate_call(1, enter, {7}));
  wait_until([&] { return gate.server.counters().replies.attached == 1; });
  send(*peer, gate_call(2, open));
  EXPECT_EQ(receive(*peer).xid, 2U);
  EXPECT_EQ(receive(*peer), (reply{1, success, 7}));
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, ConnectionLostQueuedOfAProcedureThatIsOnceIsCancelledAfterTheGrace) {
  running_gate gate{{.grace = 10ms}};
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send_and_queue(gate, *peer, 1, enter, 7);
  peer->reset();
  wait_until([&] { return gate.server.counters().replies.forgotten == 1; });
  EXPECT_EQ(gate.module.enter.pending(), 0U);
}

TEST(RemoteTable, ConnectionLostQueuedOfAClientThatCameBackIsCancelledWhenThatOneIsLostToo) {
  running_gate gate{{.grace = 10ms}};
  const rpc::address where = gate.listen();
  std::optional<raw_client> first{std::in_place, where};
  std::optional<raw_client> second{std::in_place, where};
  send_and_queue(gate, *first, 1, enter, 7);
  send(*second, gate_call(1, enter, {7}));
  wait_until([&] { return gate.server.counters().replies.attached == 1; });
  first->reset();
  gate.wait_until_open(1);
  second->finish_writing();
  wait_until([&] { return gate.server.counters().replies.forgotten == 1; });
  EXPECT_EQ(gate.module.enter.pending(), 0U);
}

TEST(RemoteTable, ConnectionLostTakenIsUndoneThoughItsClientCameBackIfThatOneIsLostToo) {
  running_gate gate{remembering()};
  const rpc::address where = gate.listen();
  std::optional<raw_client> first{std::in_place, where};
  std::optional<raw_client> second{std::in_place, where};
  send_and_take(gate, *first, 1, hold, 7);
  send(*second, gate_call(1, hold, {7}));
  wait_until([&] { return gate.server.counters().replies.attached == 1; });
  first->reset();
  second->reset();
  gate.wait_until_open(0);
  gate.answer(0, 5);
  wait_until([&] { return gate.module.undone_calls == 1; });
}

TEST(RemoteTable, ConnectionLostTakenIsAbandonedAndUndone) {
  running_gate gate;
  std::optional<raw_client> goes{std::in_place, gate.listen()};
  send_and_take(gate, *goes, 1, hold, 1);
  std::stop_token nobody_waits;
  gate.on_loop([&] { nobody_waits = gate.module.held[0].stop_token(); });
  EXPECT_FALSE(nobody_waits.stop_requested());
  goes->reset();
  wait_until([&] { return nobody_waits.stop_requested(); });
  EXPECT_EQ(gate.module.undone_calls, 0);
  gate.answer(0, 5);
  wait_until([&] { return gate.module.undone_calls == 1; });
}

TEST(RemoteTable, ConnectionLostTakenThenUndoneIsANewCallWhenItsClientComesBack) {
  running_gate gate{remembering()};
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send_and_take(gate, *peer, 1, hold, 7);
  peer->reset();
  gate.wait_until_open(0);
  gate.answer(0, 5);
  wait_until([&] { return gate.module.undone_calls == 1; });
  peer.emplace(where);
  send_and_take(gate, *peer, 1, hold, 7);
  gate.answer(1, 6);
  EXPECT_EQ(receive(*peer), (reply{1, success, 6}));
}

// What cannot be undone is not run again either.
TEST(RemoteTable, ConnectionLostTakenLeavesItsReplyToAClientThatComesBack) {
  running_gate gate{remembering()};
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  send_and_take(gate, *peer, 1, hold_for_good, 7);
  peer->reset();
  gate.wait_until_open(0);
  gate.answer(0, 5);
  peer.emplace(where);
  EXPECT_EQ(ask(*peer, gate_call(1, hold_for_good, {7})), (reply{1, success, 5}));
  EXPECT_EQ(gate.module.holding, 1U);
}

TEST(RemoteTable, ConnectionLostDoneIsRememberedForTheTimeOfTheCache) {
  running_gate gate{remembering()};
  gate.module.is_open = true;
  const rpc::address where = gate.listen();
  std::optional<raw_client> peer{std::in_place, where};
  EXPECT_EQ(ask(*peer, gate_call(1, pass, {7})), (reply{1, success, 7}));
  peer->reset();
  gate.wait_until_open(0);
  EXPECT_EQ(gate.server.counters().replies.entries, 1U);
}

TEST(RemoteTable, ConnectionLostDoneIsForgottenAfterThatTime) {
  running_gate gate{remembering(), {.replies = {.window = 1ns}}};
  gate.module.is_open = true;
  const rpc::address where = gate.listen();
  wait_until([&] {
    raw_client peer{where};
    EXPECT_EQ(ask(peer, gate_call(1, pass, {7})), (reply{1, success, 7}));
    return gate.module.passed == 2;
  });
  EXPECT_EQ(gate.server.counters().replies.expired, 1U);
}

}  // namespace
}  // namespace tryst::bridge_test
