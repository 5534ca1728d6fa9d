// Any bytes as the arguments of any procedure: what is decoded can be copied, printed, viewed and
// encoded again, to the same bytes unless leniency was asked for.
#pragma once

#include <array>
#include <tryst/rpc/program.hpp>
#include <tryst/xdr/borrowed.hpp>
#include <tryst/xdr/codec.hpp>
#include <tryst/xdr/print.hpp>
#include <tryst/xdr/to_owned.hpp>
#include <tuple>

#include "fuzz/fuzz.hpp"

namespace tryst::fuzz {

inline bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::ranges::equal(a, b);
}

/// A value that was decoded from `wire`.
template <class T, class Desc>
void check_value(const T& value, std::span<const std::byte> wire, bool canonical) {
  must(!xdr::to_text(value, {.max_length = 1000}).empty());
  const auto written = xdr::to_bytes<Desc>(value);
  if (canonical) {
    must(written && same_bytes(*written, wire));
    must(xdr::encoded_size<Desc>(value) == wire.size());
  }
  if (!written) return;  // an enum's undeclared number, let in by leniency, may not go out
  T copy = value;
  const T moved = std::move(copy);
  const auto again = xdr::to_bytes<Desc>(moved);
  must(again && same_bytes(*again, *written));
  const auto read = xdr::from_bytes<T, Desc>(*written);
  must(read.has_value());
}

/// The view of a type sees what the type decodes.
template <class T>
void check_view(const T& value, std::span<const std::byte> wire) {
  const auto seen = xdr::from_bytes<typename T::xdr_view>(wire);
  must(seen.has_value());
  must(same_bytes(xdr::to_bytes(xdr::to_owned(*seen)).value(), xdr::to_bytes(value).value()));
}

template <class T>
concept has_view = requires { typename T::xdr_view; };

/// The description of argument I of procedure P.
template <class P, std::size_t I>
auto description() {
  if constexpr (std::tuple_size_v<typename P::argument_descriptions> == 0) {
    return xdr::plain{};
  } else {
    return std::tuple_element_t<I, typename P::argument_descriptions>{};
  }
}

/// Decodes `wire` as argument I of P. `canonical`: the type has one encoding for each value.
template <class P, std::size_t I>
void check_argument(std::span<const std::byte> wire, bool lenient) {
  using T = std::tuple_element_t<I, typename P::arguments>;
  using Desc = decltype(description<P, I>());
  const auto value = xdr::from_bytes<T, Desc>(wire, {.lenient = lenient});
  if (!value) {
    must(value.error() == outcome::unknown);
    return;
  }
  check_value<T, Desc>(*value, wire, !lenient && !xdr::lenient_type<T>);
  if constexpr (has_view<T>) {
    if (!lenient) check_view(*value, wire);
  }
}

template <class P>
void check_arguments(std::span<const std::byte> wire, bool lenient) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (check_argument<P, I>(wire, lenient), ...);
  }(std::make_index_sequence<std::tuple_size_v<typename P::arguments>>{});
}

/// Checks the procedure with that place in the list, counted round.
template <class... Procedures>
void check_procedure(std::size_t which, std::span<const std::byte> wire, bool lenient,
                     rpc::procedure_list<Procedures...>) {
  using check = void (*)(std::span<const std::byte>, bool);
  static constexpr std::array<check, sizeof...(Procedures)> checks{check_arguments<Procedures>...};
  checks[which % checks.size()](wire, lenient);
}

}  // namespace tryst::fuzz
