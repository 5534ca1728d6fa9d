// Concurrent modules and their semaphores: rules M5, S12, I6 for procs that block, M4.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;
using strings = std::vector<std::string>;

struct hall : concurrent_module {
  op<void(std::string)> visit{this, &hall::do_visit};
  semaphore door{this, 0};
  strings seen;

  task<> do_visit(std::string who) {
    seen.push_back(who + " in");
    co_await P(door);
    seen.push_back(who + " out");
  }
};

TEST(RuleM5, ProcsOfAConcurrentModuleOverlap) {
  hall h;
  stage on;
  on.start(h);
  h.visit.send("a");
  h.visit.send("b");
  on.play();
  EXPECT_EQ(h.seen, (strings{"a in", "b in"}));
}

TEST(RuleS12, ASemaphoreGivesItsUnitsInTheOrderOfArrival) {
  hall h;
  stage on;
  on.start(h);
  for (const char* who : {"a", "b", "c"}) {
    h.visit.send(who);
    on.play();
  }
  V(h.door);
  EXPECT_FALSE(h.door.try_receive());
  V(h.door);
  on.play();
  EXPECT_EQ(h.seen, (strings{"a in", "b in", "c in", "a out", "b out"}));
}

TEST(RuleS12, ASemaphoreIsSentAndReceivedLikeAnOperation) {
  struct pair_of : module {
    op<void()> operation{this};
    semaphore counter{this, 0};
  } m;
  const auto exercise = [](auto& s) -> task<int> {
    s.send();
    s.send();
    co_await receive(s);
    co_return static_cast<int>(s.pending());
  };
  stage on;
  on.run([&]() -> task<> {
    EXPECT_EQ(co_await exercise(m.operation), 1);
    EXPECT_EQ(co_await exercise(m.counter), 1);
  });
}

TEST(RuleS12, ASemaphoreBeginsWithItsInitialUnits) {
  struct store : module {
    semaphore units{this, 2};
  } m;
  EXPECT_EQ(m.units.pending(), 2U);
  P(m.units).wait();
  EXPECT_TRUE(m.units.try_receive());
  EXPECT_FALSE(m.units.try_receive());
}

TEST(RuleM4, ClosingEndsTheWaitsForASemaphore) {
  hall h;
  stage on{h};
  std::optional<errc> ended;
  on.run([&]() -> task<> {
    try {
      co_await P(h.door);
    } catch (const call_error&) {
      ended = errc::op_closed;
    }
  });
  EXPECT_EQ(ended, std::nullopt);
  h.close();
  on.play();
  EXPECT_EQ(ended, errc::op_closed);
  EXPECT_THROW(P(h.door).wait(), call_error);
}

TEST(RuleS12, ThreadsAndCoroutinesShareASemaphore) {
  struct mutex : concurrent_module {
    op<void()> add{this, &mutex::do_add};
    semaphore free{this, 1};
    int sum = 0;
    task<> do_add() {
      co_await P(free);
      ++sum;
      V(free);
    }
  } m;
  loop_thread home;
  m.start(home.get());
  constexpr int rounds = 500;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&] {
        for (int k = 0; k < rounds; ++k) {
          P(m.free).wait();
          ++m.sum;
          V(m.free);
          m.add().wait();
        }
      });
    }
    callers.emplace_back([&] {
      loop_thread own;
      tryst::run(own, [](mutex& of) -> task<> {
        for (int k = 0; k < rounds; ++k) co_await of.add();
      }(m));
    });
  }
  EXPECT_EQ(m.sum, 5 * rounds);
  m.close();
  m.join();
}

/// Procs that block until so many of them are in at once.
struct blocker : concurrent_module {
  op<int(int)> meet{this, &blocker::do_meet, {.blocking = true}};
  op<void()> throws{this, &blocker::do_throw, {.blocking = true}};
  std::latch met{3};

  int do_meet(int n) {
    met.arrive_and_wait();
    return n * n;
  }
  void do_throw() { throw std::domain_error{"blocked"}; }
};

TEST(RuleI6, BlockingProcsRunOnThreadsAndHoldNoLoopUp) {
  blocker m;
  loop_thread home;
  m.start(home.get());
  m.meet.send(0);
  int two = 0;
  std::jthread thread{[&] { two = m.meet(2).wait(); }};
  const int three =
      tryst::run(home.get(), [](blocker& of) -> task<int> { co_return co_await of.meet(3); }(m));
  thread.join();
  EXPECT_EQ(two, 4);
  EXPECT_EQ(three, 9);
  EXPECT_THROW(m.throws().wait(), std::domain_error);
  m.close();
  m.join();
}

TEST(RuleI6, TheThreadsOfBlockingProcsAreBounded) {
  struct bounded : concurrent_module {
    op<void()> enter{this, &bounded::do_enter, {.blocking = true}};
    std::atomic<int> at_once = 0;
    std::atomic<bool> too_many = false;
    void do_enter() {
      if (++at_once > 2) too_many = true;
      std::this_thread::yield();
      --at_once;
    }
  } m;
  m.bound_threads(2);
  m.start();
  for (int i = 0; i < 100; ++i) m.enter.send();
  m.enter().wait();
  m.close();
  m.join();
  EXPECT_FALSE(m.too_many);
}

TEST(RuleI6, ABlockingProcIsNoCoroutine) {
  struct wrong : module {
    op<void()> enter{this, &wrong::do_enter, {.blocking = true}};
    task<> do_enter() { co_return; }
  };
  EXPECT_THROW(static_cast<void>(std::make_unique<wrong>()), std::logic_error);
}

TEST(RuleI5, ACallFromElsewhereRunsOnTheModulesLoop) {
  struct homely : module {
    op<bool()> at_home{this, &homely::do_at_home};
    op<bool()> at_home_later{this, &homely::do_at_home_later};
    loop* home = nullptr;
    bool do_at_home() { return home->running_here(); }
    task<bool> do_at_home_later() { co_return home->running_here(); }
  } m;
  loop_thread home;
  loop_thread other;
  m.home = &home.get();
  m.start(home.get());
  EXPECT_TRUE(m.at_home().wait());
  EXPECT_TRUE(m.at_home_later().wait());
  tryst::run(other.get(), [](homely& of, loop& own) -> task<> {
    EXPECT_TRUE(co_await of.at_home());
    EXPECT_TRUE(co_await of.at_home_later());
    EXPECT_TRUE(own.running_here());
  }(m, other.get()));
  m.close();
  m.join();
}

}  // namespace
}  // namespace tryst
