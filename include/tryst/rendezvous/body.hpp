// How a body is run for an invocation that an arm took, whatever its form: plain or a coroutine,
// with or without the call object.
#pragma once

#include <concepts>
#include <functional>
#include <tryst/rendezvous/call.hpp>
#include <tryst/rendezvous/operation_class.hpp>
#include <type_traits>

namespace tryst::detail {

template <class T>
struct awaited {
  using type = T;
  static constexpr bool is_task = false;
};
template <class T>
struct awaited<task<T>> {
  using type = T;
  static constexpr bool is_task = true;
};

template <class T, class R>
concept fits_result = std::is_void_v<R> || std::convertible_to<T, R>;

/// What `Body` is for an operation R(A...).
template <class Body, class Signature>
struct body_form;

template <class Body, class R, class... A>
struct body_form<Body, R(A...)> {
  static constexpr bool plain = std::invocable<Body&, A...>;
  static constexpr bool by_reference = !plain && std::invocable<Body&, call<R(A...)>&, A...>;
  static constexpr bool by_value =
      !plain && !by_reference && std::invocable<Body&, call<R(A...)>, A...>;
  /// The arguments stay in the call.
  static constexpr bool call_alone =
      sizeof...(A) > 0 && !plain && !by_reference && !by_value &&
      (std::invocable<Body&, call<R(A...)>&> || std::invocable<Body&, call<R(A...)>>);
  static constexpr bool alone_by_reference = call_alone && std::invocable<Body&, call<R(A...)>&>;
  static constexpr bool takes_call = by_reference || by_value || call_alone;

  static auto returned() {
    if constexpr (plain) {
      return std::type_identity<std::invoke_result_t<Body&, A...>>{};
    } else if constexpr (by_reference) {
      return std::type_identity<std::invoke_result_t<Body&, call<R(A...)>&, A...>>{};
    } else if constexpr (by_value) {
      return std::type_identity<std::invoke_result_t<Body&, call<R(A...)>, A...>>{};
    } else if constexpr (alone_by_reference) {
      return std::type_identity<std::invoke_result_t<Body&, call<R(A...)>&>>{};
    } else if constexpr (call_alone) {
      return std::type_identity<std::invoke_result_t<Body&, call<R(A...)>>>{};
    } else {
      return std::type_identity<void>{};
    }
  }
  using result = awaited<typename decltype(returned())::type>;
  static constexpr bool is_task = result::is_task;

