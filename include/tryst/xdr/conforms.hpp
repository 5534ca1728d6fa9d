// Whether a value keeps what the .x says of it, its bounds, enums and discriminants, without
// encoding it: for calls that never leave the process.
#pragma once

#include <concepts>
#include <ranges>
#include <string>
#include <tryst/xdr/codec.hpp>

namespace tryst::xdr {

template <class Desc = plain, class T>
bool conforms(const T& value);

namespace detail {

template <class Desc>
inline constexpr std::uint64_t conform_max = unbounded;
template <std::uint32_t Max, class Element>
inline constexpr std::uint64_t conform_max<at_most<Max, Element>> = Max;

template <class Desc>
struct conform_element {
  using type = plain;
};
template <class Desc>
  requires requires { typename Desc::element; }
struct conform_element<Desc> {
  using type = typename Desc::element;
};

template <class T>
bool members_conform(const T& value, bool in_list) {
  bool all = true;
  T::xdr_fields(value, [&]<class M, class Desc = plain>(auto&&, const M& member, Desc = {}) {
    if constexpr (can_be_tail<T, M>) {
      if (in_list && &member == &tail_of(value)) return;
    }
    all = all && conforms<Desc>(member);
  });
  return all;
}

template <class T>
bool arm_conforms(const T& value) {
  T probe;
  if (!probe.xdr_select(value.xdr_which())) return false;
  bool all = true;
  T::xdr_arm(value, [&]<class M, class Desc = plain>(auto&&, const M& arm, Desc = {}) {
    all = conforms<Desc>(arm);
  });
  return all;
}

template <class Desc, class T>
bool optional_conforms(const optional_data<T>& value) {
  if constexpr (list_node<T>) {
    for (const T* node = value.get(); node != nullptr; node = tail_of(*node).get()) {
      if (!members_conform(*node, true)) return false;
    }
    return true;
  } else {
    return !value || conforms<typename conform_element<Desc>::type>(*value);
  }
}

}  // namespace detail

/// True when encode() would succeed. A type of the user's own is taken at its word. Nested as deep
/// as the value is, but for lists, which are walked in a loop.
template <class Desc, class T>
bool conforms(const T& value) {
  if constexpr (detail::customized<T> || std::is_arithmetic_v<T> || std::same_as<T, quadruple>) {
    return true;
  } else if constexpr (enum_like<T>) {
    return open_enum<T> || detail::declares<T>(static_cast<std::int32_t>(value));
  } else if constexpr (detail::is_optional<T>) {
    return detail::optional_conforms<Desc>(value);
  } else if constexpr (detail::is_indirect<T>) {
    return value.get() != nullptr && conforms<Desc>(*value);
  } else if constexpr (struct_like<T>) {
    return detail::members_conform(value, false);
  } else if constexpr (union_like<T>) {
    return detail::arm_conforms(value);
  } else {
    if (std::ranges::size(value) > detail::conform_max<Desc>) return false;
    using element = std::ranges::range_value_t<T>;
    if constexpr (!std::is_arithmetic_v<element> && !std::same_as<element, std::byte>) {
      for (const auto& each : value) {
        if (!conforms<typename detail::conform_element<Desc>::type>(each)) return false;
      }
    }
    return true;
  }
}

}  // namespace tryst::xdr
