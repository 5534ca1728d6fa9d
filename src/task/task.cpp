#include <tryst/task.hpp>

#include <atomic>
#include <tryst/loop.hpp>

namespace tryst {
namespace {

// The root of a spawned task: it owns itself, and its end is always told.
struct root {
  struct promise_type : detail::task_promise_base {
    root get_return_object() noexcept {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void unhandled_exception() const noexcept { std::terminate(); }
    void return_void() const noexcept {}
  };

  std::coroutine_handle<promise_type> frame;
};

root run_root(task<void> process, task_ended ended) {
  std::exception_ptr failure;
  try {
    co_await std::move(process);
  } catch (...) {
    failure = std::current_exception();
  }
  if (ended) ended(failure);
}

}  // namespace

void detail::spawn_here(loop* home, task<void> process, task_ended ended) {
  const root begun = run_root(std::move(process), std::move(ended));
  begun.frame.promise().set_home(home);
  begun.frame.resume();
}

void spawn_here(loop& home, task<void> process, task_ended ended) {
  detail::spawn_here(&home, std::move(process), std::move(ended));
}

void spawn(loop& home, task<void> process, task_ended ended) {
  home.post([&home, process = std::move(process), ended = std::move(ended)]() mutable {
    spawn_here(home, std::move(process), std::move(ended));
  });
}

namespace detail {

void run_to_end(loop& home, task<void> process) {
  std::atomic<bool> over = false;
  std::exception_ptr failure;
  spawn(home, std::move(process), [&](std::exception_ptr f) {
    failure = std::move(f);
    over.store(true, std::memory_order_release);
    over.notify_one();
  });
  over.wait(false, std::memory_order_acquire);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace detail

}  // namespace tryst
