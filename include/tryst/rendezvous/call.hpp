// The duty to reply, for bodies that want more than to return: as the body's first parameter it
// replies early, is kept and answered later by anybody, or passes the duty on.
//
//   accept(lookup) >> [&](call<value(key)>& c, key k) { c.reply(find(k)); tidy(); }
//   accept(acquire) >> [&](call<void()> c) { waiting.push_back(std::move(c)); }
//   accept(ask) >> [&](call<int(int)>& c) { c.requeue(busy ? later : now); }    no parameters
//
// A body that takes it by reference and has not replied replies by its end, if there is no result;
// otherwise, and when a call that was moved out is destroyed, the caller gets errc::broken_call.
#pragma once

#include <memory>
#include <stdexcept>
#include <tryst/rendezvous/operation.hpp>
#include <utility>

namespace tryst {

/// Thrown by the second reply to a call (rule S6).
class already_answered : public std::logic_error {
public:
  already_answered() : logic_error{"this call was answered, forwarded or moved away before"} {}
};

/// In front of what a call is forwarded to: its caller cannot take it back from there.
struct no_cancel_t {};
inline constexpr no_cancel_t no_cancel{};

/// Answered at most once. A resource that can be moved, and be answered on any thread; one thread
/// at a time.
template <class R, class... A>
class call<R(A...)> {
public:
  using signature = R(A...);

  /// For the library: the duty to answer `place`; null: it came by send, and replies are dropped.
  explicit call(detail::reply_place<R>* place) noexcept : place_{place}, owed_{true} {}

  call(call&& other) noexcept
      : place_{std::exchange(other.place_, nullptr)},
        owed_{std::exchange(other.owed_, false)},
        arguments_{std::move(other.arguments_)} {}
  call& operator=(call&& other) noexcept {
    call moved{std::move(other)};
    std::swap(place_, moved.place_);
    std::swap(owed_, moved.owed_);
    arguments_.swap(moved.arguments_);
    return *this;
  }
  ~call() {
    if (owed_ && place_ != nullptr) place_->fail(errc::broken_call);
  }

  /// Whether a reply is still owed.
  bool owed() const noexcept { return owed_; }

  /// Requested when nobody waits for the reply any more: the connection that the call came over was
  /// lost, or the caller has left an abandonable operation. Others always wait.
  std::stop_token stop_token() const {
    return place_ != nullptr ? place_->stop_token() : std::stop_token{};
  }

  /// Does `undo` if the reply is given and does not reach the caller, whose connection was lost, or
  /// who has left: for who must put back what it grants. Done on the thread that finds out, so that
  /// it sends to an operation rather than touch the module. Over datagrams nobody finds out.
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
  /// S7). If `to` is closed, or full, the caller gets errc::op_closed, or op_full. A caller with a
  /// limit can take the call back from there; if the limit was reached before, the call ends now.
  /// Throws already_answered.
  template <class... B>
  void forward(op<R(B...)>& to, std::type_identity_t<B>... arguments) {
    hand_on(to, limit(), std::forward<B>(arguments)...);
  }
  /// The same, but the caller waits until it is answered, whatever limit it has.
  template <class... B>
  void forward(no_cancel_t, op<R(B...)>& to, std::type_identity_t<B>... arguments) {
    hand_on(to, nullptr, std::forward<B>(arguments)...);
  }
  /// The same through a capability, which may be of an operation elsewhere: this program then
  /// passes on what is said there. Throws null_cap.
  template <class... B>
  void forward(const cap<R(B...)>& to, std::type_identity_t<B>... arguments) {
    to.check();
    hand_on(to, limit(), std::forward<B>(arguments)...);
  }
  template <class... B>
  void forward(no_cancel_t, const cap<R(B...)>& to, std::type_identity_t<B>... arguments) {
    to.check();
    hand_on(to, nullptr, std::forward<B>(arguments)...);
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

  /// Forwards the call as it came. For a body that takes the call<...> alone, in which the
  /// arguments are left; otherwise it throws std::logic_error. Throws already_answered.
  void requeue(op<R(A...)>& to) { requeue_with(to, limit()); }
  void requeue(no_cancel_t, op<R(A...)>& to) { requeue_with(to, nullptr); }

  /// The arguments that it came with, of a body that takes the call<...> alone.
  const std::tuple<A...>& arguments() const {
    if (arguments_ == nullptr) throw std::logic_error{"the body has taken the arguments"};
    return *arguments_;
  }
  /// For the library.
  void keep_arguments(std::tuple<A...>&& arguments) {
    arguments_ = std::make_unique<std::tuple<A...>>(std::move(arguments));
  }

private:
  detail::withdrawal* limit() const noexcept {
    return place_ != nullptr ? place_->limit() : nullptr;
  }

  template <class To, class... B>
  void hand_on(To& to, detail::withdrawal* limit, B&&... arguments) {
    if (!owed_) throw already_answered{};
    // An exception of its making leaves the duty here.
    const errc why = to.forward_to_here(place_, limit, std::forward<B>(arguments)...);
    detail::reply_place<R>* const place = settle();
    if (why != errc{} && place != nullptr) place->fail(why);
  }

  void requeue_with(op<R(A...)>& to, detail::withdrawal* limit) {
    if (!owed_) throw already_answered{};
    static_cast<void>(arguments());  // throws if they are not here
    std::apply([&](A&... kept) { hand_on(to, limit, std::forward<A>(kept)...); }, *arguments_);
  }

  detail::reply_place<R>* settle() {
    if (!std::exchange(owed_, false)) throw already_answered{};
    return std::exchange(place_, nullptr);
  }

  detail::reply_place<R>* place_;
  bool owed_;
  std::unique_ptr<std::tuple<A...>> arguments_;  // null: the body has them
};

}  // namespace tryst
