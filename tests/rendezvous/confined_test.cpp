// Modules that are confined to a loop (D8): what their loop does without atomic instructions, other
// threads may do all the same.
#include <gtest/gtest.h>

#include <mutex>
#include <stop_token>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/queue_lock.hpp>
#include <tryst/testing/manual_loop.hpp>

namespace tryst {
namespace {

TEST(QueueLock, KeepsTheThreadOfItsLoopAndAllOthersApart) {
  loop_thread home;
  detail::queue_lock mutex{&home.get()};
  int count = 0;  // no atomic: ThreadSanitizer watches it
  const auto add = [&] {
    for (int i = 0; i < 20'000; ++i) {
      const std::lock_guard lock{mutex};
      ++count;
    }
  };
  {
    const std::jthread first{add};
    const std::jthread second{add};
    run_on(home, add);
  }
  EXPECT_EQ(count, 60'000);
}

TEST(QueueLock, SparesItsLoopTheAtomicInstructionsHere) {
  testing::manual_loop home;
  EXPECT_TRUE(detail::queue_lock{&home}.confined()) << "this kernel has no membarrier";
  EXPECT_FALSE(detail::queue_lock{nullptr}.confined());
}

struct counter : module {
  explicit counter(loop& home) : module{home} {}
  op<void(int)> add{this};
  op<int(int)> reach{this};
  int sum = 0;

  task<> server() {
    for (;;) {
      co_await in(
          accept(add) >> [this](int n) { sum += n; }, accept(reach).such_that([this](int least) {
            return sum >= least;
          }) >> [this](int) { return sum; });
    }
  }
};

// One with its process, until the test ends.
struct running_counter {
  loop_thread home;
  counter c{home.get()};

  running_counter() { c.start(home, c.server()); }
  ~running_counter() {
    c.close();
    c.join();
  }
};

constexpr int times = 2000;

task<> add_often(counter& c) {
  for (int i = 0; i < times; ++i) co_await c.add(1);
}

TEST(Confined, CallersOnItsLoopOnOtherLoopsAndOnThreadsUseOneModule) {
  running_counter running;
  auto& [home, c] = running;
  {
    const std::jthread here{[&] { tryst::run(home, add_often(c)); }};
    const std::jthread on_another_loop{[&] {
      loop_thread own;
      tryst::run(own, add_often(c));
    }};
    const std::jthread without{[&] {
      for (int i = 0; i < times; ++i) c.add(1).wait();
    }};
    const std::jthread sending{[&] {
      for (int i = 0; i < times; ++i) c.add.send(1);
    }};
    EXPECT_EQ(c.reach(4 * times).wait(), 4 * times);
  }
}

TEST(Confined, AThreadServicesToo) {
  loop_thread home;
  counter c{home.get()};
  {
    const std::jthread server{[&] {
      for (int i = 0; i < times; ++i) in(accept(c.add) >> [&](int n) { c.sum += n; }).wait();
    }};
    tryst::run(home, add_often(c));
  }
  EXPECT_EQ(c.sum, times);
}

TEST(Confined, IsClosedByAnotherThread) {
  running_counter running;
  auto& [home, c] = running;
  const std::jthread waiting{[&] {
    EXPECT_THROW(tryst::run(home,
                            [&]() -> task<> {
                              const int reached = co_await c.reach(1);
                              ADD_FAILURE() << "reached " << reached;
                            }()),
                 call_error);
  }};
  while (c.reach.pending() == 0) std::this_thread::yield();
  c.close();
}

TEST(Confined, ACallIsTakenBackByAnotherThread) {
  running_counter running;
  auto& [home, c] = running;
  std::stop_source stop;
  const std::jthread stopping{[&] {
    while (c.reach.pending() == 0) std::this_thread::yield();
    stop.request_stop();
  }};
  tryst::run(home, [](counter& of, std::stop_token token) -> task<> {
    const auto reached = co_await of.reach.call_unless(std::move(token), 1);
    EXPECT_EQ(reached.error(), errc::cancelled_unsent);
  }(c, stop.get_token()));
}

TEST(Confined, GuardsAreJudgedAgainAfterABodyAsInAnyModule) {
  running_counter running;
  auto& [home, c] = running;
  int seen = 0;
  std::jthread waiting{[&] { seen = c.reach(2).wait(); }};
  while (c.reach.pending() == 0) std::this_thread::yield();
  c.add(1).wait();
  EXPECT_EQ(c.reach.pending(), 1U);
  c.add(1).wait();
  waiting.join();
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace tryst
