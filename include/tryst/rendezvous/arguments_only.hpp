// A guard that promises to look at the arguments of an invocation and at nothing else, so that what
// it has refused stays refused.
//
//   accept(request).such_that(arguments_only([](int units) { return units <= most; })) >> ...
#pragma once

#include <type_traits>

namespace tryst {

namespace detail {

/// arguments_only().
template <class F>
struct of_arguments : F {};
template <class F>
inline constexpr bool is_of_arguments = false;
template <class F>
inline constexpr bool is_of_arguments<of_arguments<F>> = true;

/// Its address stands for the guard, of which there is one only, since it holds nothing.
template <class F>
inline constexpr char guard_mark = 0;

}  // namespace detail

/// For such_that(), where the closure stands, which captures nothing. However many invocations wait
/// that it has refused, a statement that is executed again judges only those that came since.
///
/// An operation remembers one such guard: two that take turns judge anew each time.
template <class Guard>
auto arguments_only(Guard guard) {
  static_assert(std::is_empty_v<Guard>,
                "tryst: arguments_only() takes a closure that captures nothing");
  return detail::of_arguments<Guard>{guard};
}

}  // namespace tryst