  /// Says where the arm is written what is wrong with its body.
  static constexpr void check() {
    static_assert(plain || takes_call,
                  "tryst: body does not fit the operation: its parameters are not "
                  "the operation's, with or without its call<...> in front");
    static_assert(!plain || fits_result<typename result::type, R>,
                  "tryst: body does not fit the operation: it returns something else");
    static_assert(!takes_call || std::is_void_v<typename result::type>,
                  "tryst: body does not fit the operation: one that takes the call replies by it "
                  "and returns nothing");
  }
};

/// The end of a body that returned: guards may have changed, and the caller gets the result.
template <class R, class... A, class... Value>
void answer(operation_class& of, typed_invocation<R(A...)>& i, Value&&... value) noexcept {
  of.changed();
  reply_place<R>* const place = i.place;
  i.arguments_used();
  if (place != nullptr) place->give(std::forward<Value>(value)...);
}

template <class R, class... A>
void answer_failure(operation_class& of, typed_invocation<R(A...)>& i,
                    std::exception_ptr why) noexcept {
  of.changed();
  reply_place<R>* const place = i.place;
  i.arguments_used();
  if (place != nullptr) place->fail(std::move(why));
}

/// Whom the failure of a body reaches (rule S13): one whose caller is outside, its caller only.
enum class failure_reaches : bool { both, caller_only };

template <failure_reaches Reach>
bool stays_with_caller(const invocation& i) noexcept {
  return Reach == failure_reaches::caller_only || i.from_outside();
}

/// Tells the module that a body has ended, however it did.
class body_end {
public:
  explicit body_end(operation_class& of) noexcept : of_{of} {}
  body_end(const body_end&) = delete;
  body_end& operator=(const body_end&) = delete;
  ~body_end() { of_.changed(); }

private:
  operation_class& of_;
};

template <class Body, class R, class... A>
decltype(auto) apply_plain(Body& body, typed_invocation<R(A...)>& i) {
  return std::apply(
      [&body](auto&... arguments) -> decltype(auto) {
        return std::invoke(body, std::forward<A>(arguments)...);
      },
      i.arguments);
}

/// With arguments that were moved out of the invocation, since its caller may go on before the
/// body.
template <class Form, class Body, class R, class... A>
decltype(auto) apply_with_call(Body& body, call<R(A...)>& c, std::tuple<A...>& own) {
  if constexpr (Form::call_alone) c.keep_arguments(std::move(own));
  return std::apply(
      [&](auto&... arguments) -> decltype(auto) {
        if constexpr (Form::by_reference) {
          return std::invoke(body, c, std::forward<A>(arguments)...);
        } else if constexpr (Form::by_value) {
          return std::invoke(body, std::move(c), std::forward<A>(arguments)...);
        } else if constexpr (Form::alone_by_reference) {
          return std::invoke(body, c);
        } else {
          return std::invoke(body, std::move(c));
        }
      },
      own);
}

template <class R, class... A>
std::tuple<A...> take_arguments(typed_invocation<R(A...)>& i) {
  std::tuple<A...> own{std::move(i.arguments)};
  i.arguments_used();
  return own;
}

/// Whatever the body threw goes to the caller if a reply is owed, and on from here unless it stays
/// there (rule S13); with a send it stays with the module (rule I2).
template <failure_reaches Reach, class Body, class R, class... A>
void run_body(operation_class& of, Body& body, typed_invocation<R(A...)>& i) {
  using form = body_form<Body, R(A...)>;
  if constexpr (form::takes_call) {
    const body_end end{of};
    const bool stays = stays_with_caller<Reach>(i);
    const bool sent = i.place == nullptr;
    call<R(A...)> c{i.place};
    std::tuple<A...> own = take_arguments(i);
    try {
      apply_with_call<form>(body, c, own);
    } catch (...) {
      if (c.owed()) c.fail(std::current_exception());
      if (!stays) throw;
      if (sent) of.unhandled(std::current_exception());
      return;
    }
    if constexpr (std::is_void_v<R>) {
      if (c.owed()) c.reply();
    }
  } else {
    try {
      if constexpr (std::is_void_v<R>) {
        apply_plain(body, i);
      } else {
        R result = apply_plain(body, i);
        return answer(of, i, std::move(result));
      }
    } catch (...) {
      const bool stays = stays_with_caller<Reach>(i);
      const bool sent = i.place == nullptr;
      answer_failure(of, i, std::current_exception());
      if (!stays) throw;
      if (sent) of.unhandled(std::current_exception());
      return;
    }
    if constexpr (std::is_void_v<R>) answer(of, i);
  }
}

/// The same for one whose caller does not wait yet, and is answered where it stands. False: by its
/// call object, and the caller may be gone. Nothing is thrown: `failure` has what goes on from
/// here.
template <failure_reaches Reach, class Body, class R, class... A>
bool run_body_at_once(operation_class& of, Body& body, typed_invocation<R(A...)>& i,
                      std::exception_ptr& failure) noexcept {
  if constexpr (body_form<Body, R(A...)>::takes_call) {
    const waking_later later;
    try {
      run_body<Reach>(of, body, i);
    } catch (...) {
      failure = std::current_exception();
    }
    return false;
  } else {
    try {
      if constexpr (std::is_void_v<R>) {
        apply_plain(body, i);
        i.place->give_at_once({});
      } else {
        i.place->give_at_once(apply_plain(body, i));
      }
    } catch (...) {
      i.place->fail_at_once(std::current_exception());
      if (!stays_with_caller<Reach>(i)) failure = std::current_exception();
    }
    return true;
  }
}

/// The same as run_body() for a body that is a coroutine.
template <failure_reaches Reach, class Body, class R, class... A>
task<> run_task_body(operation_class& of, Body& body, typed_invocation<R(A...)>& i) {
  using form = body_form<Body, R(A...)>;
  if constexpr (form::takes_call) {
    const body_end end{of};
    const bool stays = stays_with_caller<Reach>(i);
    const bool sent = i.place == nullptr;
    call<R(A...)> c{i.place};
    std::tuple<A...> own = take_arguments(i);
    try {
      co_await apply_with_call<form>(body, c, own);
    } catch (...) {
      if (c.owed()) c.fail(std::current_exception());
      if (!stays) throw;
      if (sent) of.unhandled(std::current_exception());
      co_return;
    }
    if constexpr (std::is_void_v<R>) {
      if (c.owed()) c.reply();
    }
  } else {
    try {
      if constexpr (std::is_void_v<R>) {
        co_await apply_plain(body, i);
      } else {
        R result = co_await apply_plain(body, i);
        answer(of, i, std::move(result));
        co_return;
      }
    } catch (...) {
      const bool stays = stays_with_caller<Reach>(i);
      const bool sent = i.place == nullptr;
      answer_failure(of, i, std::current_exception());
      if (!stays) throw;
      if (sent) of.unhandled(std::current_exception());
      co_return;
    }
    if constexpr (std::is_void_v<R>) answer(of, i);
  }
}

}  // namespace tryst::detail
