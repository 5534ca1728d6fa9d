#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/semaphore.hpp>
#include <tryst/testing/explore.hpp>
#include <tryst/testing/quiescence.hpp>

namespace tryst::testing {
namespace {

using ::testing::Test;

/// A variable of the environment while a test runs.
class variable {
public:
  variable(const char* name, const std::string& value) : name_{name} {
    if (const char* const was = std::getenv(name)) before_ = was;
    ::setenv(name, value.c_str(), 1);
  }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

private:
  const char* name_;
  std::optional<std::string> before_;
};

/// The classic: two processes read, wait and write back.
void lose_an_update(seeded_loop& l) {
  int counter = 0;
  for (const char* name : {"first", "second"}) {
    l.begin(name, [&]() -> task<> {
      for (int i = 0; i < 3; ++i) {
        const int before = counter;
        if (i == 2) co_await l.yield();
        counter = before + 1;
        co_await l.yield();
      }
    });
  }
  l.run();
  require(counter == 6, "an update was lost");
}

class Explore : public Test {
protected:
  explored explore_with(const std::function<void(seeded_loop&)>& body) {
    return explore({.seeds = {1, 200}, .told = &told_}, body);
  }
  std::ostringstream told_;
};

TEST_F(Explore, PlaysEverySeedOfARunThatNeverFails) {
  const explored outcome = explore_with([](seeded_loop& l) {
    l.begin("one", []() -> task<> { co_return; });
    l.run();
  });
  EXPECT_TRUE(outcome);
  EXPECT_EQ(outcome.runs, 200U);
  EXPECT_EQ(told_.str(), "");
}

TEST_F(Explore, FindsALostUpdateAndShrinksItsTape) {
  const explored outcome = explore_with(lose_an_update);
  ASSERT_TRUE(outcome.found);
  const finding& f = *outcome.found;
  EXPECT_TRUE(f.repeatable);
  EXPECT_EQ(f.failure, "an update was lost");
  EXPECT_EQ(f.failure_of_shrunk, "an update was lost");
  EXPECT_LE(f.shrunk.choices().size(), 6U);
  EXPECT_LE(f.shrunk.choices().size(), f.recorded.choices().size());
  EXPECT_NE(told_.str().find("TRYST_SEED=" + std::to_string(f.seed)), std::string::npos);
  EXPECT_NE(told_.str().find("TRYST_TAPE=" + f.shrunk.text()), std::string::npos);
}

TEST_F(Explore, PlaysTheTapeOfTheEnvironmentAlone) {
  const explored first = explore_with(lose_an_update);
  ASSERT_TRUE(first.found);
  const variable tape{"TRYST_TAPE", first.found->shrunk.text()};
  const explored again = explore_with(lose_an_update);
  EXPECT_EQ(again.runs, 1U);
  ASSERT_TRUE(again.found);
  EXPECT_EQ(again.found->failure, "an update was lost");
}

TEST_F(Explore, TellsEachSeedBeforeItIsPlayedIfItIsAsked) {
  std::string told_before_the_second;
  const auto note = [&](seeded_loop& l) {
    if (l.choices().seed() == 2) told_before_the_second = told_.str();
  };
  EXPECT_TRUE(explore({.seeds = {1, 3}, .told = &told_, .tell_each = true}, note));
  EXPECT_EQ(told_before_the_second, "seed 1\nseed 2\n");
  const variable tell{"TRYST_TELL", "1"};
  EXPECT_TRUE(explore({.seeds = {9, 1}, .told = &told_}, note));
  EXPECT_EQ(told_.str(), "seed 1\nseed 2\nseed 3\nseed 9\n");
}

TEST_F(Explore, TakesItsSeedsFromTheEnvironment) {
  {
    const variable many{"TRYST_SEEDS", "77"};
    EXPECT_EQ(seeds_from_environment(5).count, 77U);
    const variable one{"TRYST_SEED", "12"};
    EXPECT_EQ(seeds_from_environment(5).first, 12U);
    EXPECT_EQ(seeds_from_environment(5).count, 1U);
  }
  const variable wrong{"TRYST_SEEDS", "many"};
  EXPECT_THROW(seeds_from_environment(5), std::invalid_argument);
}

TEST_F(Explore, SaysWhenATestIsNotDrawnFromTheLoopAlone) {
  int runs = 0;
  const explored outcome = explore_with([&](seeded_loop&) { require(++runs > 1, "once"); });
  ASSERT_TRUE(outcome.found);
  EXPECT_FALSE(outcome.found->repeatable);
}

TEST_F(Explore, AsksTheTestWhetherARunFailed) {
  bool failed = false;
  const explored outcome =
      explore({.seeds = {1, 3}, .failed = [&] { return failed; }, .told = &told_},
              [&](seeded_loop& l) { failed = l.choices().seed() == 2; });
  ASSERT_TRUE(outcome.found);
  EXPECT_EQ(outcome.found->seed, 2U);
}

/// Looks, and waits afterwards: who rings in between is not heard.
struct doorbell : module {
  semaphore bell{this, 0};
  bool rung = false;
  bool listening = false;

  task<> listen(seeded_loop& l) {
    if (rung) co_return;
    co_await l.yield();
    listening = true;
    co_await P(bell);
  }
  void ring() {
    rung = true;
    if (listening) V(bell);
  }
};

TEST_F(Explore, FindsALostWakeUpAndNamesWhoSleeps) {
  const explored outcome = explore_with([](seeded_loop& l) {
    doorbell door;
    quiescence end{l};
    end.name(door, "door");
    end.name(door.bell, "bell");
    l.begin("host", [&] { return door.listen(l); });
    l.begin("guest", [&]() -> task<> {
      for (int steps = 0; steps < 5; ++steps) co_await l.yield();
      door.ring();
    });
    l.run();
    end.check();
  });
  ASSERT_TRUE(outcome.found);
  EXPECT_NE(outcome.found->failure_of_shrunk.find("host waits in door.bell"), std::string::npos);
  EXPECT_LE(outcome.found->shrunk.choices().size(), 10U);
}

/// Each takes its own and then the other's.
struct fork_module : module {
  op<void()> take{this};
  op<void()> put{this};

  task<> server() {
    for (;;) {
      co_await receive(take);
      co_await receive(put);
    }
  }
};

TEST_F(Explore, FindsADeadlockOfTwoModules) {
  const explored outcome = explore_with([](seeded_loop& l) {
    fork_module left;
    fork_module right;
    quiescence end{l};
    end.name(left, "left");
    end.name(right, "right");
    left.start(l, left.server());
    right.start(l, right.server());
    const auto philosopher = [](fork_module& first, fork_module& second) -> task<> {
      co_await first.take();
      co_await second.take();
      co_await first.put();
      co_await second.put();
    };
    l.begin("Plato", [&] { return philosopher(left, right); });
    l.begin("Kant", [&] { return philosopher(right, left); });
    l.run();
    end.check();
  });
  ASSERT_TRUE(outcome.found);
  EXPECT_NE(outcome.found->failure.find("Plato"), std::string::npos);
  EXPECT_LE(outcome.found->shrunk.choices().size(), 20U);
}

}  // namespace
}  // namespace tryst::testing
