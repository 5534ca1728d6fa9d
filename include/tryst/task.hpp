// The coroutine type of handlers and processes: task<T>, lazy, its frame from a pool.
//
// Awaiting a child that finishes at once does not suspend the parent and uses no stack that is not
// given back: a million such awaits need no more than one. A parent that did suspend is resumed by
// whoever finishes its child, on that thread; calls made by clients resume it on the loop that the
// task was started on.
#pragma once

#include <atomic>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

namespace tryst {

class loop;
template <class T = void>
class task;

namespace detail {

// Frames of coroutines, kept by size for the thread that frees them (src/task/frame_pool.cpp).
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

class task_promise_base {
public:
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      task_promise_base& promise = self.promise();
      // Copied first: the parent, when it sees that we have finished, destroys this frame.
      const std::coroutine_handle<> parent = promise.parent_;
      if (promise.state_.exchange(state::finished, std::memory_order_acq_rel) == state::parked) {
        parent.resume();
      }
    }
    void await_resume() const noexcept {}
  };
  final_awaiter final_suspend() const noexcept { return {}; }

  /// The loop on which this task and its children are resumed; null: wherever a result comes.
  loop* home() const noexcept { return home_; }
  void set_home(loop* home) noexcept { home_ = home; }

  // Runs the child from inside its parent's await_suspend. True: the parent must stay suspended,
  // and will be resumed by the child.
  template <class Promise>
  bool start(std::coroutine_handle<Promise> self, std::coroutine_handle<> parent) noexcept {
    parent_ = parent;
    self.resume();
    if (state_.load(std::memory_order_acquire) == state::finished) return false;
    return state_.exchange(state::parked, std::memory_order_acq_rel) != state::finished;
  }

private:
  enum class state : unsigned char { running, parked, finished };

  std::coroutine_handle<> parent_;
  loop* home_ = nullptr;
  // The child may finish on another thread while the parent is still being parked.
  std::atomic<state> state_ = state::running;
};

template <class T>
class task_promise final : public task_promise_base {
public:
  task<T> get_return_object() noexcept;
  void unhandled_exception() noexcept { result_.template emplace<2>(std::current_exception()); }

  template <class U>
    requires std::constructible_from<T, U>
  void return_value(U&& value) {
    result_.template emplace<1>(std::forward<U>(value));
  }

  T take() {
    if (result_.index() == 2) std::rethrow_exception(std::move(std::get<2>(result_)));
    return std::move(std::get<1>(result_));
  }

private:
  std::variant<std::monostate, T, std::exception_ptr> result_;
};

template <>
class task_promise<void> final : public task_promise_base {
public:
  task<void> get_return_object() noexcept;
  void unhandled_exception() noexcept { failure_ = std::current_exception(); }
  void return_void() const noexcept {}

  void take() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

private:
  std::exception_ptr failure_;
};

}  // namespace detail

/// A computation that begins when it is awaited or spawned. A resource that can be moved; awaiting
/// it yields its result or throws its exception, once.
template <class T>
class [[nodiscard]] task {
public:
  using promise_type = detail::task_promise<T>;
  using value_type = T;

  task(task&& other) noexcept : frame_{std::exchange(other.frame_, nullptr)} {}
  task& operator=(task&& other) noexcept {
    task moved{std::move(other)};
    std::swap(frame_, moved.frame_);
    return *this;
  }
  ~task() {
    if (frame_) frame_.destroy();
  }

  auto operator co_await() && noexcept { return awaiter{frame_}; }

private:
  friend promise_type;
  explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_{frame} {}

  struct awaiter {
    std::coroutine_handle<promise_type> frame;

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> parent) const noexcept {
      if constexpr (std::derived_from<Promise, detail::task_promise_base>) {
        frame.promise().set_home(parent.promise().home());
      }
      return frame.promise().start(frame, parent);
    }
    T await_resume() const { return frame.promise().take(); }
  };

  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>{std::coroutine_handle<task_promise<T>>::from_promise(*this)};
}

inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>{std::coroutine_handle<task_promise<void>>::from_promise(*this)};
}

}  // namespace detail

/// How a spawned task ended: null, or the exception that left it.
using task_ended = std::move_only_function<void(std::exception_ptr)>;

/// Begins `process` on `home`, in one of its next turns, and tells `ended` there when it is over.
/// Any thread. The loop must outlive the task.
void spawn(loop& home, task<void> process, task_ended ended);

/// Begins `process` at once, on this thread, with `home` as the loop that it is resumed on.
void spawn_here(loop& home, task<void> process, task_ended ended);

namespace detail {

// The same with null for a process that goes on wherever a result comes.
void spawn_here(loop* home, task<void> process, task_ended ended);

}  // namespace detail

/// Begins `process` on `home`, which another thread runs, and blocks this thread until its result
/// or exception is there.
template <class T>
T run(loop& home, task<T> process);

namespace detail {

// Blocks until a spawned task told it that it is over.
void run_to_end(loop& home, task<void> process);

}  // namespace detail

template <class T>
T run(loop& home, task<T> process) {
  if constexpr (std::is_void_v<T>) {
    detail::run_to_end(home, std::move(process));
  } else {
    std::optional<T> result;
    const auto store = [](task<T> inner, std::optional<T>& out) -> task<void> {
      out.emplace(co_await std::move(inner));
    };
    detail::run_to_end(home, store(std::move(process), result));
    return std::move(*result);
  }
}

}  // namespace tryst
