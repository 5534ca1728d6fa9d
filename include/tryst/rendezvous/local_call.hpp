// A call of an operation in its caller's frame: what awaiting or waiting for `buffer.fetch()` is.
// For an operation that statements service it is the invocation; of a proc it runs the body where
// the caller is, if it can (rule I5).
#pragma once

#include <memory>
#include <optional>
#include <tryst/rendezvous/invocation.hpp>
#include <tryst/rendezvous/party.hpp>
#include <tryst/rendezvous/passive_server.hpp>
#include <tryst/rendezvous/typed_proc.hpp>
#include <tuple>

namespace tryst {

template <class Signature>
class op;

namespace detail {

enum class patience : bool { waits, only_now };

/// A call in its caller's frame. Neither copied nor moved: the queue points into it.
template <class Signature, patience Patience>
class local_call;

template <class R, class... A, patience Patience>
class [[nodiscard]] local_call<R(A...), Patience> final : typed_invocation<R(A...)>,
                                                          reply_place<R>,
                                                          entrant {
public:
  /// What awaiting it yields; it throws what the body threw, or call_error.
  using result = std::conditional_t<
      Patience == patience::waits, R,
      std::conditional_t<std::is_void_v<R>, bool, std::optional<typename reply_place<R>::stored>>>;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) {
    this->wait_as(caller);
    return of_.proc_ == nullptr ? arrive() : enter(false);
  }
  result await_resume() {
    if constexpr (Patience == patience::waits) {
      return outcome();
    } else {
      if (this->failed_with(errc::not_taken)) return result{};
      if constexpr (std::is_void_v<R>) {
        outcome();
        return true;
      } else {
        return outcome();
      }
    }
  }

  /// Blocks this thread until the call has ended, and yields what awaiting it would. Not on a
  /// thread that runs a loop: the process that would answer may need it.
  result wait() {
    parking here;
    return end(here, begin(here));
  }
  /// The two halves of wait(), of which an operation that statements service must exist in the
  /// first only. True: it was queued, and will be answered.
  bool begin(parking& here) {
    this->wait_as(here);
    return of_.proc_ == nullptr ? arrive() : enter(true);
  }
  result end(parking& here, bool queued) {
    if (queued) here.wait();
    if (stage_ == stage::entering) go_in();
    return await_resume();
  }

private:
  friend class op<R(A...)>;

  template <class... Values>
  explicit local_call(op<R(A...)>& of, Values&&... values)
      : typed_invocation<R(A...)>{of, this, std::forward<Values>(values)...}, of_{of} {
    this->is_patient();
  }

  // True: whoever answers will wake the caller, who may be gone already.
  bool arrive() noexcept {
    if (passive_server* const server = of_.served()) return arrive_at(*server);
    const errc why = Patience == patience::waits ? of_.arrive(*this) : of_.arrive_if_wanted(*this);
    if (why != errc{}) this->refuse_at_once(why);
    return why == errc{};
  }

  // Where we may run the body ourselves. True: as above.
  bool arrive_at(passive_server& server) noexcept {
    using outcome = passive_server::outcome;
    errc why{};
    const outcome came = server.call(*this, Patience == patience::only_now, why);
    if (came == outcome::refused) this->refuse_at_once(why);
    return came == outcome::told;
  }

  // To a proc. True: as above.
  bool enter(bool thread) {
    direct_ = of_.proc_->direct(thread);
    if (direct_ == nullptr) {
      const errc why = of_.proc_->launch(
          *this, {.callers = this->home(), .only_now = Patience == patience::only_now});
      if (why != errc{}) this->refuse_at_once(why);
      return why == errc{};
    }
    stage_ = stage::entering;
    using admission = bound_proc::admission;
    const admission a = of_.proc_->enter(*this, Patience == patience::only_now);
    return a == admission::later || !go_in();
  }

  // Begins the proc, unless it is closed to us. True: go on at once; otherwise its end resumes us.
  bool go_in() noexcept {
    if (this->refusal() != errc{}) {
      stage_ = stage::outside;
      this->refuse_at_once(this->refusal());
      return true;
    }
    stage_ = stage::inside;
    try {
      std::optional<typename reply_place<R>::stored> value;
      body_ = std::apply(
          [&](auto&... argument) { return direct_->begin(value, std::forward<A>(argument)...); },
          this->arguments);
      if (!body_) {
        this->give_at_once(std::move(*value));
        return true;
      }
    } catch (...) {
      this->fail_at_once(std::current_exception());
      return true;
    }
    const auto begun = std::move(*body_).operator co_await();
    begun.frame.promise().set_home(this->home());
    return !begun.await_suspend(this->coroutine());
  }

  void woken() noexcept override {
    if (stage_ != stage::entering || go_in()) this->coroutine().resume();
  }

  R outcome() {
    if (stage_ != stage::inside) return this->take();
    const struct leaving {
      bound_proc& of;
      ~leaving() { of.leave(); }
    } at_end{*of_.proc_};
    if (body_) return std::move(*body_).operator co_await().await_resume();
    return this->take();
  }

  void told() noexcept override { this->wake(); }
  const loop* waits_on() const noexcept override { return this->home(); }

  enum class stage : std::uint8_t { outside, entering, inside };

  op<R(A...)>& of_;
  stage stage_ = stage::outside;  // of a proc that we run in our own frame
  direct_proc<R(A...)>* direct_ = nullptr;
  std::optional<task<R>> body_;
};

}  // namespace detail
}  // namespace tryst
