// Limits of calls that queue before procs and at the entry of monitors (rules F1, F2).
#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <latch>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <tryst/rendezvous/outside_call.hpp>
#include <tryst/rendezvous/semaphore.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using namespace std::chrono_literals;
using rendezvous_test::stage;
using answer = std::expected<int, std::error_code>;

struct shop : module {
  op<int(int)> serve{this, &shop::do_serve, {.max_active = 1}};
  op<void()> door{this};
  std::vector<int> served;

  task<int> do_serve(int n) {
    served.push_back(n);
    co_await receive(door);
    co_return 2 * n;
  }
};

TEST(RuleF1, ATimedCallLeavesTheQueueBeforeAProc) {
  shop s;
  stage on;
  on.start(s);
  std::optional<answer> first;
  std::optional<answer> second;
  std::optional<answer> third;
  on.run([&]() -> task<> { first = co_await s.serve.call_for(10ms, 1); });
  on.run([&]() -> task<> { second = co_await s.serve.call_for(10ms, 2); });
  on.run([&]() -> task<> { third = co_await s.serve.call_for(1h, 3); });
  EXPECT_EQ(s.serve.pending(), 2U);
  on.advance(20ms);
  EXPECT_FALSE(first);  // its proc runs
  ASSERT_TRUE(second);
  EXPECT_EQ(second->error(), errc::not_taken);
  EXPECT_EQ(s.serve.pending(), 1U);
  s.door.send();
  s.door.send();
  on.play();
  EXPECT_EQ(first->value(), 2);
  EXPECT_EQ(third->value(), 6);
  EXPECT_EQ(s.served, (std::vector<int>{1, 3}));
}

TEST(RuleF1, ATimedCallOfAModuleThatHasNotStartedEnds) {
  shop s;
  stage on;
  std::optional<answer> got;
  on.run([&]() -> task<> { got = co_await s.serve.call_for(10ms, 1); });
  on.advance(20ms);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::not_taken);
  on.start(s);
  EXPECT_TRUE(s.served.empty());
}

struct vault : monitor_module {
  op<int(int)> enter{this, &vault::do_enter};
  op<void()> hold{this, &vault::do_hold};
  op<void()> release{this, &vault::do_release};
  condition free{this};
  bool held = false;
  semaphore inside{this, 0};

  int do_enter(int n) { return n; }
  task<> do_hold() { co_await inside.receive(); }
  void do_release() {}
};

TEST(RuleF2, ACallIsTakenBackFromTheEntryOfAMonitor) {
  vault v;
  stage on;
  on.start(v);
  std::stop_source stop;
  std::optional<answer> got;
  std::optional<answer> other;
  on.run([&]() -> task<> { co_await v.hold(); });
  on.run([&]() -> task<> { got = co_await v.enter.call_unless(stop.get_token(), 1); });
  on.run([&]() -> task<> { other = co_await v.enter.call_for(1h, 2); });
  EXPECT_FALSE(got);
  stop.request_stop();
  on.play();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::cancelled_unsent);
  EXPECT_FALSE(other);
  v.inside.send();
  on.play();
  EXPECT_EQ(other->value(), 2);
}

TEST(RuleF1, AThreadsCallLeavesTheEntryOfAMonitorAtItsTime) {
  vault v;
  loop_thread home;
  v.start(home.get());
  v.hold.send();
  while (v.hold.pending() > 0) std::this_thread::yield();
  answer got = v.enter.call_for(1ms, 1).wait();
  if (!got) {
    EXPECT_EQ(got.error(), errc::not_taken);
  }
  v.inside.send();
  got = v.enter.call_for(1h, 2).wait();
  EXPECT_EQ(got.value(), 2);
  v.close();
  v.join();
}

TEST(RuleF1, ATimedCallOfAProcMayOutliveItsOperation) {
  auto s = std::make_unique<shop>();
  stage on;
  std::optional<answer> got;
  on.run([&]() -> task<> { got = co_await s->serve.call_for(50ms, 1); });
  s.reset();
  on.advance(1s);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::op_closed);
}

TEST(RuleF1, ACallOfAProcIsServedOrGivenUpWhateverTheThreadsDo) {
  shop s;
  loop_thread home;
  s.start(home.get());
  int served = 0;
  int given_up = 0;
  for (int n = 0; n < 1000; ++n) {
    std::stop_source stop;
    s.door.send();
    std::jthread stopper{[&] { stop.request_stop(); }};
    const answer got = s.serve.call_unless(stop.get_token(), n).wait();
    (got ? served : given_up) += 1;
    if (got) {
      EXPECT_EQ(*got, 2 * n);
    } else {
      EXPECT_EQ(got.error(), errc::cancelled_unsent);
    }
  }
  EXPECT_EQ(served, static_cast<int>(s.served.size()));
  EXPECT_EQ(served + given_up, 1000);
  s.close();
  s.join();
}

struct workshop : module {
  op<int(int)> work{this, &workshop::do_work, {.max_active = 1, .blocking = true}};
  std::latch finished{1};

  int do_work(int n) {
    finished.wait();
    return n;
  }
};

struct order final : outside_call<int(int)> {
  order(op<int(int)>& of, int n) : outside_call{of, n} {}
  void ended() noexcept override { over.count_down(); }
  using outside_call::ended_by;
  using outside_call::result;
  std::latch over{1};
};

// The loop where it would have learned of it has ended: it has no place in the proc to give back.
TEST(RuleF2, ACallThatIsTakenBackFromAProcLeavesThoseWhoAreInItAlone) {
  workshop w;
  std::optional<testing::manual_loop> home{std::in_place};
  w.start(*home);
  order first{w.work, 1};
  order second{w.work, 2};
  order third{w.work, 3};
  ASSERT_EQ(first.arrive(), errc{});
  ASSERT_EQ(second.arrive(), errc{});
  second.give_up(errc::cancelled);
  home.reset();
  second.over.wait();
  EXPECT_TRUE(second.ended_by(errc::cancelled));
  ASSERT_EQ(third.arrive_if_wanted(), errc{});
  w.finished.count_down();
  third.over.wait();
  EXPECT_TRUE(third.ended_by(errc::not_taken));
  first.over.wait();
  EXPECT_EQ(first.result(), 1);
  w.close();
  w.join();
}

}  // namespace
}  // namespace tryst
