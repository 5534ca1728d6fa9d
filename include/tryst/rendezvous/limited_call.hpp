// Calls whose caller stays queued for so long, or until it is stopped (rules F1, F2). Once such a
// call is taken it is waited for like any other, so that its arguments outlive the body. A proc has
// taken its calls from the beginning on.
//
//   if (auto x = co_await buffer.fetch.call_for(50ms)) use(*x);
//   auto y = buffer.fetch.call_until(then).wait();
//   auto done = co_await buffer.deposit.call_unless(stop, x);
#pragma once

#include <expected>
#include <optional>
#include <stop_token>
#include <tryst/rendezvous/operation.hpp>

namespace tryst::detail {

/// A queued invocation, to be taken back from wherever the limit is noticed. It keeps the queues in
/// existence, since the operation may end in the same moment.
class taking_back {
public:
  taking_back(invocation& i, std::shared_ptr<operation_class> from) noexcept
      : invocation_{i}, from_{std::move(from)} {}
  void operator()(errc why) const noexcept { from_->give_up(invocation_, why); }

private:
  invocation& invocation_;
  std::shared_ptr<operation_class> from_;
};

/// Ends the wait in the queue at a time.
class time_limit final : timer {
public:
  explicit time_limit(loop::duration within) noexcept : within_{within} {}
  explicit time_limit(loop::time_point when) noexcept : when_{when} {}

  void begin(loop& home, const taking_back& take_back) {
    home_ = &home;
    take_back_.emplace(take_back);
    home.arm(*this, when_.value_or(home.now() + within_));
  }
  void end() noexcept {
    if (home_ != nullptr) home_->disarm(*this);
  }
  void wait(parking& here, const taking_back& take_back) {
    if (here.wait_until(when_.value_or(loop::clock::now() + within_))) return;
    take_back(errc::not_taken);
    here.wait();
  }

private:
  void expired() noexcept override { (*take_back_)(errc::not_taken); }

  loop::duration within_{};
  std::optional<loop::time_point> when_;
  loop* home_ = nullptr;
  std::optional<taking_back> take_back_;
};

/// Ends the wait in the queue when a stop is requested.
class stop_limit {
public:
  explicit stop_limit(std::stop_token stop) noexcept : stop_{std::move(stop)} {}

  void begin(loop&, const taking_back& take_back) { callback_.emplace(stop_, on_stop{take_back}); }
  // Waits for a callback that runs on another thread.
  void end() noexcept { callback_.reset(); }
  void wait(parking& here, const taking_back& take_back) {
    const std::stop_callback callback{stop_, on_stop{take_back}};
    here.wait();
  }

private:
  struct on_stop {
    taking_back take_back;
    void operator()() const noexcept { take_back(errc::cancelled_unsent); }
  };

  std::stop_token stop_;
  std::optional<std::stop_callback<on_stop>> callback_;
};

/// Neither copied nor moved: the queue points into it.
template <class R, class... A, class Limit>
class [[nodiscard]] limited_call<R(A...), Limit> final : typed_invocation<R(A...)>,
                                                         reply_place<R>,
                                                         party {
public:
  /// What awaiting it yields: the result, or why there is none. It throws what the body threw.
  using result = std::expected<R, std::error_code>;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) {
    static_assert(
        std::derived_from<Promise, task_promise_base>,
        "tryst: a call with a limit is awaited in a tryst::task, whose loop has the time");
    this->wait_as(caller);
    loop& home = this->home_with_time();
    if (!arrive()) return false;
    // Whoever answers resumes us on this thread, after this.
    if (!this->taken()) limit_.begin(home, take_back());
    return true;
  }
  result await_resume() {
    limit_.end();
    if (const errc why = this->failure(); why != errc{})
      return std::unexpected{make_error_code(why)};
    if constexpr (std::is_void_v<R>) {
      this->take();
      return {};
    } else {
      return this->take();
    }
  }

  /// Blocks this thread until the call has ended or its limit is reached.
  result wait() {
    parking here;
    return end(here, begin(here));
  }
  /// The two halves of wait(): see local_call.
  bool begin(parking& here) noexcept {
    this->wait_as(here);
    return arrive();
  }
  result end(parking& here, bool queued) {
    if (queued) limit_.wait(here, take_back());
    return await_resume();
  }

private:
  friend class op<R(A...)>;

  template <class Bound, class... Values>
  limited_call(Bound limit, op<R(A...)>& of, Values&&... values)
      : typed_invocation<R(A...)>{of, this, std::forward<Values>(values)...},
        of_{of},
        queues_{of.queues()},
        limit_{std::move(limit)} {}

  bool arrive() {
    const errc why = of_.arrive_apart(*this);
    if (why != errc{}) this->refuse_at_once(why);
    return why == errc{};
  }
  taking_back take_back() { return {*this, queues_}; }
  void told() noexcept override { this->wake(); }
  const loop* waits_on() const noexcept override { return this->home(); }

  op<R(A...)>& of_;
  std::shared_ptr<operation_class> queues_;
  Limit limit_;
};

}  // namespace tryst::detail
