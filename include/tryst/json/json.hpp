// XDR values as JSON and back, by the same description as the bytes. A component of its own,
// tryst::json, since it needs nlohmann-json.
//
//   int, unsigned, short, char     numbers             hyper      numbers, exact; text on request
//   float, double                  numbers; what is not finite as "Infinity", "NaN(0x7ff8...)"
//   bool                           true, false         quadruple  32 hex digits
//   enum                           its name (or number on request); an undeclared one its number
//   string                         a string; {"bytes": "hex"} when it is not UTF-8
//   opaque                         hex, or base64      T[n], T<>  arrays
//   struct                         an object           T*         null or the value
//   union                          {"discriminant": ..., "arm": ...}, both by their names in the .x
//   a list (T* of a struct that ends in its own T*)    an array of nodes without that member
//   T** (optional data in optional data)               an array of none or one, and null or the
//   value a type of the user's own       its bytes on the wire
//
// What is written can be read again, to the same bytes, by the same options.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <tryst/json/read.hpp>
#include <tryst/json/write.hpp>

namespace tryst::json {

template <class T>
value to_json(const T& from, const options& how = {}) {
  return detail::write(from, how);
}

/// The value that the JSON stands for, or the first thing that is wrong with it: a member that is
/// missing (optional data may be) or unknown, a kind, a range, a bound of the .x.
template <class T, class Desc = xdr::plain>
std::expected<T, mismatch> from_json(const value& from, const options& how = {}) {
  detail::place at{how};
  std::expected<T, mismatch> result;
  if (!detail::read<T, Desc>(at, from, *result)) result = std::unexpected{std::move(at).take()};
  return result;
}

/// The JSON that a text is made of; the mismatch says where it is not JSON.
std::expected<value, mismatch> parse(std::string_view text);

/// from_json for a text.
template <class T, class Desc = xdr::plain>
std::expected<T, mismatch> from_text(std::string_view text, const options& how = {}) {
  const auto parsed = parse(text);
  if (!parsed) return std::unexpected{parsed.error()};
  return from_json<T, Desc>(*parsed, how);
}

}  // namespace tryst::json
