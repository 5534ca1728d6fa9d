// The words in which a type is described once (RFC 4506). tryst-gen writes them, codec, print and
// JSON read them; a type written by hand may use them too.
//
// - A struct has `static constexpr void xdr_fields(Self&, Visit&&)`: one visit a member, in order.
// - An enum has `constexpr void xdr_enumerators(type<E>, Visit&&)`, found by ADL.
// - A union has xdr_discriminant, xdr_select, xdr_arm and xdr_each_arm: see union_like.
//
// Bounds stand in the description, never in the C++ type:
// visit("name", self.name, at_most<255>{}).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace tryst {

/// What tryst-gen and this library agree on. A header made for another revision does not compile.
inline constexpr int generated_revision = 1;

}  // namespace tryst

namespace tryst::xdr {

/// A type as a value, so that functions about it are found by argument-dependent lookup.
template <class T>
struct type {
  using self = T;
};

/// The C++ type alone says how the value is written.
struct plain {};

/// string<Max>, opaque<Max> or T<Max>: at most Max bytes or elements, each described by Element.
template <std::uint32_t Max, class Element = plain>
struct at_most {
  static constexpr std::uint32_t max = Max;
  using element = Element;
};

/// T[n] or T*: each element, or the value that is there, is described by Element.
template <class Element>
struct each {
  using element = Element;
};

/// A length without a bound (RFC 4506 §4.10): 2^32-1.
inline constexpr std::uint32_t unbounded = 0xffffffff;

namespace detail {
struct ignore_visit {
  constexpr void operator()(auto&&...) const {}
};
}  // namespace detail

/// A struct of the .x: it describes its members in order.
template <class T>
concept struct_like =
    std::is_class_v<T> && requires(T& value) { T::xdr_fields(value, detail::ignore_visit{}); };

/// An enum of the .x: it lists its names and numbers. `xdr_open(type<E>)`, where it is declared,
/// lets numbers through that are not listed.
template <class T>
concept enum_like =
    std::is_enum_v<T> && requires { xdr_enumerators(type<T>{}, detail::ignore_visit{}); };

/// A discriminated union of the .x (RFC 4506 §4.15).
template <class T>
concept union_like = std::is_class_v<T> && requires(T& value, const T& constant) {
  typename T::xdr_discriminant;  // bool, std::int32_t, std::uint32_t or an enum
  { T::xdr_discriminant_name } -> std::convertible_to<std::string_view>;
  // The stored discriminant.
  { constant.xdr_which() } -> std::same_as<typename T::xdr_discriminant>;
  // Stores a discriminant and a fresh arm; false, and no change, when it selects none.
  { value.xdr_select(typename T::xdr_discriminant{}) } -> std::same_as<bool>;
  // visit(name, arm) or visit(name, arm, description) for the selected arm; nothing for void.
  T::xdr_arm(value, detail::ignore_visit{});
  // For each arm visit(type<arm>{}) or visit(type<arm>{}, description); type<void> for void.
  T::xdr_each_arm(detail::ignore_visit{});
};

}  // namespace tryst::xdr
