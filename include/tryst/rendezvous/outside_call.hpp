// A call of an operation by somebody who is neither a coroutine nor a thread of this program: a
// message that came over a network, an event of a device. It queues like any other, and whoever
// derives from this learns of its end.
//
// What its guards and its body throw goes to it alone, and does not leave the statement: one bad
// request must not end a server (rule S13).
#pragma once

#include <tryst/rendezvous/operation.hpp>

namespace tryst {

template <class Signature>
class outside_call;

/// It must live until ended(), or until arrive() has refused it.
template <class R, class... A>
class outside_call<R(A...)> : private detail::typed_invocation<R(A...)>,
                              private detail::reply_place<R> {
  static_assert(
      (!std::is_reference_v<A> && ...),
      "tryst: an operation with reference parameters has callers within the program only");

public:
  /// Queues it, or gives it to a proc; it may have ended, and be gone, when this returns errc{}.
  /// Otherwise nothing happened: the module is closed, or has no memory for a process
  /// (errc::op_closed), or there is no room in its queue (errc::op_full).
  [[nodiscard]] errc arrive() noexcept {
    try {
      return of_.arrive_apart(*this, &withdraw_);
    } catch (...) {
      return errc::op_closed;
    }
  }

  /// The same for one that a servicer takes now or not at all: then it has ended with
  /// errc::not_taken.
  [[nodiscard]] errc arrive_if_wanted() noexcept {
    if (of_.proc_ == nullptr) return of_.operation::arrive_if_wanted(*this);
    try {
      const errc why = of_.proc_->launch(*this, {.apart = true, .only_now = true});
      if (why != errc::not_taken) return why;
      this->refuse(why);
      return errc{};
    } catch (...) {
      return errc::op_closed;
    }
  }

  /// Takes it back: it ends at once, and result() throws `why`, unless it was taken, or
  /// was let into a proc, before; then it ends so if it is forwarded. Not after ended() was called.
  void give_up(errc why) noexcept { withdraw_(why); }

protected:
  template <class... Values>
  explicit outside_call(op<R(A...)>& of, Values&&... values)
      : detail::typed_invocation<R(A...)>{of, this, std::forward<Values>(values)...}, of_{of} {}
  ~outside_call() = default;

  /// The result is there: the last that anybody does with this object. On any thread.
  virtual void ended() noexcept = 0;

  /// The result, once, after ended(). Throws what the body or a guard threw, or call_error.
  R result() {
    if (refused_by_) std::rethrow_exception(std::exchange(refused_by_, nullptr));
    return this->take();
  }
  /// Whether it ended for this reason, which result() would throw.
  bool ended_by(errc why) const noexcept { return !refused_by_ && this->failed_with(why); }

  /// What call::stop_token() is for bodies.
  std::stop_token stop_token() const override { return {}; }
  /// The result cannot be delivered. True: the body had said how it is undone, and that is done.
  bool undo() {
    if (!undo_) return false;
    std::exchange(undo_, nullptr)();
    return true;
  }

private:
  bool is_outside() const noexcept final { return true; }
  detail::withdrawal* limit() noexcept final { return &withdraw_; }
  void on_undelivered(std::move_only_function<void()> undo) final { undo_ = std::move(undo); }
  void refused_by_guard(std::exception_ptr why) noexcept final { refused_by_ = std::move(why); }
  void told() noexcept final { ended(); }

  op<R(A...)>& of_;
  detail::withdrawal withdraw_;
  std::exception_ptr refused_by_;
  std::move_only_function<void()> undo_;
};

}  // namespace tryst
