// The duty to reply, for bodies that want more than to return: as the body's first parameter it
// replies early, is kept and answered later by anybody, or passes the duty on.
//
//   accept(lookup) >> [&](call<value(key)>& c, key k) { c.reply(find(k)); tidy(); }
//   accept(acquire) >> [&](call<void()> c) { waiting.push_back(std::move(c)); }
//
// A body that takes it by reference and has not replied replies by its end, if there is no result;
// otherwise, and when a call that was moved out is destroyed, the caller gets errc::broken_call.
#pragma once

#include <stdexcept>
#include <tryst/rendezvous/operation.hpp>
#include <utility>

namespace tryst {

/// Thrown by the second reply to a call (rule S6).
class already_answered : public std::logic_error {
public:
  already_answered() : logic_error{"this call was answered, forwarded or moved away before"} {}
};

/// Answered at most once. A resource that can be moved, and be answered on any thread; one thread
/// at a time.
template <class R, class... A>
class call<R(A...)> {
public:
  using signature = R(A...);

  /// For the library: the duty to answer `place`; null: it came by send, and replies are dropped.
  explicit call(detail::reply_place<R>* place) noexcept : place_{place}, owed_{true} {}

  call(call&& other) noexcept
      : place_{std::exchange(other.place_, nullptr)}, owed_{std::exchange(other.owed_, false)} {}
  call& operator=(call&& other) noexcept {
    call moved{std::move(other)};
    std::swap(place_, moved.place_);
    std::swap(owed_, moved.owed_);
    return *this;
  }
  ~call() {
    if (owed_ && place_ != nullptr) place_->fail(errc::broken_call);
  }

  /// Whether a reply is still owed.
  bool owed() const noexcept { return owed_; }

  /// Requested when nobody waits for the reply any more, because the connection that the call came
  /// over was lost. Callers within the program always wait.
  std::stop_token stop_token() const {
    return place_ != nullptr ? place_->stop_token() : std::stop_token{};
  }

  /// Does `undo` if the reply is given and does not reach the caller, whose connection was lost:
  /// for who must put back what it grants. Done on the thread that finds out, so that it sends to
  /// an operation rather than touch the module. Over datagrams nobody finds out.
  void on_undelivered(std::move_only_function<void()> undo) {
    if (place_ != nullptr) place_->on_undelivered(std::move(undo));
  }

  /// Answers the caller, who goes on. Throws already_answered.
  template <class... Value>
    requires(std::is_void_v<R>
                 ? sizeof...(Value) == 0
                 : sizeof...(Value) == 1 &&
                       (std::is_constructible_v<typename detail::reply_place<R>::stored, Value> &&
                        ...))
  void reply(Value&&... value) {
    if (detail::reply_place<R>* const place = settle()) {
      place->give(std::forward<Value>(value)...);
    }
  }

  /// Answers with an exception, which the caller's await throws. Throws already_answered.
  void fail(std::exception_ptr why) {
    if (detail::reply_place<R>* const place = settle()) place->fail(std::move(why));
  }

  /// Hands the duty to reply to an invocation of `to`, which is queued behind what `to` has (rule
  /// S7). If `to` is closed, or full, the caller gets errc::op_closed, or op_full. Throws
  /// already_answered.
  template <class... B>
  void forward(op<R(B...)>& to, std::type_identity_t<B>... arguments) {
    if (!owed_) throw already_answered{};
    // An exception of its making leaves the duty here.
    const errc why = to.forward_to_here(place_, std::forward<B>(arguments)...);
    detail::reply_place<R>* const place = settle();
    if (why != errc{} && place != nullptr) place->fail(why);
  }

  /// The same through a capability, which may be of an operation elsewhere: this program then
  /// passes on what is said there. Throws null_cap.
  template <class... B>
  void forward(const cap<R(B...)>& to, std::type_identity_t<B>... arguments) {
    if (!owed_) throw already_answered{};
    to.check();
    const errc why = to.forward_to_here(place_, std::forward<B>(arguments)...);
    detail::reply_place<R>* const place = settle();
    if (why != errc{} && place != nullptr) place->fail(why);
  }

  /// Hands the duty to whoever knows how to answer a call with these arguments: an operation
  /// elsewhere, whose answer is relayed (bridge/remote_operation.hpp). Throws already_answered.
  template <class To, class... B>
    requires requires(To& to, call&& duty, B&&... arguments) {
      to.answer(std::move(duty), std::forward<B>(arguments)...);
    }
  void forward(To& to, B&&... arguments) {
    if (!owed_) throw already_answered{};
    to.answer(std::move(*this), std::forward<B>(arguments)...);
  }

private:
  detail::reply_place<R>* settle() {
    if (!std::exchange(owed_, false)) throw already_answered{};
    return std::exchange(place_, nullptr);
  }

  detail::reply_place<R>* place_;
  bool owed_;
};

}  // namespace tryst
