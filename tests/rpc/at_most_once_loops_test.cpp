// Executions, counted, of calls that come twice to different loops of one server, each with a
// thread of its own.
#include <gtest/gtest.h>

#include <array>
#include <latch>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>

#include "support/held_calculator.hpp"

namespace tryst::rpc {
namespace {

using tests::divide_call;
using tests::held_calculator;
using tests::raw_client;
using tests::record_of;

tests::bytes null_call(std::uint32_t xid) {
  return tests::bytes_of({xid, 0, 2, 0x20000101, 1, 0, 0, 0, 0, 0});
}

// Connections are dealt out to the loops in turn; both are there when this returns.
struct two_connections {
  explicit two_connections(const address& where) : first{where}, second{where} {
    for (raw_client* const c : {&first, &second}) {
      c->write(record_of(null_call(1)));
      EXPECT_EQ(c->read_record().size(), 24U);
    }
  }
  raw_client first;
  raw_client second;
};

TEST(SecH1, ACallThatComesAgainOnAnotherLoopWaitsForTheOneThatRuns) {
  tests::calculator_record record;
  held_calculator::held held;
  std::array<loop_thread, 2> loops;
  server serving{{&loops[0].get(), &loops[1].get()}, {}};
  serving.serve<calc::CALC_V1>(held_calculator{{&record}, &held}, {.cache_stream_replies = true});
  two_connections by{serving.listen("tcp://127.0.0.1:0")};
  by.first.write(record_of(divide_call(7)));
  held.wait();
  // The loop that has the call stands still, so it is the other one that finds it running.
  std::latch found{1};
  loops[0].get().post([&] { found.wait(); });
  by.second.write(record_of(divide_call(7)));
  while (serving.counters().replies.attached == 0) std::this_thread::yield();
  held.answer();
  const auto answer = by.second.read_record();
  found.count_down();
  ASSERT_EQ(answer.size(), 32U);
  EXPECT_EQ(answer.back(), 5);
  EXPECT_EQ(by.first.read_record(), answer);
  by.first.write(record_of(divide_call(7)));
  EXPECT_EQ(by.first.read_record(), answer);
  EXPECT_EQ(record.calls, 1);
  EXPECT_EQ(serving.counters().replies.hits, 1U);
}

constexpr std::uint32_t calls = 400;

TEST(AtMostOnce, HoldsWhenBothCopiesOfACallComeToDifferentLoopsAtOnce) {
  tests::calculator_record record;
  std::array<loop_thread, 2> loops;
  server serving{{&loops[0].get(), &loops[1].get()}, {}};
  serving.serve<calc::CALC_V1>(tests::calculator{&record}, {.cache_stream_replies = true});
  two_connections by{serving.listen("tcp://127.0.0.1:0")};
  const auto ask_all = [](raw_client& c) {
    tests::bytes all;
    for (std::uint32_t i = 0; i < calls; ++i) {
      const auto call = record_of(divide_call(100 + i));
      all.insert(all.end(), call.begin(), call.end());
    }
    c.write(all);
    std::array<int, calls> answers{};
    for (std::uint32_t i = 0; i < calls; ++i) {
      const auto answer = c.read_record();
      ASSERT_EQ(answer.size(), 32U);
      const std::uint32_t xid =
          std::uint32_t{answer[0]} << 24 | answer[1] << 16 | answer[2] << 8 | answer[3];
      ASSERT_LT(xid - 100, calls);
      ++answers[xid - 100];
    }
    for (const int n : answers) EXPECT_EQ(n, 1);
  };
  std::jthread other{[&] { ask_all(by.second); }};
  ask_all(by.first);
  other.join();
  EXPECT_EQ(record.calls, static_cast<int>(calls));
  const auto counted = serving.counters().replies;
  EXPECT_EQ(counted.started, calls);
  EXPECT_EQ(counted.hits + counted.attached, calls);
}

}  // namespace
}  // namespace tryst::rpc
