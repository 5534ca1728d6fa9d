// The remote table, rows "max_wait has passed", "the module closes", "the body throws" and "the
// client cancels": the call is queued, taken by a body, or done.
#include <gtest/gtest.h>

#include <thread>

#include "bridge/afar.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

TEST(RemoteTable, MaxWaitPassedQueuedIsRefused) {
  running_gate gate{{}, {}, {.max_wait = 20ms}};
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, pass, {1})), (reply{1, system_err, 0}));
  EXPECT_EQ(gate.module.pass.pending(), 0U);
  EXPECT_EQ(gate.errors, 0);
  send(peer, gate_call(2, open));
  EXPECT_EQ(receive(peer).xid, 2U);
  EXPECT_EQ(ask(peer, gate_call(3, pass, {3})), (reply{3, success, 3}));
}

TEST(RemoteTable, MaxWaitPassedQueuedIsAnsweredAsItIsMapped) {
  served_gate gate;  // the .x has the time
  gate.start();
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, squeeze, {1})), (reply{1, success, 0xffffffff}));
  EXPECT_EQ(gate.module.squeeze.pending(), 0U);
}

TEST(RemoteTable, MaxWaitPassedTakenIsNothing) {
  running_gate gate{{.max_wait = 10ms}};
  raw_client peer{gate.listen()};
  send_and_take(gate, peer, 1, hold, 1);
  // One that came later, and is queued, has waited for as long when it is refused.
  EXPECT_EQ(ask(peer, gate_call(2, pass, {2})), (reply{2, system_err, 0}));
  gate.answer(0, 5);
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
}

TEST(RemoteTable, MaxWaitPassedDoneIsNothing) {
  running_gate gate{{.service = {.cache_stream_replies = true}, .max_wait = 10ms}};
  gate.module.is_open = true;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, pass, {1})), (reply{1, success, 1}));
  gate.module.is_open = false;
  EXPECT_EQ(ask(peer, gate_call(2, pass, {2})), (reply{2, system_err, 0}));
  EXPECT_EQ(ask(peer, gate_call(1, pass, {1})), (reply{1, success, 1}));
}

TEST(RemoteTable, ClosesQueuedAndExportedIsASystemError) {
  served_gate gate;
  raw_client peer{gate.listen()};
  send_and_queue(gate, peer, 1, pass, 1);
  gate.module.close();
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
  EXPECT_EQ(ask(peer, gate_call(2, pass, {1})), (reply{2, system_err, 0}));
}

TEST(RemoteTable, ClosesQueuedAndUnexportedIsUnavailable) {
  served_gate gate;
  raw_client peer{gate.listen()};
  send_and_queue(gate, peer, 1, pass, 1);
  gate.service->withdraw();
  EXPECT_EQ(ask(peer, gate_call(2, pass, {1})), (reply{2, proc_unavail, 0}));
  gate.module.close();
  EXPECT_EQ(receive(peer), (reply{1, proc_unavail, 0}));
}

TEST(RemoteTable, ClosesTakenIsFinished) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send_and_take(gate, peer, 1, hold, 1);
  gate.module.close();
  gate.answer(0, 5);
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
}

TEST(RemoteTable, ClosesTakenAndUnexportedIsFinishedToo) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send_and_take(gate, peer, 1, hold, 1);
  gate.service->withdraw();
  gate.module.close();
  gate.answer(0, 5);
  EXPECT_EQ(receive(peer), (reply{1, success, 5}));
}

TEST(RemoteTable, ClosesDoneIsAnsweredAsBefore) {
  running_gate gate{remembering()};
  gate.module.is_open = true;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, pass, {1})), (reply{1, success, 1}));
  gate.module.close();
  EXPECT_EQ(ask(peer, gate_call(1, pass, {1})), (reply{1, success, 1}));
}

// Only guards run for what is queued.
TEST(RemoteTable, BodyThrowsQueuedIsAGuardsException) {
  running_gate gate;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, risk, {2})), (reply{1, system_err, 0}));
  EXPECT_EQ(gate.errors, 1);
}

TEST(RemoteTable, BodyThrowsTakenIsASystemError) {
  running_gate gate;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, risk, {1})), (reply{1, system_err, 0}));
  EXPECT_EQ(gate.errors, 1);
}

TEST(RemoteTable, BodyThrowsTakenIsTheResultThatItIsMappedTo) {
  running_gate gate;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, risk, {5})), (reply{1, success, 0xfffffffb}));
  EXPECT_EQ(gate.errors, 0);
}

TEST(RemoteTable, BodyThrowsTakenIsTheRefusalThatItIsMappedTo) {
  running_gate gate;
  raw_client peer{gate.listen()};
  EXPECT_EQ(ask(peer, gate_call(1, risk, {6})), (reply{1, garbage_args, 0}));
  EXPECT_EQ(gate.errors, 0);
}

TEST(RemoteTable, BodyThrowsDoneIsForItsServicer) {
  running_gate gate;
  raw_client peer{gate.listen()};
  send(peer, gate_call(1, early, {1}));  // replies, and throws then
  EXPECT_EQ(receive(peer), (reply{1, success, 1}));
  EXPECT_EQ(ask(peer, gate_call(2, risk, {9})), (reply{2, success, 9}));
}

// ONC RPC has no word for it: the server goes on, and its answer is for nobody.
TEST(RemoteTable, ClientCancelsQueuedAndTheServerDoesNotKnow) {
  afar gate;
  std::stop_source stop;
  std::jthread stops{[&] {
    wait_until([&] { return gate.module.pass.pending() == 1; });
    stop.request_stop();
  }};
  EXPECT_EQ(gate.there.pass.call_unless(stop.get_token(), 7).wait().error(), errc::cancelled);
  EXPECT_EQ(gate.module.pass.pending(), 1U);
  gate.there.open().wait();
  wait_until([&] { return gate.late_replies() == 1; });
  EXPECT_EQ(gate.module.passed, 1);
}

TEST(RemoteTable, ClientCancelsTakenAndTheServerDoesNotKnow) {
  afar gate;
  std::stop_source stop;
  std::jthread stops{[&] {
    wait_until([&] { return gate.module.holding == 1; });
    stop.request_stop();
  }};
  EXPECT_EQ(gate.there.hold.call_unless(stop.get_token(), 7).wait().error(), errc::cancelled);
  gate.on_loop([&] {
    EXPECT_FALSE(gate.module.held[0].stop_token().stop_requested());
    gate.module.held[0].reply(5);
  });
  wait_until([&] { return gate.late_replies() == 1; });
  EXPECT_EQ(gate.module.undone_calls, 0);
}

TEST(RemoteTable, ClientCancelsDoneAndHasItsResult) {
  afar gate;
  gate.module.is_open = true;
  std::stop_source stop;
  const auto got = gate.there.pass.call_unless(stop.get_token(), 7).wait();
  stop.request_stop();
  EXPECT_EQ(got.value(), 7);
}

}  // namespace
}  // namespace tryst::bridge_test
