// The end of a module whose procs answer from threads of their own (rule M4).
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/operation.hpp>

namespace tryst {
namespace {

// Takes its time to be told of an answer: until the module is joined, should that come first.
class slow_loop final : public epoll_loop {
public:
  using epoll_loop::post;
  void post(job& j) override {
    if (std::unique_lock lock{mutex_}; answering_) {
      joined_first_ =
          changed_.wait_for(lock, std::chrono::milliseconds{50}, [&] { return joined_; });
    }
    epoll_loop::post(j);
  }

  void answering() {
    const std::lock_guard lock{mutex_};
    answering_ = true;
  }
  void joined() {
    const std::lock_guard lock{mutex_};
    joined_ = true;
    changed_.notify_one();
  }
  bool was_joined_first() {
    const std::lock_guard lock{mutex_};
    return joined_first_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool answering_ = false;
  bool joined_ = false;
  bool joined_first_ = false;
};

struct worker : concurrent_module {
  explicit worker(slow_loop& callers) : callers_{callers} {}

  op<int()> work{this, &worker::do_work, {.blocking = true}};
  std::latch began{1};

private:
  int do_work() {
    callers_.answering();
    began.count_down();
    return 1;
  }

  slow_loop& callers_;
};

TEST(RuleM4, JoinReturnsWhenTheAnswersOfProcsAreOnTheirWay) {
  slow_loop home;
  worker w{home};
  w.start();
  std::promise<int> answer;
  const auto call = [&]() -> task<> { answer.set_value(co_await w.work()); };
  spawn(home, call(), {});
  std::jthread turns{[&] { home.run(); }};
  w.began.wait();
  w.close();
  w.join();
  home.joined();
  EXPECT_EQ(answer.get_future().get(), 1);
  EXPECT_FALSE(home.was_joined_first());
  home.stop();
}

TEST(RuleM4, AProcThatClosingEndedHasNotFailed) {
  struct host : module {
    op<void()> stay{this, &host::do_stay};
    op<void()> never{this};
    task<> do_stay(call<void()>& c) {
      c.reply();
      co_await receive(never);
    }
  } h;
  h.start();
  h.stay().wait();
  h.close();
  EXPECT_NO_THROW(h.join());
}

}  // namespace
}  // namespace tryst
