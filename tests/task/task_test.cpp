#include <gtest/gtest.h>
#include <pthread.h>

#include <coroutine>
#include <stdexcept>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/task.hpp>
#include <tryst/testing/manual_loop.hpp>

namespace tryst {
namespace {

using testing::manual_loop;

task<int> answer() { co_return 42; }
task<int> fails() {
  throw std::runtime_error("no answer");
  co_return 0;
}

// Something to wait for that a test opens by hand.
struct gate {
  std::coroutine_handle<> waiter;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept { waiter = h; }
  void await_resume() const noexcept {}
};

TEST(Task, BeginsWhenItIsAwaitedAndYieldsItsResult) {
  manual_loop loop;
  int seen = 0;
  bool ended = false;
  const auto process = [](int& out) -> task<void> { out = co_await answer() + 1; };
  spawn(loop, process(seen), [&](std::exception_ptr failure) { ended = !failure; });
  EXPECT_EQ(seen, 0);
  loop.run_until_idle();
  EXPECT_EQ(seen, 43);
  EXPECT_TRUE(ended);
}

TEST(Task, PassesAnExceptionToWhoeverAwaitsIt) {
  manual_loop loop;
  std::string caught;
  const auto process = []() -> task<void> { co_await fails(); };
  spawn(loop, process(), [&](std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      caught = e.what();
    }
  });
  loop.run_until_idle();
  EXPECT_EQ(caught, "no answer");
}

TEST(Task, ResumesItsParentWhenItFinishesLater) {
  manual_loop loop;
  gate g;
  int seen = 0;
  const auto child = [](gate& gate_) -> task<int> {
    co_await gate_;
    co_return 7;
  };
  const auto process = [&child](gate& gate_, int& out) -> task<void> {
    out = co_await child(gate_);
  };
  spawn(loop, process(g, seen), nullptr);
  loop.run_until_idle();
  EXPECT_EQ(seen, 0);
  g.waiter.resume();
  EXPECT_EQ(seen, 7);
}

TEST(Task, IsDestroyedUnrunWhenNobodyAwaitsIt) {
  const auto tracked = std::make_shared<int>(1);
  {
    const auto process = [](std::shared_ptr<int>) -> task<void> { co_return; };
    const task<void> never = process(tracked);
    EXPECT_EQ(tracked.use_count(), 2);
  }
  EXPECT_EQ(tracked.use_count(), 1);
}

TEST(Task, RunsOnALoopOfAnotherThreadWhileThisOneBlocks) {
  loop_thread background;
  EXPECT_EQ(run(background, answer()), 42);
  EXPECT_THROW(run(background, fails()), std::runtime_error);
}

task<void> await_often(int times, long& sum) {
  for (int i = 0; i < times; ++i) sum += co_await answer();
}

void* await_a_million(void* result) {
  manual_loop loop;
  spawn(loop, await_often(1'000'000, *static_cast<long*>(result)), nullptr);
  loop.run_until_idle();
  return nullptr;
}

TEST(Task, AwaitsAMillionReadyChildrenInAStackOf256KiB) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  long sum = 0;
  pthread_t thread{};
  ASSERT_EQ(pthread_create(&thread, &attributes, await_a_million, &sum), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  EXPECT_EQ(sum, 42'000'000);
}

}  // namespace
}  // namespace tryst
