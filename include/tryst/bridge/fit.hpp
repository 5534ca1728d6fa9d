// Whether an operation can be a procedure: its signature against the types of the `.x`.
#pragma once

#include <concepts>
#include <tryst/bridge/wire_form.hpp>
#include <tuple>
#include <type_traits>

namespace tryst::detail {

/// How an operation's signature and a procedure's types go together.
template <class P, class Signature>
struct fit;

template <class P, class R, class... A>
struct fit<P, R(A...)> {
  using wire = typename P::arguments;
  static constexpr bool has_caller = false;
  static constexpr bool by_value = (!std::is_reference_v<A> && ...);
  static constexpr bool fits =
      std::same_as<wire_t<R>, typename P::result> && std::same_as<std::tuple<wire_t<A>...>, wire>;
};
template <class P, class R, class... A>
struct fit<P, R(caller, A...)> {
  using wire = typename P::arguments;
  static constexpr bool has_caller = true;
  static constexpr bool by_value = (!std::is_reference_v<A> && ...);
  static constexpr bool fits =
      std::same_as<wire_t<R>, typename P::result> && std::same_as<std::tuple<wire_t<A>...>, wire>;
};

}  // namespace tryst::detail
