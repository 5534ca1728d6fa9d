// Monitors: rule M5, and rule M4 for conditions.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <tryst/rendezvous/semaphore.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;
using strings = std::vector<std::string>;

/// Procs that wait in a condition by their rank, and one that holds the monitor while it awaits.
struct lounge : monitor_module {
  op<void(std::string, int)> sit{this, &lounge::do_sit};
  op<void(int)> call{this, &lounge::do_call};
  op<void()> call_all{this, &lounge::do_call_all};
  op<void(std::string)> occupy{this, &lounge::do_occupy};
  op<void(std::string)> note{this, &lounge::do_note};
  condition seats{this};
  semaphore door{this, 0};
  strings seen;

  task<> do_sit(std::string who, int rank) {
    co_await seats.wait(rank);
    seen.push_back(who);
  }
  void do_call(int n) {
    for (int i = 0; i < n; ++i) seats.signal();
    seen.push_back("called");
  }
  void do_call_all() { seats.signal_all(); }
  task<> do_occupy(std::string who) {
    seen.push_back(who + " in");
    co_await P(door);
    seen.push_back(who + " out");
  }
  void do_note(const std::string& what) { seen.push_back(what); }
};

TEST(RuleM5, AProcHasTheMonitorWhileItAwaitsSomethingElse) {
  lounge m;
  stage on;
  on.start(m);
  m.occupy.send("a");
  m.occupy.send("b");
  on.run([&]() -> task<> { co_await m.note("noted"); });
  EXPECT_EQ(m.seen, strings{"a in"});
  V(m.door);
  on.play();
  EXPECT_EQ(m.seen, (strings{"a in", "a out", "b in"}));
  V(m.door);
  on.play();
  EXPECT_EQ(m.seen, (strings{"a in", "a out", "b in", "b out", "noted"}));
}

TEST(RuleM5, AWaitInAConditionLeavesTheMonitor) {
  lounge m;
  stage on;
  on.start(m);
  m.sit.send("a", 0);
  on.run([&]() -> task<> { co_await m.note("noted"); });
  EXPECT_EQ(m.seen, strings{"noted"});
}

TEST(RuleM5, ConditionsAreFirstInFirstOut) {
  lounge m;
  stage on;
  on.start(m);
  for (const char* who : {"a", "b", "c"}) {
    m.sit.send(who, 0);
    on.play();
  }
  m.call.send(2);
  on.play();
  EXPECT_EQ(m.seen, (strings{"called", "a", "b"}));
}

TEST(RuleM5, TheLeastRankIsSignalledFirstAndOfEqualOnesTheOldest) {
  lounge m;
  stage on;
  on.start(m);
  EXPECT_TRUE(m.seats.empty());
  EXPECT_EQ(m.seats.min_rank(), std::nullopt);
  for (const auto& [who, rank] : {std::pair{"c", 9}, {"a", 2}, {"d", 9}, {"b", 2}}) {
    m.sit.send(who, rank);
    on.play();
  }
  EXPECT_FALSE(m.seats.empty());
  EXPECT_EQ(m.seats.min_rank(), 2);
  m.call_all.send();
  on.play();
  EXPECT_EQ(m.seen, (strings{"a", "b", "c", "d"}));
  EXPECT_TRUE(m.seats.empty());
}

TEST(RuleM5, TheSignallerContinuesAndTheSignalledCompetesAtTheTailOfTheEntryQueue) {
  lounge m;
  stage on;
  on.start(m);
  m.sit.send("woken", 0);
  on.play();
  m.occupy.send("holder");
  on.play();
  m.call.send(1);
  m.note.send("entered before the signal");
  on.play();
  V(m.door);
  on.play();
  EXPECT_EQ(m.seen,
            (strings{"holder in", "holder out", "called", "entered before the signal", "woken"}));
}

TEST(RuleM5, ASignalThatNobodyWaitsForIsNothing) {
  lounge m;
  stage on;
  on.start(m);
  m.call.send(3);
  on.play();
  m.sit.send("a", 0);
  on.play();
  EXPECT_EQ(m.seen, strings{"called"});
}

TEST(RuleM5, AProcThatThrowsLeavesTheMonitor) {
  struct faulty : monitor_module {
    op<void()> plain{this, &faulty::do_plain};
    op<void()> coroutine{this, &faulty::do_coroutine};
    op<int()> sound{this, &faulty::do_sound};
    void do_plain() { throw std::domain_error{"plain"}; }
    task<> do_coroutine() {
      co_await std::suspend_never{};
      throw std::domain_error{"coroutine"};
    }
    int do_sound() { return 7; }
  } m;
  stage on;
  on.start(m);
  on.run([&]() -> task<> {
    EXPECT_THROW(co_await m.plain(), std::domain_error);
    EXPECT_THROW(co_await m.coroutine(), std::domain_error);
    EXPECT_EQ(co_await m.sound(), 7);
  });
}

