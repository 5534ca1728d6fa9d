// The names of a .x enum's numbers, both ways.
#pragma once

#include <optional>
#include <string_view>
#include <tryst/xdr/describe.hpp>

namespace tryst::xdr {

/// The first name that the .x gives to the number; empty when it has none.
template <enum_like E>
constexpr std::string_view enum_name(E value) {
  std::string_view found;
  xdr_enumerators(type<E>{}, [&](std::string_view name, E declared) {
    if (found.empty() && declared == value) found = name;
  });
  return found;
}

/// The number behind a name of the .x; none when it is not declared.
template <enum_like E>
constexpr std::optional<E> enum_value(std::string_view name) {
  std::optional<E> found;
  xdr_enumerators(type<E>{}, [&](std::string_view declared, E value) {
    if (!found && declared == name) found = value;
  });
  return found;
}

}  // namespace tryst::xdr
