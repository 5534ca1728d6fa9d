// How many bytes a described type takes on the wire, at compile time: at least, at most, and
// whether that is one and the same number. Everything that is checked once for a whole run of
// members, and every allocation that is refused before it is made, stands on these figures.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tryst/xdr/describe.hpp>
#include <tryst/xdr/fields.hpp>
#include <tryst/xdr/indirect.hpp>
#include <vector>

namespace tryst::xdr {

/// An IEEE binary128 number (RFC 4506 §4.8) as its 16 bytes, most significant first. C++ has no
/// type for it everywhere, so the bytes are kept as they are.
struct quadruple {
  std::array<std::byte, 16> bytes{};

  bool operator==(const quadruple&) const = default;
};

/// How a type that tryst-gen did not make is written. A specialisation has
///   static constexpr std::uint64_t min, max;       bytes on the wire, multiples of four
///   static void encode(writer&, const T&);         a failure is reported by writer::fail
///   static void decode(reader&, T&);               a failure is reported by reader::fail
///   static std::uint64_t size(const T&);           exactly what encode writes
/// It charges the reader's budget before it allocates. `extern` types of a .x are found this way.
template <class T>
struct custom;

template <class T>
class number_view;
template <class V>
class view_array;
template <class V>
class view_optional;

namespace detail {

/// 2^64-1 stands for "no limit", and sums and products stay there.
inline constexpr std::uint64_t endless = ~std::uint64_t{0};
constexpr std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  return a > endless - b ? endless : a + b;
}
constexpr std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  return a != 0 && b > endless / a ? endless : a * b;
}

template <class T>
concept customized = requires { custom<T>::min; };

template <class Desc>
struct bound_of {
  static constexpr std::uint32_t max = unbounded;
  using element = plain;
};
template <std::uint32_t Max, class Element>
struct bound_of<at_most<Max, Element>> {
  static constexpr std::uint32_t max = Max;
  using element = Element;
};
template <class Element>
struct bound_of<each<Element>> {
  static constexpr std::uint32_t max = unbounded;
  using element = Element;
};
/// The description of what a container described by Desc contains.
template <class Desc>
using element_description = typename bound_of<Desc>::element;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class V>
inline constexpr bool is_vector<view_array<V>> = true;
template <class T>
inline constexpr bool is_vector<number_view<T>> = true;
template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<optional_data<T>> = true;
template <class V>
inline constexpr bool is_optional<view_optional<V>> = true;
template <class T>
inline constexpr bool is_list_view = false;
template <class V>
inline constexpr bool is_list_view<view_list<V>> = true;

template <class T>
concept number = (std::is_arithmetic_v<T> && sizeof(T) <= 8 && !std::is_same_v<T, bool>);
template <class T>
concept opaque_array = is_array<T> && std::is_same_v<typename T::value_type, std::byte>;

/// The least size on the wire, and whether every value has it.
struct extent {
  std::uint64_t min = 0;
  bool fixed = true;

  constexpr void append(extent next) {
    min = plus(min, next.min);
    fixed = fixed && next.fixed;
  }
};

template <class T, class Desc>
inline constexpr extent extent_of{4, false};  // text, bytes, arrays, optional, indirect
template <number T, class Desc>
inline constexpr extent extent_of<T, Desc>{sizeof(T) == 8 ? 8 : 4, true};
template <class Desc>
inline constexpr extent extent_of<bool, Desc>{4, true};
template <enum_like T, class Desc>
inline constexpr extent extent_of<T, Desc>{4, true};
template <class Desc>
inline constexpr extent extent_of<quadruple, Desc>{16, true};
template <customized T, class Desc>
inline constexpr extent extent_of<T, Desc>{custom<T>::min, false};
template <class Desc>
inline constexpr extent extent_of<void, Desc>{0, true};

template <class T, class Desc>
  requires is_array<T>
inline constexpr extent extent_of<T, Desc> = [] {
  constexpr std::uint64_t count = std::tuple_size_v<T>;
  if constexpr (opaque_array<T>) {
    return extent{(count + 3) & ~std::uint64_t{3}, true};
  } else {
    constexpr extent one = extent_of<typename T::value_type, element_description<Desc>>;
    return extent{times(count, one.min), one.fixed || count == 0};
  }
}();

template <class T, class Desc>
  requires(struct_like<T> && !customized<T>)
inline constexpr extent extent_of<T, Desc> = [] {
  extent sum;
  each_member<T>([&]<class M, class D>(type<M>, D) { sum.append(extent_of<M, D>); });
  return sum;
}();

/// The arms of a union, without the discriminant.
template <class T>
inline constexpr extent arms_extent = [] {
  extent all{endless, true};
  bool first = true;
  T::xdr_each_arm([&]<class Arm, class D = plain>(type<Arm>, D = {}) {
    constexpr extent arm = extent_of<Arm, D>;
    all.fixed = all.fixed && arm.fixed && (first || arm.min == all.min);
    all.min = std::min(all.min, arm.min);
    first = false;
  });
  return first ? extent{} : all;
}();
template <class T, class Desc>
  requires(union_like<T> && !customized<T>)
inline constexpr extent extent_of<T, Desc>{4 + arms_extent<T>.min, arms_extent<T>.fixed};

/// The greatest size on the wire. Outer are the types that this one is part of: what contains
/// itself has no greatest size.
template <class T, class Desc, class... Outer>
consteval std::uint64_t max_of() {
  constexpr std::uint64_t count = bound_of<Desc>::max;
  using element = element_description<Desc>;
  if constexpr (extent_of<T, Desc>.fixed) {
    return extent_of<T, Desc>.min;
  } else if constexpr (customized<T>) {
    return custom<T>::max;
  } else if constexpr ((std::is_same_v<T, Outer> || ... || (is_list_view<T> || is_indirect<T>))) {
    return endless;
  } else if constexpr (struct_like<T>) {
    std::uint64_t sum = 0;
    each_member<T>(
        [&]<class M, class D>(type<M>, D) { sum = plus(sum, max_of<M, D, T, Outer...>()); });
    return sum;
  } else if constexpr (union_like<T>) {
    std::uint64_t most = 0;
    T::xdr_each_arm([&]<class Arm, class D = plain>(type<Arm>, D = {}) {
      most = std::max(most, max_of<Arm, D, T, Outer...>());
    });
    return plus(4, most);
  } else if constexpr (is_optional<T>) {
    return plus(4, max_of<typename T::value_type, element, Outer...>());
  } else if constexpr (is_array<T>) {
    return times(std::tuple_size_v<T>, max_of<typename T::value_type, element, Outer...>());
  } else if constexpr (is_vector<T>) {
    if constexpr (std::is_same_v<typename T::value_type, std::byte>) {
      return 4 + ((count + 3) & ~std::uint64_t{3});
    } else {
      return plus(4, times(count, max_of<typename T::value_type, element, Outer...>()));
    }
  } else {
    return 4 + ((count + 3) & ~std::uint64_t{3});  // text or bytes
  }
}

}  // namespace detail

/// The size of every T on the wire that keeps to its description: min <= size <= max. 2^64-1 as a
/// maximum means that there is none (a list), or that it does not fit.
template <class T, class Desc = plain>
struct wire_bounds {
  static constexpr std::uint64_t min = detail::extent_of<T, Desc>.min;
  static constexpr std::uint64_t max = detail::max_of<T, Desc>();
  static constexpr bool fixed = detail::extent_of<T, Desc>.fixed;
};

}  // namespace tryst::xdr
