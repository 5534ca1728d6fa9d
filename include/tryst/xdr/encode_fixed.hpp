// XDR at compile time: the bytes of a constant whose type has one size, as an array.
//
//   constexpr auto null_auth = tryst::xdr::encode_fixed(header{...});
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <tryst/xdr/codec.hpp>

namespace tryst::xdr {
namespace detail {

/// Not constexpr: an enum's undeclared number stops the compiler here.
inline void undeclared_enum_number() {}

template <class Desc, class T>
constexpr std::byte* put_constant(std::byte* at, const T& value) {
  static_assert(extent_of<T, Desc>.fixed, "encode_fixed is for types with one size on the wire");
  if constexpr (number<T>) {
    if constexpr (sizeof(T) < 4) {
      return put_constant<Desc>(at, std::int32_t{value});
    } else {
      const auto word = std::bit_cast<word_of<T>>(value);
      for (std::size_t i = sizeof(T); i-- > 0;) *at++ = std::byte(word >> (8 * i) & 0xff);
      return at;
    }
  } else if constexpr (std::is_same_v<T, bool>) {
    return put_constant<Desc>(at, std::uint32_t{value});
  } else if constexpr (enum_like<T>) {
    const auto number = static_cast<std::int32_t>(value);
    if (!open_enum<T> && !declares<T>(number)) undeclared_enum_number();
    return put_constant<Desc>(at, number);
  } else if constexpr (std::is_same_v<T, quadruple>) {
    return put_constant<Desc>(at, value.bytes);
  } else if constexpr (opaque_array<T>) {
    for (const std::byte b : value) *at++ = b;
    return at + padding_of(value.size());
  } else if constexpr (is_array<T>) {
    for (const auto& element : value) at = put_constant<element_description<Desc>>(at, element);
    return at;
  } else {
    const auto part = [&]<class M, class D = plain>(auto&&, const M& member, D = {}) {
      at = put_constant<D>(at, member);
    };
    if constexpr (union_like<T>) {
      at = put_constant<plain>(at, value.xdr_which());
      T::xdr_arm(value, part);
    } else {
      T::xdr_fields(value, part);
    }
    return at;
  }
}

}  // namespace detail

/// The value's bytes. What the .x does not allow does not compile.
template <class Desc = plain, class T>
consteval auto encode_fixed(const T& value) {
  std::array<std::byte, wire_bounds<T, Desc>::min> bytes{};
  detail::put_constant<Desc>(bytes.data(), value);
  return bytes;
}

}  // namespace tryst::xdr
