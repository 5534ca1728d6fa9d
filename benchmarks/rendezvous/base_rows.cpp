// What rendezvous is measured against in C++: a call to a coroutine behind a mutex and a queue,
// with a run queue that any thread may use; condition variables; an uncontended mutex.
#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "measure.hpp"

namespace tryst::bench {
namespace {

struct process {
  struct promise_type {
    process get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const { std::abort(); }
  };
};

class run_queue {
public:
  void push(std::coroutine_handle<> ready) {
    const std::lock_guard lock{mutex_};
    ready_.push_back(ready);
  }

  void run() {
    for (;;) {
      std::unique_lock lock{mutex_};
      if (ready_.empty()) return;
      const std::coroutine_handle<> next = ready_.front();
      ready_.pop_front();
      lock.unlock();
      next.resume();
    }
  }

private:
  std::mutex mutex_;
  std::deque<std::coroutine_handle<>> ready_;
};

class adder {
public:
  explicit adder(run_queue& on) : on_{on} {}

  struct call {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      caller_ = caller;
      std::unique_lock lock{of_.mutex_};
      of_.queue_.push_back(this);
      const std::coroutine_handle<> server = std::exchange(of_.server_, nullptr);
      lock.unlock();
      if (server) of_.on_.push(server);
    }
    int await_resume() const noexcept { return value_; }

    adder& of_;
    int value_;
    std::coroutine_handle<> caller_{};
  };

  call add(int n) { return {*this, n}; }

  struct next_call {
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> server) {
      const std::lock_guard lock{of_.mutex_};
      if (!of_.queue_.empty()) return false;
      of_.server_ = server;
      return true;
    }
    call* await_resume() {
      const std::lock_guard lock{of_.mutex_};
      call* const next = of_.queue_.front();
      of_.queue_.pop_front();
      return next;
    }

    adder& of_;
  };

  process serve() {
    for (;;) {
      call* const next = co_await next_call{*this};
      const bool last = next->value_ < 0;
      ++next->value_;
      on_.push(next->caller_);
      if (last) co_return;
    }
  }

private:
  run_queue& on_;
  std::mutex mutex_;
  std::deque<call*> queue_;
  std::coroutine_handle<> server_;
};

process call_often(adder& a, long times) {
  for (long i = 0; i < times; ++i) co_await a.add(1);
  co_await a.add(-1);
}

void coroutine_queue(long times) {
  run_queue on;
  adder a{on};
  a.serve();
  call_often(a, times);
  on.run();
}

void mutex(long times) {
  std::mutex m;
  volatile int value = 0;
  for (long i = 0; i < times; ++i) {
    const std::lock_guard lock{m};
    value = value + 1;
  }
}

// A call and its reply between two threads.
void condition_variables(long times) {
  std::mutex m;
  std::condition_variable asked;
  std::condition_variable answered;
  bool full = false;
  const auto change = [&](bool to, std::condition_variable& mine, std::condition_variable& other) {
    std::unique_lock lock{m};
    mine.wait(lock, [&] { return full != to; });
    full = to;
    other.notify_one();
  };
  const std::jthread server{[&] {
    for (long i = 0; i < times; ++i) change(false, asked, answered);
  }};
  for (long i = 0; i < times; ++i) {
    change(true, answered, asked);
    std::unique_lock lock{m};
    answered.wait(lock, [&] { return !full; });
  }
}

// The same without anything to hold.
void atomic_wait(long times) {
  std::atomic<bool> full = false;
  const auto change = [&](bool to) {
    full.wait(to);
    full.store(to);
    full.notify_one();
  };
  const std::jthread server{[&] {
    for (long i = 0; i < times; ++i) change(false);
  }};
  for (long i = 0; i < times; ++i) {
    change(true);
    full.wait(true);
  }
}

}  // namespace
}  // namespace tryst::bench

int main(int count, char** arguments) {
  using namespace tryst::bench;
  // With one thread only, glibc's mutexes are no locks.
  const std::jthread second{[](const std::stop_token& over) {
    std::mutex m;
    std::unique_lock lock{m};
    std::condition_variable_any never;
    never.wait(lock, over, [] { return false; });
  }};
  return run_row({{"coroutine-queue", coroutine_queue},
                  {"mutex", mutex},
                  {"thread-caller", condition_variables},
                  {"atomic-wait", atomic_wait}},
                 count, arguments);
}
