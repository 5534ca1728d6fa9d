// Calls side by side (rule C4): SR's `co ... oc`.
//
//   auto [a, b] = co_await all(first.read(k), second.read(k));   begins both, and waits for both
//   auto [a, b] = all(first.read(k), second.read(k)).wait();     the same on a thread
//
// Anything that can be awaited will do: calls of operations and of capabilities, calls over RPC,
// tasks. What has no result yields a std::monostate.
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <tryst/task.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace tryst {

namespace detail {

// One that makes its awaiter is moved from, as a task is; another one is an awaiter.
template <class Awaitable>
concept makes_awaiter = requires(Awaitable&& a) { std::move(a).operator co_await(); };

template <class Awaitable>
struct yielded {
  using type = decltype(std::declval<Awaitable&>().await_resume());
};
template <makes_awaiter Awaitable>
struct yielded<Awaitable> {
  using type = decltype(std::declval<Awaitable>().operator co_await().await_resume());
};
template <class Awaitable>
using yielded_t = typename yielded<std::remove_reference_t<Awaitable>>::type;
template <class Awaitable>
using yielded_value = std::conditional_t<std::is_void_v<yielded_t<Awaitable>>, std::monostate,
                                         std::remove_cvref_t<yielded_t<Awaitable>>>;

/// See the head of this file. Refers to what it is made of, which is written in the same
/// expression. Neither copied nor moved.
template <class... Awaitables>
class [[nodiscard]] all_of {
public:
  explicit all_of(Awaitables&&... each) noexcept : each_{std::forward<Awaitables>(each)...} {}
  all_of(const all_of&) = delete;
  all_of& operator=(const all_of&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) {
    caller_ = caller;
    loop* home = nullptr;
    if constexpr (std::derived_from<Promise, task_promise_base>) home = caller.promise().home();
    begin(home, std::index_sequence_for<Awaitables...>{});
    return !last();
  }
  /// The results in their order. Throws what the first of those threw that did, once all have
  /// ended.
  std::tuple<yielded_value<Awaitables>...> await_resume() {
    for (const std::exception_ptr& why : failures_) {
      if (why) std::rethrow_exception(why);
    }
    return std::apply(
        [](auto&... result) {
          return std::tuple<yielded_value<Awaitables>...>{*std::move(result)...};
        },
        results_);
  }

  /// Blocks this thread, which must run no loop, until all have ended. Calls with a limit of time
  /// are for tasks.
  auto wait() {
    begin(nullptr, std::index_sequence_for<Awaitables...>{});
    if (!last()) over_.wait(false, std::memory_order_acquire);
    return await_resume();
  }

private:
  template <std::size_t... I>
  void begin(loop* home, std::index_sequence<I...>) {
    (spawn_here(home, run<I>(*this), [this](std::exception_ptr) { ended(); }), ...);
  }

  template <std::size_t I>
  static task<> run(all_of& all) {
    using each = std::remove_reference_t<std::tuple_element_t<I, std::tuple<Awaitables...>>>;
    each& awaitable = std::get<I>(all.each_);
    auto& result = std::get<I>(all.results_);
    try {
      if constexpr (std::is_void_v<yielded_t<each>>) {
        if constexpr (makes_awaiter<each>) {
          co_await std::move(awaitable);
        } else {
          co_await awaitable;
        }
        result.emplace();
      } else if constexpr (makes_awaiter<each>) {
        result.emplace(co_await std::move(awaitable));
      } else {
        result.emplace(co_await awaitable);
      }
    } catch (...) {
      all.failures_[I] = std::current_exception();
    }
  }

  // Whether it was the last of the calls, and of the one who began them.
  bool last() noexcept { return going_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

  void ended() noexcept {
    if (!last()) return;
    if (caller_) return caller_.resume();
    over_.store(true, std::memory_order_release);
    over_.notify_one();
  }

  std::tuple<Awaitables&&...> each_;
  std::tuple<std::optional<yielded_value<Awaitables>>...> results_;
  std::array<std::exception_ptr, sizeof...(Awaitables)> failures_;
  std::atomic<std::size_t> going_ = sizeof...(Awaitables) + 1;
  std::coroutine_handle<> caller_;  // null: a thread waits for over_
  std::atomic<bool> over_ = false;
};

}  // namespace detail

/// Begins all of `each` and waits for all, in whatever order they end. To be awaited, or wait()ed
/// for, in the expression that makes it.
template <class... Awaitables>
  requires(sizeof...(Awaitables) > 0)
detail::all_of<Awaitables...> all(Awaitables&&... each) {
  return detail::all_of<Awaitables...>{std::forward<Awaitables>(each)...};
}

}  // namespace tryst