TEST(RuleF1, AConditionalCallDoesNotWaitForTheMonitor) {
  lounge m;
  stage on;
  on.start(m);
  m.occupy.send("a");
  on.play();
  on.run([&]() -> task<> { EXPECT_FALSE(co_await m.note.try_call("no")); });
  V(m.door);
  on.play();
  on.run([&]() -> task<> { EXPECT_TRUE(co_await m.note.try_call("yes")); });
  EXPECT_EQ(m.seen, (strings{"a in", "a out", "yes"}));
}

task<> note_end(op<void(std::string, int)>& sit, std::string who, strings& ends) {
  try {
    co_await sit(who, 0);
    ends.push_back(who + " sat");
  } catch (const call_error& error) {
    EXPECT_EQ(error.code(), errc::op_closed);
    ends.push_back(who + " was turned away");
  }
}

TEST(RuleM4, ClosingEndsTheWaitsInConditionsAndAtTheEntry) {
  lounge m;
  stage on;
  on.start(m);
  strings ends;
  on.run([&]() -> task<> { co_await note_end(m.sit, "waiting", ends); });
  m.occupy.send("holder");
  on.play();
  on.run([&]() -> task<> { co_await note_end(m.sit, "entering", ends); });
  m.close();
  on.play();
  EXPECT_EQ(ends, (strings{"entering was turned away", "waiting was turned away"}));
  m.join();
}

TEST(RuleM4, AProcThatWaitsInAConditionOfAClosedMonitorIsTurnedAway) {
  struct stubborn : monitor_module {
    op<int()> wait_twice{this, &stubborn::do_wait_twice};
    condition never{this};
    task<int> do_wait_twice() {
      int turned_away = 0;
      for (int i = 0; i < 2; ++i) {
        try {
          co_await never.wait();
        } catch (const call_error&) {
          ++turned_away;
        }
      }
      co_return turned_away;
    }
  } m;
  stage on;
  on.start(m);
  int turned_away = 0;
  on.run([&]() -> task<> { turned_away = co_await m.wait_twice(); });
  m.close();
  on.play();
  EXPECT_EQ(turned_away, 2);
  m.join();
}

/// A number that only exclusion keeps right: it is read, and written a while later.
struct tally : monitor_module {
  op<void()> plain{this, &tally::do_add};
  op<void()> coroutine{this, &tally::do_add_later};
  op<int()> read{this, &tally::do_read};
  op<void()> tick{this, &tally::do_tick};
  condition ticked{this};
  int sum = 0;

  void do_add() { ++sum; }
  task<> do_add_later() {
    co_await ticked.wait();
    const int before = sum;
    co_await std::suspend_never{};
    sum = before + 1;
  }
  void do_tick() { ticked.signal_all(); }
  int do_read() { return sum; }
};

constexpr int rounds = 500;

TEST(RuleM5, CallersOnSeveralLoopsAndThreadsExcludeEachOther) {
  tally m;
  loop_thread home;
  m.start(home.get());
  std::atomic<bool> over = false;
  {
    std::jthread ticker{[&] {
      while (!over) m.tick().wait();
    }};
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&] {
        loop_thread own;
        tryst::run(own, [](tally& t) -> task<> {
          for (int k = 0; k < rounds; ++k) {
            co_await t.plain();
            co_await t.coroutine();
          }
        }(m));
      });
      callers.emplace_back([&] {
        for (int k = 0; k < rounds; ++k) {
          m.plain().wait();
          m.coroutine().wait();
        }
      });
    }
    callers.clear();
    over = true;
  }
  EXPECT_EQ(m.read().wait(), 4 * 2 * rounds);
  m.close();
  m.join();
}

TEST(RuleM5, AMonitorOfThreadsNeedsNoLoop) {
  tally m;
  m.start();
  std::atomic<bool> over = false;
  {
    std::jthread ticker{[&] {
      while (!over) m.tick().wait();
    }};
    std::vector<std::jthread> callers;
    for (int i = 0; i < 3; ++i) {
      callers.emplace_back([&] {
        for (int k = 0; k < rounds; ++k) {
          m.plain().wait();
          m.coroutine().wait();
          m.plain.send();
        }
      });
    }
    callers.clear();
    over = true;
  }
  m.close();
  m.join();
  EXPECT_GE(m.sum, 3 * 2 * rounds);
  EXPECT_LE(m.sum, 3 * 3 * rounds);
}

}  // namespace
}  // namespace tryst
