// Calls whose caller stays queued for so long, or until it is stopped (rules F1, F2): for a
// statement, for a proc, or where the call was forwarded to. Once such a call is taken it is waited
// for like any other, so that its arguments outlive the body, unless the operation is abandonable.
//
//   if (auto x = co_await buffer.fetch.call_for(50ms)) use(*x);
//   auto y = buffer.fetch.call_until(then).wait();
//   auto done = co_await buffer.deposit.call_unless(stop, x);
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <tryst/rendezvous/abandonable_call.hpp>
#include <tryst/rendezvous/operation.hpp>

namespace tryst::detail {

/// A call whose caller has a limit.
class limited {
public:
  virtual void limit_reached(errc why) noexcept = 0;

protected:
  ~limited() = default;
};

/// Ends the wait in the queue at a time.
class time_limit final : timer {
public:
  explicit time_limit(loop::duration within) noexcept : within_{within} {}
  explicit time_limit(loop::time_point when) noexcept : when_{when} {}

  void begin(loop& home, limited& of) {
    home_ = &home;
    of_ = &of;
    home.arm(*this, when_.value_or(home.now() + within_));
  }
  void end() noexcept {
    if (home_ != nullptr) home_->disarm(*this);
  }
  void wait(parking& here, limited& of) {
    if (here.wait_until(when_.value_or(loop::clock::now() + within_))) return;
    of.limit_reached(errc::not_taken);
    here.wait();
  }

private:
  void expired() noexcept override { of_->limit_reached(errc::not_taken); }

  loop::duration within_{};
  std::optional<loop::time_point> when_;
  loop* home_ = nullptr;
  limited* of_ = nullptr;
};

/// Ends the wait in the queue when a stop is requested.
class stop_limit {
public:
  explicit stop_limit(std::stop_token stop) noexcept : stop_{std::move(stop)} {}

  void begin(loop&, limited& of) { callback_.emplace(stop_, on_stop{of}); }
  // Waits for a callback that runs on another thread.
  void end() noexcept { callback_.reset(); }
  void wait(parking& here, limited& of) {
    const std::stop_callback callback{stop_, on_stop{of}};
    here.wait();
  }

private:
  struct on_stop {
    limited& of;
    void operator()() const noexcept { of.limit_reached(errc::cancelled_unsent); }
  };

  std::stop_token stop_;
  std::optional<std::stop_callback<on_stop>> callback_;
};

/// Neither copied nor moved: the queue points into it.
template <class R, class... A, class Limit>
class [[nodiscard]] limited_call<R(A...), Limit> final : typed_invocation<R(A...)>,
                                                         reply_place<R>,
                                                         party,
                                                         limited {
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
    // Also of one that was taken, since it may be forwarded.
    limit_.begin(home, *this);
    return true;
  }
  result await_resume() {
    limit_.end();
    if (abandoned_) return std::unexpected{make_error_code(errc::call_abandoned)};
    if (apart_ == nullptr) return outcome(*this);
    const std::unique_ptr<abandonable_call<R(A...)>> ended{apart_};
    return outcome(*ended);
  }

  /// Blocks this thread until the call has ended or its limit is reached.
  result wait() {
    parking here;
    return end(here, begin(here));
  }
  /// The two halves of wait(): see local_call.
  bool begin(parking& here) {
    this->wait_as(here);
    return arrive();
  }
  result end(parking& here, bool queued) {
    if (queued) limit_.wait(here, *this);
    return await_resume();
  }

private:
  friend class op<R(A...)>;

  template <class Bound, class... Values>
  limited_call(Bound limit, op<R(A...)>& of, Values&&... values)
      : typed_invocation<R(A...)>{of, this, std::forward<Values>(values)...},
        of_{of},
        limit_{std::move(limit)} {
    this->is_patient();
  }

  template <class Place>
  static result outcome(Place& of) {
    if (const errc why = of.failure(); why != errc{}) return std::unexpected{make_error_code(why)};
    if constexpr (std::is_void_v<R>) {
      of.take();
      return {};
    } else {
      return of.take();
    }
  }

  bool arrive() {
    const errc why = of_.abandonable() ? arrive_abandonable() : of_.arrive_apart(*this, &withdraw_);
    if (why != errc{}) this->refuse_at_once(why);
    return why == errc{};
  }
  errc arrive_abandonable() {
    if constexpr ((!std::is_reference_v<A> && ...)) {
      party& self = *this;  // which is nobody else's business
      auto apart = std::apply(
          [&](A&... argument) {
            return std::make_unique<abandonable_call<R(A...)>>(of_, self, this->home(),
                                                               std::move(argument)...);
          },
          this->arguments);
      const errc why = of_.arrive_apart(*apart, &apart->withdraw());
      if (why == errc{}) apart_ = apart.release();
      return why;
    } else {
      return errc::op_closed;  // such an operation is not abandonable
    }
  }
  void limit_reached(errc why) noexcept override {
    if (apart_ == nullptr) return withdraw_(why);
    apart_->withdraw()(why);
    if (!apart_->abandon()) return;
    abandoned_ = true;
    this->wake();
  }
  withdrawal* limit() noexcept override { return &withdraw_; }
  void told() noexcept override { this->wake(); }
  const loop* waits_on() const noexcept override { return this->home(); }

  op<R(A...)>& of_;
  withdrawal withdraw_;
  abandonable_call<R(A...)>* apart_ = nullptr;  // ours, unless we have abandoned it
  bool abandoned_ = false;
  Limit limit_;
};

}  // namespace tryst::detail
