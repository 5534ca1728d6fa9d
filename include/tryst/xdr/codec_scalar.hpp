// The codecs of what has one size: numbers, bool, enums, quadruple (RFC 4506 §4.1 to §4.8).
//
// A codec<T, Desc> has put, get and size, all over a cursor. The caller has seen to it that
// extent_of<T, Desc>.min bytes are there; what lies beyond, the codec asks for. get returns null
// after a failure, which the reader then knows.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <tryst/xdr/reader.hpp>
#include <tryst/xdr/wire_bounds.hpp>
#include <tryst/xdr/writer.hpp>

namespace tryst::xdr {

/// How a T described by Desc is written. See codec_scalar.hpp for the contract.
template <class T, class Desc = plain>
struct codec;

/// An enum that lets undeclared numbers through, both ways: `xdr_open(type<E>)` is declared beside
/// it. Protocols grow, and a .x lags behind.
template <class T>
concept open_enum = requires { xdr_open(type<T>{}); };
/// A type that is decoded leniently whatever the options say: `xdr_lenient(type<T>)` is declared
/// beside it.
template <class T>
concept lenient_type = requires { xdr_lenient(type<T>{}); };

namespace detail {

template <class E>
consteval std::size_t count_enumerators() {
  std::size_t count = 0;
  xdr_enumerators(type<E>{}, [&](auto&&, auto) { ++count; });
  return count;
}

/// The declared numbers as ranges without gaps, in order; `used` of them.
template <class E>
struct enum_ranges {
  struct range {
    std::int32_t first;
    std::int32_t last;
  };
  static constexpr std::size_t most = count_enumerators<E>();
  std::array<range, most == 0 ? 1 : most> ranges{};
  std::size_t used = 0;

  consteval enum_ranges() {
    std::array<std::int32_t, most == 0 ? 1 : most> numbers{};
    std::size_t n = 0;
    xdr_enumerators(type<E>{},
                    [&](auto&&, auto e) { numbers[n++] = static_cast<std::int32_t>(e); });
    std::sort(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(n));
    for (std::size_t i = 0; i < n; ++i) {
      if (used != 0 && std::int64_t{numbers[i]} <= std::int64_t{ranges[used - 1].last} + 1) {
        ranges[used - 1].last = numbers[i];
      } else {
        ranges[used++] = {numbers[i], numbers[i]};
      }
    }
  }
};

template <class E>
inline constexpr enum_ranges<E> declared_ranges{};

/// Is the number one that the enum declares? Ranges without gaps cost one comparison each, and
/// many of them a binary search.
template <class E>
constexpr bool declares(std::int32_t value) noexcept {
  constexpr const auto& table = declared_ranges<E>;
  const auto within = [value](const auto& r) {
    return static_cast<std::uint32_t>(value) - static_cast<std::uint32_t>(r.first) <=
           static_cast<std::uint32_t>(r.last) - static_cast<std::uint32_t>(r.first);
  };
  if constexpr (table.used <= 4) {
    for (std::size_t i = 0; i < table.used; ++i) {
      if (within(table.ranges[i])) return true;
    }
    return false;
  } else {
    const auto end = table.ranges.begin() + static_cast<std::ptrdiff_t>(table.used);
    const auto found = std::lower_bound(table.ranges.begin(), end, value,
                                        [](const auto& r, std::int32_t v) { return r.last < v; });
    return found != end && found->first <= value;
  }
}

}  // namespace detail

/// int, unsigned, hyper, float, double; bit for bit, so a NaN keeps its payload and -0.0 its sign.
template <detail::number T, class Desc>
  requires(sizeof(T) >= 4)
struct codec<T, Desc> {
  static std::byte* put(std::byte* at, writer&, T value) noexcept {
    store_number(at, value);
    return at + sizeof(T);
  }
  static const std::byte* get(const std::byte* at, reader&, T& value) noexcept {
    value = load_number<T>(at);
    return at + sizeof(T);
  }
  static std::uint64_t size(T) noexcept { return sizeof(T); }
};

/// char and short take four bytes each on the wire, and what they cannot hold is refused.
template <detail::number T, class Desc>
  requires(sizeof(T) < 4)
struct codec<T, Desc> {
  using wide = std::conditional_t<std::is_signed_v<T>, std::int32_t, std::uint32_t>;

  static std::byte* put(std::byte* at, writer&, T value) noexcept {
    store_big(at, static_cast<std::uint32_t>(wide{value}));
    return at + 4;
  }
  static const std::byte* get(const std::byte* at, reader& in, T& value) noexcept {
    const auto number = static_cast<wide>(load_big<std::uint32_t>(at));
    value = static_cast<T>(number);
    if (wide{value} != number) return in.refuse(errc::range_invalid);
    return at + 4;
  }
  static std::uint64_t size(T) noexcept { return 4; }
};

/// RFC 4506 §4.4: 0 or 1, nothing else.
template <class Desc>
struct codec<bool, Desc> {
  static std::byte* put(std::byte* at, writer&, bool value) noexcept {
    store_big(at, static_cast<std::uint32_t>(value));
    return at + 4;
  }
  static const std::byte* get(const std::byte* at, reader& in, bool& value) noexcept {
    const auto number = load_big<std::uint32_t>(at);
    if (number > 1 && !in.lenient()) return in.refuse(errc::bool_invalid);
    value = number != 0;
    return at + 4;
  }
  static std::uint64_t size(bool) noexcept { return 4; }
};

/// RFC 4506 §4.3: "it is an error to encode as an enum any integer other than" the declared ones.
template <enum_like E, class Desc>
struct codec<E, Desc> {
  static std::byte* put(std::byte* at, writer& out, E value) noexcept {
    const auto number = static_cast<std::int32_t>(value);
    if constexpr (!open_enum<E>) {
      if (!detail::declares<E>(number)) out.fail(errc::enum_invalid);
    }
    store_big(at, static_cast<std::uint32_t>(number));
    return at + 4;
  }
  static const std::byte* get(const std::byte* at, reader& in, E& value) noexcept {
    const auto number = static_cast<std::int32_t>(load_big<std::uint32_t>(at));
    if constexpr (!open_enum<E>) {
      if (!detail::declares<E>(number) && !in.lenient()) return in.refuse(errc::enum_invalid);
    }
    value = static_cast<E>(number);
    return at + 4;
  }
  static std::uint64_t size(E) noexcept { return 4; }
};

template <class Desc>
struct codec<quadruple, Desc> {
  static std::byte* put(std::byte* at, writer&, const quadruple& value) noexcept {
    std::memcpy(at, value.bytes.data(), 16);
    return at + 16;
  }
  static const std::byte* get(const std::byte* at, reader&, quadruple& value) noexcept {
    std::memcpy(value.bytes.data(), at, 16);
    return at + 16;
  }
  static std::uint64_t size(const quadruple&) noexcept { return 16; }
};

/// A type of the user's own, through the writer and reader interfaces.
template <detail::customized T, class Desc>
struct codec<T, Desc> {
  static std::byte* put(std::byte* at, writer& out, const T& value) {
    out.finish(at);
    custom<T>::encode(out, value);
    return out.begin(0);
  }
  static const std::byte* get(const std::byte* at, reader& in, T& value) {
    in.finish(at);
    custom<T>::decode(in, value);
    return in.ok() ? in.rest().data() : nullptr;
  }
  static std::uint64_t size(const T& value) { return custom<T>::size(value); }
};

}  // namespace tryst::xdr
