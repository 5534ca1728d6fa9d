#include "loop/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <vector>

namespace tryst {
namespace {

using namespace std::chrono_literals;

struct recorder final : timer {
  std::function<void()> on_expired;
  int expirations = 0;
  void expired() noexcept override {
    ++expirations;
    if (on_expired) on_expired();
  }
};

struct TimerWheel : ::testing::Test {
  loop::time_point start{1h};
  timer_wheel wheel{start};
};

TEST_F(TimerWheel, NeverExpiresATimerEarlyNorMoreThanATickLate) {
  recorder t;
  wheel.arm(t, start + 20ms);
  wheel.advance(start + 19ms);
  EXPECT_EQ(t.expirations, 0);
  wheel.advance(start + 32ms);
  EXPECT_EQ(t.expirations, 1);
  EXPECT_FALSE(t.armed());
}

TEST_F(TimerWheel, LeavesADisarmedTimerAlone) {
  recorder t;
  wheel.arm(t, start + 20ms);
  wheel.disarm(t);
  wheel.advance(start + 1s);
  EXPECT_EQ(t.expirations, 0);
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST_F(TimerWheel, KeepsTimersThatAreTurnsAway) {
  recorder near_one;
  recorder far_one;
  wheel.arm(near_one, start + 10ms);
  wheel.arm(far_one, start + 25s);
  wheel.advance(start + 24990ms);
  EXPECT_EQ(near_one.expirations, 1);
  EXPECT_EQ(far_one.expirations, 0);
  wheel.advance(start + 25010ms);
  EXPECT_EQ(far_one.expirations, 1);
}

TEST_F(TimerWheel, LetsAnExpiredTimerArmAndDisarmOthers) {
  recorder first;
  recorder second;
  recorder again;
  first.on_expired = [&] {
    wheel.disarm(second);
    wheel.arm(again, start + 2s);
  };
  wheel.arm(first, start + 10ms);
  wheel.arm(second, start + 10ms);
  wheel.advance(start + 1s);
  EXPECT_EQ(second.expirations, 0);
  wheel.advance(start + 3s);
  EXPECT_EQ(again.expirations, 1);
}

TEST_F(TimerWheel, SaysANextTimeNoLaterThanItsFirstTimer) {
  std::mt19937 random{7};
  std::vector<recorder> timers(100);
  auto earliest = loop::time_point::max();
  for (auto& t : timers) {
    const auto when = start + std::chrono::milliseconds{50 + random() % 20000};
    earliest = std::min(earliest, when);
    wheel.arm(t, when);
  }
  EXPECT_LE(*wheel.next(), earliest + 8ms);
  int steps = 0;
  while (const auto next = wheel.next()) {
    wheel.advance(*next);
    ASSERT_LT(++steps, 600);
  }
  for (const auto& t : timers) EXPECT_EQ(t.expirations, 1);
}

}  // namespace
}  // namespace tryst
