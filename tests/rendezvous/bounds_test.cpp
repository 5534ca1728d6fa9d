// Operations with a bound on what they queue (rule F7).
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/op_array.hpp>
#include <tryst/rendezvous/outside_call.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <tryst/rendezvous/serve.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using namespace std::chrono_literals;
using rendezvous_test::stage;

struct counter : module {
  op<int(int)> ask{this, {.max_pending = 2}};
  op<void(int)> note{this, {.max_pending = 2}};
  op_array<void(int)> lane{this, 2, {.max_pending = 1}};
  op<void()> door{this};
  op<void(int)> work{this, &counter::do_work, {.max_active = 1, .max_pending = 1}};
  std::vector<int> seen;

  task<> do_work(int n) {
    co_await receive(door);
    seen.push_back(n);
  }
};

std::error_code why_not(auto&& invoke) {
  try {
    invoke();
  } catch (const call_error& e) {
    return e.code();
  }
  return {};
}

TEST(RuleF7, ASendBeyondMaxPendingFailsAndIsNotQueued) {
  counter c;
  stage on{c};
  c.note.send(1);
  c.note.send(2);
  EXPECT_EQ(why_not([&] { c.note.send(3); }), errc::op_full);
  EXPECT_EQ(why_not([&] { c.note.send(3); }), outcome::not_executed);
  EXPECT_FALSE(c.note.send_if_open(4));
  EXPECT_EQ(c.note.pending(), 2U);
  on.run([&]() -> task<> { co_await receive(c.note); });
  c.note.send(5);
  EXPECT_EQ(c.note.pending(), 2U);
}

TEST(RuleF7, ACallBeyondMaxPendingFailsAtOnceWithALimitOrWithout) {
  counter c;
  stage on{c};
  for (int n = 0; n < 2; ++n) {
    on.begin([&, n]() -> task<> { co_await c.ask(n); });
  }
  on.play();
  std::error_code plain;
  std::error_code timed;
  on.run([&]() -> task<> {
    try {
      co_await c.ask(3);
    } catch (const call_error& e) {
      plain = e.code();
    }
    timed = (co_await c.ask.call_for(1h, 4)).error();
  });
  EXPECT_EQ(plain, errc::op_full);
  EXPECT_EQ(timed, errc::op_full);
  EXPECT_EQ(why_not([&] { c.ask(5).wait(); }), errc::op_full);
  EXPECT_EQ(c.ask.pending(), 2U);
}

TEST(RuleF7, AConditionalCallNeedsNoRoomSinceItIsNotQueued) {
  counter c;
  stage on{c};
  c.ask.send(1);
  c.ask.send(1);
  std::optional<int> refused = 0;
  std::optional<int> taken;
  on.run([&]() -> task<> { refused = co_await c.ask.try_call(2); });
  on.begin([&]() -> task<> {
    co_await in(accept(c.ask).such_that([](int n) { return n == 3; }) >> [](int n) { return n; });
  });
  on.play();
  on.run([&]() -> task<> { taken = co_await c.ask.try_call(3); });
  EXPECT_FALSE(refused);
  EXPECT_EQ(taken, 3);
}

TEST(RuleF7, EachElementOfAnArrayHasItsOwnBound) {
  counter c;
  stage on{c};
  c.lane[0].send(1);
  c.lane[1].send(2);
  EXPECT_FALSE(c.lane[0].send_if_open(3));
  on.run([&]() -> task<> { co_await receive(c.lane[1]); });
  EXPECT_TRUE(c.lane[1].send_if_open(4));
  EXPECT_FALSE(c.lane[0].send_if_open(5));
}

TEST(RuleF7, WhatGaveUpLeavesItsRoom) {
  counter c;
  stage on{c};
  c.ask.send(1);
  on.run([&]() -> task<> { co_await c.ask.call_for(10ms, 2); });
  EXPECT_EQ(c.ask.pending(), 2U);
  on.advance(20ms);
  EXPECT_TRUE(c.ask.send_if_open(3));
}

TEST(RuleF7, WhatQueuesForAProcIsBounded) {
  counter c;
  stage on;
  on.start(c);
  c.work.send(1);
  on.play();
  c.work.send(2);
  EXPECT_EQ(why_not([&] { c.work.send(3); }), errc::op_full);
  EXPECT_EQ(c.work.pending(), 1U);
  c.door.send();
  c.door.send();
  on.play();
  EXPECT_EQ(c.seen, (std::vector<int>{1, 2}));
}

struct patient_counter : module {
  static constexpr op_options bound{.max_pending = 1, .when_full = full_queue::waits};
  op<int(int)> ask{this, bound};
  op<void()> door{this};
  op<void(int)> work{this,
                     &patient_counter::do_work,
                     {.max_active = 1, .max_pending = 1, .when_full = full_queue::waits}};
  std::vector<int> seen;

