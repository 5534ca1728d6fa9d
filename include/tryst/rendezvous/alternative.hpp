// What an input statement does when it takes no invocation: the last of its parts. A statement has
// one such part at most (rule S5).
//
//   otherwise([&] {...})      nothing can be taken now
//   after(30s, [&] {...})     nothing could be taken for so long
//   until(then, [&] {...})    nor by then
//   on_close([&] {...})       the module is closed
//   or_terminate()            nobody is left who could call: it closes the module
#pragma once

#include <concepts>
#include <functional>
#include <tryst/rendezvous/acceptor.hpp>
#include <tryst/rendezvous/arm.hpp>

namespace tryst {

namespace detail {

/// `When`: what it waits for, if that is a time.
template <fallback Kind, class Body, class When = absent>
struct alternative {
  static constexpr fallback kind = Kind;
  static constexpr bool is_task = awaited<std::invoke_result_t<Body&>>::is_task;

  void run(operation_class&, invocation*) { std::invoke(body); }
  task<> run_task(operation_class&, invocation*) { co_await std::invoke(body); }
  loop::time_point time(loop::time_point now) const noexcept {
    if constexpr (std::same_as<When, loop::duration>) {
      return now + when;
    } else {
      return when;
    }
  }

  Body body;
  [[no_unique_address]] When when{};
};

struct no_alternative {
  static constexpr fallback kind = fallback::never;
  static constexpr bool is_task = false;
  void run(operation_class&, invocation*) const noexcept {}
};

struct termination {
  static constexpr fallback kind = fallback::at_termination;
  static constexpr bool is_task = false;
  void run(operation_class&, invocation*) const noexcept {}
};

template <class T>
concept is_alternative = requires {
  { T::kind } -> std::convertible_to<fallback>;
};

template <fallback Kind, class When, class Body>
auto make_alternative(Body&& body, When when) {
  check_temporary<Body>();
  static_assert(
      std::invocable<Body&>,
      "tryst: the body of otherwise(), after(), until() and on_close() has no parameters");
  return alternative<Kind, kept<Body>, When>{std::forward<Body>(body), when};
}

}  // namespace detail

/// What to do when no arm can be taken at this moment.
template <class Body>
auto otherwise(Body&& body) {
  return detail::make_alternative<detail::fallback::at_once>(std::forward<Body>(body),
                                                             detail::absent{});
}

/// What to do when no arm could be taken for `wait`, counted from when the statement blocks;
/// however short it is, what is queued is looked at once.
template <class Body>
auto after(loop::duration wait, Body&& body) {
  return detail::make_alternative<detail::fallback::at_a_time>(std::forward<Body>(body), wait);
}

/// What to do when no arm could be taken by `then`.
template <class Body>
auto until(loop::time_point then, Body&& body) {
  return detail::make_alternative<detail::fallback::at_a_time>(std::forward<Body>(body), then);
}

/// What to do when the module is closed, instead of throwing call_error (rule F5). The process
/// should end then: a further statement finds the module closed as well.
template <class Body>
auto on_close(Body&& body) {
  return detail::make_alternative<detail::fallback::at_closing>(std::forward<Body>(body),
                                                                detail::absent{});
}

/// Closes the module when nobody is left who could invoke it (rule F5): there is no capability of
/// its operations, they are not published, nothing is queued, no proc runs, and all processes that
/// start() began wait in a statement with or_terminate(), or have ended. The statement then ends as
/// in a module that is closed, and so should the process.
///
/// References to the module are not counted: whoever has one, and wants it to stay, keeps a
/// capability; also while it starts the processes. Statements of processes only, one of each. Nor
/// does it end what is served by those who call: see serve().
inline detail::termination or_terminate() noexcept { return {}; }

}  // namespace tryst
