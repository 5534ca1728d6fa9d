// From an XDR value to JSON. json.hpp says how each type looks.
#pragma once

#include <concepts>
#include <string>
#include <tryst/json/leaf.hpp>
#include <tryst/xdr/codec.hpp>
#include <tryst/xdr/enum_names.hpp>

namespace tryst::json::detail {

template <class T>
value write(const T& from, const options& how);

template <class T>
concept bytes_like = xdr::detail::opaque_array<T> || std::same_as<T, std::vector<std::byte>>;

/// Nested optional data: null could be the outer or the inner one, so the outer is an array.
template <class T>
inline constexpr bool may_be_null = false;
template <class T>
inline constexpr bool may_be_null<xdr::optional_data<T>> = !xdr::list_node<T>;

template <class T>
value write_struct(const T& from, const options& how, bool in_list) {
  value object = value::object();
  T::xdr_fields(from, [&]<class M>(std::string_view name, const M& member, auto&&...) {
    if constexpr (xdr::detail::can_be_tail<T, M>) {
      if (in_list && &member == &xdr::detail::tail_of(from)) return;
    }
    object.emplace(std::string{name}, write(member, how));
  });
  return object;
}

template <class T>
value write_optional(const xdr::optional_data<T>& from, const options& how) {
  if constexpr (xdr::list_node<T>) {
    value array = value::array();
    for (const T* node = from.get(); node != nullptr; node = xdr::detail::tail_of(*node).get()) {
      array.push_back(write_struct(*node, how, true));
    }
    return array;
  } else if constexpr (may_be_null<T>) {
    value array = value::array();
    if (from) array.push_back(write(*from, how));
    return array;
  } else {
    return from ? write(*from, how) : value(nullptr);
  }
}

template <class T>
value write_union(const T& from, const options& how) {
  value object = value::object();
  object.emplace(std::string{T::xdr_discriminant_name}, write(from.xdr_which(), how));
  T::xdr_arm(from, [&](std::string_view name, const auto& arm, auto&&...) {
    object.emplace(std::string{name}, write(arm, how));
  });
  return object;
}

template <xdr::enum_like E>
value write_enum(E from, const options& how) {
  const std::string_view name = xdr::enum_name(from);
  if (name.empty() || how.enums_as_numbers) return static_cast<std::int32_t>(from);
  return std::string{name};
}

template <class T>
value write_array(const T& from, const options& how) {
  value array = value::array();
  for (const auto& element : from) {
    array.push_back(write<typename T::value_type>(element, how));
  }
  return array;
}

template <class T>
value write_custom(const T& from, const options& how) {
  xdr::byte_buffer bytes;
  xdr::writer out{bytes};
  xdr::custom<T>::encode(out, from);
  return from_bytes(bytes, how.bytes);
}

template <class T>
value write(const T& from, const options& how) {
  if constexpr (xdr::detail::customized<T>)
    return write_custom(from, how);
  else if constexpr (std::same_as<T, bool>)
    return from;
  else if constexpr (std::floating_point<T>)
    return from_real(from);
  else if constexpr (std::integral<T> && sizeof(T) == 8)
    return from_hyper(from, how);
  else if constexpr (std::integral<T>)
    return std::int64_t{from};
  else if constexpr (xdr::enum_like<T>)
    return write_enum(from, how);
  else if constexpr (std::same_as<T, xdr::quadruple>)
    return from_bytes(from.bytes, byte_text::hex);
  else if constexpr (std::same_as<T, std::string>)
    return from_text(from);
  else if constexpr (bytes_like<T>)
    return from_bytes(from, how.bytes);
  else if constexpr (xdr::detail::is_optional<T>)
    return write_optional(from, how);
  else if constexpr (xdr::detail::is_indirect<T>)
    return from.get() == nullptr ? value(nullptr) : write(*from, how);
  else if constexpr (xdr::struct_like<T>)
    return write_struct(from, how, false);
  else if constexpr (xdr::union_like<T>)
    return write_union(from, how);
  else
    return write_array(from, how);
}

}  // namespace tryst::json::detail
