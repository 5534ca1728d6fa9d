// Procedures that must run once, and what becomes of calls for which a reply cache has no room.
#include <gtest/gtest.h>

#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "compiler/golden/programs.hpp"
#include "support/held_calculator.hpp"
#include "support/lossy_proxy.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using tests::divide_call;
using tests::held_calculator;
using tests::raw_client;
using tests::record_of;

const service_options divide_once{.once = {calc::CALC_V1::DIVIDE::number}};

// SYSTEM_ERR; and with AUTH_NONE's verifier saying more to those who know.
tests::bytes system_err(std::uint32_t xid) { return tests::bytes_of({xid, 1, 0, 0, 0, 5}); }
tests::bytes not_admitted(std::uint32_t xid) {
  return tests::bytes_of({xid, 1, 0, 0, 8, 0x4e455645, 0x5252414e, 5});
}

TEST(Recall, IsWhatTheInterfaceAndItsServiceSay) {
  const auto of = [](const service_options& options, procedure_annotations said, bool datagram) {
    return options.recall_of(2, said, datagram);
  };
  EXPECT_EQ(of({}, {}, true), recall::cached);
  EXPECT_EQ(of({}, {}, false), recall::off);
  EXPECT_EQ(of({.cache_stream_replies = true}, {}, false), recall::cached);
  EXPECT_EQ(of({}, {.idempotent = true}, true), recall::idempotent);
  EXPECT_EQ(of({}, {.once = true}, true), recall::once);
  EXPECT_EQ(of({}, {.once = true}, false), recall::once);
  // The service's word is the last.
  EXPECT_EQ(of({.idempotent = {2}}, {.once = true}, true), recall::idempotent);
  EXPECT_EQ(of({.once = {2}}, {.idempotent = true}, false), recall::once);

  struct counter {
    std::int32_t COUNT() { return 1; }
  };
  const auto counting = make_service<programs::SECOND_V1>(counter{});
  EXPECT_EQ(counting->recall_of(programs::SECOND_V1::COUNT::number, false), recall::once);
  EXPECT_EQ(counting->recall_of(0, false), recall::off);
}

TEST(Once, RunsOnceOverStreamsWhoseServiceDidNotAskForTheCache) {
  tests::calculator_record record;
  loop_thread home;
  server serving{home};
  serving.serve<calc::CALC_V1>(tests::calculator{&record}, divide_once);
  const address where = serving.listen("tcp://127.0.0.1:0");
  std::optional<raw_client> peer{std::in_place, where};
  const auto ask = [&](const tests::bytes& call) {
    peer->write(record_of(call));
    return peer->read_record();
  };
  const auto first = ask(divide_call(7));
  peer.emplace(where);
  EXPECT_EQ(ask(divide_call(7)), first);
  EXPECT_EQ(record.calls, 1);
  ask(tests::add_call(8, 2, 3));
  EXPECT_EQ(ask(tests::add_call(8, 2, 3)).size(), 28U);
  EXPECT_EQ(record.calls, 3);
}

TEST(Once, IsRefusedForGoodWhereThereIsNoRoomForItsAnswer) {
  tests::calculator_record record;
  held_calculator::held held;
  loop_thread home;
  // For one answer, not for two.
  server serving{home, {.replies = {.bytes = 100, .reply_bytes = 60}}};
  serving.serve<calc::CALC_V1>(held_calculator{{&record}, &held}, divide_once);
  const address where = serving.listen("tcp://127.0.0.1:0");
  raw_client peer{where};
  peer.write(record_of(divide_call(7)));
  held.wait();
  peer.write(record_of(divide_call(8)));
  EXPECT_EQ(peer.read_record(), not_admitted(8));
  held.answer();
  EXPECT_EQ(peer.read_record().size(), 32U);
  // Now there would be room, but its caller may have called anew since.
  raw_client again{where};
  again.write(record_of(divide_call(8)));
  EXPECT_EQ(again.read_record(), not_admitted(8));
  EXPECT_EQ(record.calls, 1);
  EXPECT_EQ(serving.counters().replies.refused, 2U);
}

TEST(AtMostOnce, SaysThatACallDidNotRunOnlyWhereThatIsKnown) {
  const auto answer = [](std::size_t refusals, service_options options) {
    tests::calculator_record record;
    held_calculator::held held;
    loop_thread home;
    server serving{home, {.replies = {.entries = 1, .refusals = refusals}}};
    serving.serve<calc::CALC_V1>(held_calculator{{&record}, &held}, std::move(options));
    raw_client peer{serving.listen("tcp://127.0.0.1:0")};
    peer.write(record_of(divide_call(7)));
    held.wait();
    peer.write(record_of(divide_call(8)));
    const auto refused = peer.read_record();
    held.answer();
    EXPECT_EQ(peer.read_record().size(), 32U);
    EXPECT_EQ(record.calls, 1);
    return refused;
  };
  EXPECT_EQ(answer(1, divide_once), not_admitted(8));
  // A later copy may run.
  EXPECT_EQ(answer(0, divide_once), system_err(8));
  // An earlier copy may have run, and been forgotten.
  EXPECT_EQ(answer(1, {.cache_stream_replies = true}), system_err(8));
}

TEST(Once, WhatItsCallersAreToldIsTrueThroughANetworkThatLosesAndDoubles) {
  tests::calculator_record record;
  loop_thread home;
  server serving{home, {.replies = {.entries = 30}}};
  serving.serve<calc::CALC_V1>(tests::calculator{&record}, divide_once);
  test::lossy_proxy network{
      serving.listen("udp://127.0.0.1:0").port, {.lost = 20, .doubled = 20, .late = 10}, 42};
  loop_thread callers;
  client caller{
      callers, network.address(), {.timing = {.first = 10ms, .least = 10ms, .longest = 40ms}}};
  int results = 0;
  for (int i = 0; i < 60; ++i) {
    const auto got = calc::CALC_V1::stub{caller}
                         .DIVIDE(i, 1, calc::UP, call_options{.deadline = 60s}, as_result)
                         .get();
    if (got) {
      ++results;
    } else {
      EXPECT_EQ(got.error().code, errc::not_admitted);
      EXPECT_EQ(got.error().code, outcome::not_executed);
    }
  }
  EXPECT_EQ(results, 30);
  EXPECT_EQ(record.calls, 30);
  EXPECT_EQ(serving.counters().replies.evicted, 0U);
}

}  // namespace
}  // namespace tryst::rpc
