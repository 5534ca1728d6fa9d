// Waits of procs that end when somebody requests a stop: for callers who have gone (rule F2).
#include <gtest/gtest.h>

#include <stop_token>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/monitor.hpp>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;

struct hall : monitor_module {
  op<bool(std::stop_token, int)> sit{this, &hall::do_sit};
  op<void()> call{this, &hall::do_call};
  op<void()> occupy{this, &hall::do_occupy};
  condition seats{this};
  semaphore door{this, 0};
  int inside = 0;

  task<bool> do_sit(std::stop_token unless, int rank) {
    try {
      co_await seats.wait(unless, rank);
      co_return true;
    } catch (const call_error& error) {
      EXPECT_EQ(error.code(), errc::cancelled);
      EXPECT_EQ(++inside, 1);  // it has the monitor again
      --inside;
      co_return false;
    }
  }
  void do_call() { seats.signal(); }
  task<> do_occupy() {
    ++inside;
    co_await P(door);
    --inside;
  }
};

TEST(RuleF2, AWaitInAConditionEndsWhenItIsStopped) {
  hall m;
  stage on;
  on.start(m);
  std::stop_source first;
  std::optional<bool> of_first;
  std::optional<bool> of_second;
  on.run([&]() -> task<> { of_first = co_await m.sit(first.get_token(), 0); });
  on.run([&]() -> task<> { of_second = co_await m.sit({}, 1); });
  first.request_stop();
  on.play();
  EXPECT_EQ(of_first, false);
  EXPECT_EQ(m.seats.min_rank(), 1);
  on.run([&]() -> task<> { co_await m.call(); });
  EXPECT_EQ(of_second, true);
}

TEST(RuleF2, AWaitInAConditionThatWasStoppedBeforeKeepsTheMonitor) {
  hall m;
  stage on;
  on.start(m);
  std::stop_source stop;
  stop.request_stop();
  std::optional<bool> sat;
  on.run([&]() -> task<> { sat = co_await m.sit(stop.get_token(), 0); });
  EXPECT_EQ(sat, false);
  EXPECT_TRUE(m.seats.empty());
}

TEST(RuleF2, AWaitThatIsStoppedWhileAnotherHasTheMonitorGoesOnWhenThatLeaves) {
  hall m;
  stage on;
  on.start(m);
  std::stop_source stop;
  std::optional<bool> sat;
  on.run([&]() -> task<> { sat = co_await m.sit(stop.get_token(), 0); });
  m.occupy.send();
  on.play();
  stop.request_stop();
  on.play();
  EXPECT_TRUE(m.seats.empty());
  EXPECT_EQ(sat, std::nullopt);
  V(m.door);
  on.play();
  EXPECT_EQ(sat, false);
}

TEST(RuleF2, AStopAfterTheSignalIsTooLate) {
  hall m;
  stage on;
  on.start(m);
  std::stop_source stop;
  std::optional<bool> sat;
  on.run([&]() -> task<> { sat = co_await m.sit(stop.get_token(), 0); });
  on.begin([&]() -> task<> {
    co_await m.call();
    stop.request_stop();
  });
  on.play();
  EXPECT_EQ(sat, true);
}

struct pool : concurrent_module {
  semaphore units{this, 0};
};

TEST(RuleF2, AWaitForASemaphoreEndsWhenItIsStoppedAndTakesNoUnit) {
  pool m;
  stage on;
  on.start(m);
  std::stop_source stop;
  std::error_code ended;
  const auto wait = [&]() -> task<> {
    try {
      co_await P(m.units, stop.get_token());
    } catch (const call_error& error) {
      ended = error.code();
    }
  };
  on.run(wait);
  stop.request_stop();
  on.play();
  EXPECT_EQ(ended, errc::cancelled);
  V(m.units);
  EXPECT_EQ(m.units.pending(), 1U);
  ended.clear();
  on.run(wait);  // there is one, and it asks for nothing more
  EXPECT_FALSE(ended);
  on.run(wait);
  EXPECT_EQ(ended, errc::cancelled);
}

// Units and stops come from two threads: who was given one has it, who was stopped has none.
TEST(RuleF2, AUnitGoesToWhoWasNotStopped) {
  constexpr int rounds = 500;
  pool m;
  loop_thread home;
  int got = 0;
  int stopped = 0;
  for (int i = 0; i < rounds; ++i) {
    std::stop_source stop;
    std::jthread gives{[&] { V(m.units); }};
    std::jthread stops{[&] { stop.request_stop(); }};
    try {
      run(home.get(), [](semaphore& s, std::stop_token unless) -> task<> {
        co_await P(s, std::move(unless));
      }(m.units, stop.get_token()));
      ++got;
    } catch (const call_error&) {
      ++stopped;
    }
  }
  EXPECT_EQ(got + stopped, rounds);
  EXPECT_EQ(m.units.pending(), static_cast<std::size_t>(stopped));
}

// The same for a monitor: everybody leaves it, and nobody is in it with another.
TEST(RuleF2, SignalsAndStopsMayComeAtOnce) {
  constexpr int rounds = 300;
  hall m;
  loop_thread one;
  loop_thread two;
  m.start(one.get());
  for (int i = 0; i < rounds; ++i) {
    std::stop_source stop;
    std::jthread stops{[&] { stop.request_stop(); }};
    std::jthread calls{[&] { run(two.get(), [](hall& of) -> task<> { co_await of.call(); }(m)); }};
    std::jthread last{[&] {
      stops.join();
      calls.join();
    }};
    run(one.get(), [](hall& of, std::stop_token unless) -> task<> {
      co_await of.sit(std::move(unless), 0);
    }(m, stop.get_token()));
  }
  EXPECT_TRUE(m.seats.empty());
  m.close();
  m.join();
}

}  // namespace
}  // namespace tryst
