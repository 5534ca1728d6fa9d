// Cuts every string of a value at its first NUL, as a C program does that reads the value and
// writes it again (RFC 4506 §8).
#pragma once

#include <string>
#include <type_traits>

#include "support/random_value.hpp"

namespace tryst::conformance {

template <class T>
void cut_strings(T& value) {
  using xdr::detail::is_array;
  using xdr::detail::is_optional;
  using xdr::detail::is_vector;
  if constexpr (std::is_same_v<T, std::string>) {
    value.resize(std::min(value.find('\0'), value.size()));
  } else if constexpr (is_vector<T> || is_array<T>) {
    if constexpr (!std::is_arithmetic_v<typename T::value_type> &&
                  !std::is_enum_v<typename T::value_type>)
      for (auto& element : value) cut_strings(element);
  } else if constexpr (is_optional<T>) {
    if (value) cut_strings(*value);
  } else if constexpr (xdr::union_like<T>) {
    T::xdr_arm(value, [](auto&&, auto& arm, auto&&...) { cut_strings(arm); });
  } else if constexpr (xdr::struct_like<T>) {
    T::xdr_fields(value, [](auto&&, auto& member, auto&&...) { cut_strings(member); });
  }
}

}  // namespace tryst::conformance
