// Executions, counted, of calls that come more than once.
#include <gtest/gtest.h>

#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "support/datagram_socket.hpp"
#include "support/held_calculator.hpp"
#include "support/lossy_proxy.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using tests::divide_call;
using tests::held_calculator;
using tests::raw_client;
using tests::record_of;

// For callers that send their calls again at once.
server_options with_impatient_callers() { return {.replies = {.doubled_within = 0ms}}; }

struct served {
  explicit served(std::string_view at, service_options how = {}, server_options options = {})
      : serving{home, std::move(options)} {
    serving.serve<calc::CALC_V1>(tests::calculator{&record}, std::move(how));
    where = serving.listen(at);
  }
  tests::bytes ask(raw_client& by, std::uint32_t xid, std::uint32_t a = 10) {
    by.write(record_of(divide_call(xid, a)));
    return by.read_record();
  }
  reply_cache_counters replies() const { return serving.counters().replies; }

  tests::calculator_record record;
  loop_thread home;
  server serving;
  address where;
};

TEST(Pitfall63, ADatagramThatComesAgainIsAnsweredAgainAndNotRunAgain) {
  served s{"udp://127.0.0.1:0", {}, with_impatient_callers()};
  test::datagram_socket peer;
  const auto call = divide_call(7);
  const auto ask = [&] {
    peer.send_to(test::loopback(s.where.port), std::as_bytes(std::span{call}));
    return peer.receive().value().message;
  };
  const auto first = ask();
  EXPECT_EQ(ask(), first);
  EXPECT_EQ(ask(), first);
  EXPECT_EQ(s.record.calls, 1);
  EXPECT_EQ(s.replies().hits, 2U);
}

TEST(AtMostOnce, TakesADatagramThatWasDoubledOnItsWayForNoReasonToAnswer) {
  served s{"udp://127.0.0.1:0", {}, {.replies = {.doubled_within = 1h}}};
  test::datagram_socket peer;
  for (const std::uint32_t xid : {7U, 7U, 8U}) {
    const auto call = divide_call(xid);
    peer.send_to(test::loopback(s.where.port), std::as_bytes(std::span{call}));
  }
  EXPECT_EQ(peer.receive().value().message[3], std::byte{7});
  EXPECT_EQ(peer.receive().value().message[3], std::byte{8});
  EXPECT_EQ(s.record.calls, 2);
}

TEST(SecH1, ADatagramThatComesAgainWhileItsCallRunsIsDropped) {
  tests::calculator_record record;
  held_calculator::held held;
  loop_thread home;
  server serving{home, with_impatient_callers()};
  serving.serve<calc::CALC_V1>(held_calculator{{&record}, &held});
  const address where = serving.listen("udp://127.0.0.1:0");
  test::datagram_socket peer;
  const auto call = divide_call(7);
  const auto send = [&] {
    peer.send_to(test::loopback(where.port), std::as_bytes(std::span{call}));
  };
  send();
  held.wait();
  send();
  while (serving.counters().replies.in_progress == 0) std::this_thread::yield();
  held.answer();
  const auto first = peer.receive().value().message;
  send();
  EXPECT_EQ(peer.receive().value().message, first);
  EXPECT_EQ(record.calls, 1);
}

TEST(AtMostOnce, IsNotWhatPlainStreamsPayFor) {
  served s{"tcp://127.0.0.1:0"};
  raw_client peer{s.where};
  EXPECT_EQ(s.ask(peer, 7), s.ask(peer, 7));
  EXPECT_EQ(s.record.calls, 2);
  EXPECT_EQ(s.replies().bypassed, 0U);  // there was nothing to bypass
}

TEST(Pitfall60, AStreamThatAsksForItHasACallThatComesOnANewConnectionRunOnce) {
  served s{"tcp://127.0.0.1:0", {.cache_stream_replies = true}};
  std::optional<raw_client> peer{std::in_place, s.where};
  const auto first = s.ask(*peer, 7);
  peer.emplace(s.where);
  EXPECT_EQ(s.ask(*peer, 7), first);
  EXPECT_EQ(s.record.calls, 1);
  EXPECT_NE(s.ask(*peer, 7, 40), first);  // the same xid, but another call
  EXPECT_EQ(s.record.calls, 2);
}

TEST(AtMostOnce, LeavesIdempotentProceduresAlone) {
  served s{"tcp://127.0.0.1:0", {.cache_stream_replies = true, .idempotent = {2}}};
  raw_client peer{s.where};
  s.ask(peer, 7);
  s.ask(peer, 7);
  for (int i = 0; i < 2; ++i) {
    peer.write(record_of(tests::add_call(8, 2, 3)));
    peer.read_record();
  }
  EXPECT_EQ(s.record.calls, 4);
  EXPECT_EQ(s.replies().started, 0U);
  EXPECT_EQ(s.replies().bypassed, 4U);
}

TEST(AtMostOnce, AnswersTheNewConnectionWhenTheCallThatCameOnTheOldOneEnds) {
  tests::calculator_record record;
  held_calculator::held held;
  loop_thread home;
  server serving{home};
  serving.serve<calc::CALC_V1>(held_calculator{{&record}, &held}, {.cache_stream_replies = true});
  const address where = serving.listen("tcp://127.0.0.1:0");
  std::optional<raw_client> old{std::in_place, where};
  old->write(record_of(divide_call(7)));
  held.wait();
  raw_client fresh{where};
  fresh.write(record_of(divide_call(7)));
  while (serving.counters().replies.attached == 0) std::this_thread::yield();
  old->reset();
  held.answer();
  const auto answer = fresh.read_record();
  ASSERT_EQ(answer.size(), 32U);
  EXPECT_EQ(answer.back(), 5);
  EXPECT_EQ(record.calls, 1);
}

TEST(AtMostOnce, RepeatsAnAnswerFromAnotherThreadAndARefusal) {
  served s{"tcp://127.0.0.1:0", {.cache_stream_replies = true}};
  raw_client peer{s.where};
  const auto ask = [&](const tests::bytes& call) {
    peer.write(record_of(call));
    return peer.read_record();
  };
  // DESCRIBE of an empty list; and DIVIDE by -2, which throws.
  const auto describe = tests::bytes_of({8, 0, 2, 0x20000101, 1, 3, 0, 0, 0, 0, 0});
  const auto divide = tests::bytes_of({9, 0, 2, 0x20000101, 1, 2, 0, 0, 0, 0, 10, 0xfffffffe, 0});
  for (const auto& call : {describe, divide}) {
    const auto first = ask(call);
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(ask(call), first);
  }
  EXPECT_EQ(s.record.calls, 2);
  EXPECT_EQ(s.replies().hits, 2U);
  s.record.join();
}

TEST(AtMostOnce, HoldsThroughANetworkThatLosesAndDoubles) {
  served s{"udp://127.0.0.1:0"};
  test::lossy_proxy network{s.where.port, {.lost = 10, .doubled = 20, .late = 10}, 42};
  loop_thread home;
  client caller{
      home, network.address(), {.timing = {.first = 10ms, .least = 10ms, .longest = 40ms}}};
  for (int i = 0; i < 300; ++i) {
    const auto got = calc::CALC_V1::stub{caller}
                         .DIVIDE(i, 1, calc::UP, call_options{.deadline = 60s}, as_result)
                         .get();
    EXPECT_TRUE(got);
  }
  EXPECT_EQ(s.record.calls, 300);
  EXPECT_GT(s.replies().hits, 0U);
}

}  // namespace
}  // namespace tryst::rpc