  task<> do_work(int n) {
    co_await receive(door);
    seen.push_back(n);
  }
};

TEST(RuleF7, ACallMayWaitWhereThereIsNoRoomButNothingElseDoes) {
  patient_counter c;
  stage on{c};
  std::vector<int> got;
  for (int n = 0; n < 4; ++n) {
    on.run([&, n]() -> task<> { got.push_back(co_await c.ask(n)); });
  }
  EXPECT_EQ(c.ask.pending(), 4U);
  EXPECT_FALSE(c.ask.send_if_open(9));
  for (int n = 0; n < 4; ++n) {
    on.run([&]() -> task<> { co_await in(accept(c.ask) >> [](int asked) { return asked; }); });
  }
  EXPECT_EQ(got, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_TRUE(c.ask.send_if_open(9));
}

TEST(RuleF7, ACallThatWaitsWithoutRoomKeepsItsLimit) {
  patient_counter c;
  stage on{c};
  c.ask.send(1);
  std::error_code why;
  on.run([&]() -> task<> { why = (co_await c.ask.call_for(10ms, 2)).error(); });
  EXPECT_EQ(c.ask.pending(), 2U);
  on.advance(20ms);
  EXPECT_EQ(why, errc::not_taken);
  EXPECT_EQ(c.ask.pending(), 1U);
}

TEST(RuleF7, ACallOfAProcMayWaitWhereThereIsNoRoom) {
  patient_counter c;
  stage on;
  on.start(c);
  for (int n = 0; n < 4; ++n) {
    on.run([&, n]() -> task<> { co_await c.work(n); });
  }
  EXPECT_EQ(c.work.pending(), 3U);
  EXPECT_FALSE(c.work.send_if_open(9));
  for (int n = 0; n < 4; ++n) c.door.send();
  on.play();
  EXPECT_EQ(c.seen, (std::vector<int>{0, 1, 2, 3}));
}

TEST(RuleF7, ACallOfWhatServeServicesMayWaitWhereThereIsNoRoom) {
  patient_counter c;
  bool open = false;
  serve(c, accept(c.ask).when([&] { return open; }) >> [](int n) { return n; });
  stage on{c};
  std::vector<int> got;
  for (int n = 0; n < 3; ++n) {
    on.run([&, n]() -> task<> { got.push_back(co_await c.ask(n)); });
  }
  EXPECT_EQ(c.ask.pending(), 3U);
  EXPECT_FALSE(c.ask.send_if_open(9));
  open = true;
  c.reconsider();
  on.play();
  EXPECT_EQ(got, (std::vector<int>{0, 1, 2}));
}

TEST(RuleF7, AForwardedCallThatFindsNoRoomFails) {
  counter c;
  stage on{c};
  c.ask.send(1);
  c.ask.send(2);
  op<int()> first{&c};
  std::error_code why;
  on.run([&]() -> task<> {
    try {
      co_await first();
    } catch (const call_error& e) {
      why = e.code();
    }
  });
  on.run([&]() -> task<> {
    co_await in(accept(first) >> [&](call<int()>& own) { own.forward(c.ask, 3); });
  });
  EXPECT_EQ(why, errc::op_full);
}

/// One from outside of the program.
class letter final : public outside_call<void(int)> {
public:
  explicit letter(op<void(int)>& to) : outside_call{to, 7} {}

private:
  void ended() noexcept override {}
};

TEST(RuleF7, ACallFromOutsideFindsTheSameBound) {
  counter c;
  c.note.send(1);
  c.note.send(2);
  letter late{c.note};
  EXPECT_EQ(late.arrive(), errc::op_full);
  EXPECT_EQ(c.note.pending(), 2U);
}

TEST(RuleF7, ThreadsNeverQueueMoreThanTheBound) {
  counter c;
  std::atomic<int> sent = 0;
  std::size_t most = 0;
  {
    std::vector<std::jthread> senders;
    for (int t = 0; t < 4; ++t) {
      senders.emplace_back([&] {
        for (int n = 0; n < 2000; ++n) sent += c.note.send_if_open(n) ? 1 : 0;
      });
    }
    for (int n = 0; n < 2000; ++n) {
      most = std::max(most, c.note.pending());
      in(accept(c.note) >> [&](int) { c.seen.push_back(n); }, otherwise([] {})).wait();
    }
  }
  EXPECT_LE(most, 2U);
  EXPECT_EQ(c.seen.size() + c.note.pending(), static_cast<std::size_t>(sent));
}

}  // namespace
}  // namespace tryst
