// Random values of any described type (include/tryst/xdr/describe.hpp): valid by the .x, small,
// and bent towards the edges: bounds, zero, extreme numbers, NaN, each arm of a union.
//
//   tryst::testing::random_source source{seed};
//   auto value = tryst::testing::random_value<calc::entry>(source);
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <tryst/xdr/codec.hpp>
#include <type_traits>
#include <vector>

namespace tryst::testing {

/// Where the randomness comes from, and how much of a value may still be made: a value shrinks as
/// it gets deeper and larger, so every type comes to an end.
class random_source {
public:
  explicit random_source(std::uint64_t seed) : engine_{seed} {}

  std::uint64_t bits() { return engine_(); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }

  /// A number of elements, at most `bound`.
  std::size_t length(std::uint32_t bound) {
    std::size_t wanted = one_in(8) && bound <= 64 ? bound : below(depth_ > 3 ? 3 : 7);
    wanted = std::min({wanted, std::size_t{bound}, left_});
    left_ -= wanted;
    return wanted;
  }
  /// Whether optional data is there.
  bool there() { return left_ != 0 && depth_ < 12 && !one_in(depth_ < 4 ? 3 : 2); }

  template <class Make>
  void deeper(Make make) {
    ++depth_;
    make();
    --depth_;
  }
  void start() { left_ = 200, depth_ = 0; }

private:
  std::mt19937_64 engine_;
  std::size_t left_ = 200;  // elements that may still be made
  std::size_t depth_ = 0;
};

template <class Desc = xdr::plain, class T>
void randomise(T& value, random_source& source);

namespace detail {

template <class T>
T random_number(random_source& source) {
  if constexpr (std::is_same_v<T, bool>) {
    return source.one_in(2);
  } else if constexpr (std::is_floating_point_v<T>) {
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    const std::array edges{T{0},
                           -T{0},
                           T{1},
                           std::numeric_limits<T>::infinity(),
                           std::numeric_limits<T>::quiet_NaN(),
                           std::numeric_limits<T>::denorm_min()};
    if (source.one_in(3)) return edges[source.below(edges.size())];
    return std::bit_cast<T>(static_cast<bits>(source.bits()));
  } else {
    const std::array edges{T{0}, T{1}, std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::max()};
    if (source.one_in(3)) return edges[source.below(edges.size())];
    return static_cast<T>(source.bits());
  }
}

template <class E>
const std::vector<E>& enumerators() {
  static const std::vector<E> all = [] {
    std::vector<E> found;
    xdr_enumerators(xdr::type<E>{}, [&](std::string_view, E e) { found.push_back(e); });
    return found;
  }();
  return all;
}

/// Discriminants worth a try: all of an enum or bool, and for numbers the small ones and the
/// extremes.
template <class D>
std::vector<D> candidates() {
  if constexpr (std::is_same_v<D, bool>) {
    return {false, true};
  } else if constexpr (std::is_enum_v<D>) {
    return enumerators<D>();
  } else {
    std::vector<D> all;
    for (std::int64_t i = -64; i <= 11000; ++i) all.push_back(static_cast<D>(i));
    all.push_back(std::numeric_limits<D>::max());
    return all;
  }
}

/// For each arm of a union (by name; "" is void) some discriminants that select it.
template <class U>
const std::vector<std::vector<typename U::xdr_discriminant>>& discriminants_by_arm() {
  using discriminant = typename U::xdr_discriminant;
  static const std::vector<std::vector<discriminant>> arms = [] {
    std::map<std::string, std::vector<discriminant>, std::less<>> by_name;
    U trial;
    for (const discriminant d : candidates<discriminant>()) {
      if (!trial.xdr_select(d)) continue;
      std::string_view name;
      U::xdr_arm(trial, [&](std::string_view arm, auto&&...) { name = arm; });
      auto& chosen = by_name[std::string{name}];
      if (chosen.size() < 64) chosen.push_back(d);
    }
    std::vector<std::vector<discriminant>> found;
    for (auto& [name, chosen] : by_name) found.push_back(std::move(chosen));
    return found;
  }();
  return arms;
}

}  // namespace detail

/// Makes `value` random; Desc is the description that stands beside the member in the .x.
template <class Desc, class T>
void randomise(T& value, random_source& source) {
  using element = xdr::detail::element_description<Desc>;
  if constexpr (std::is_same_v<T, std::byte>) {
    value = static_cast<std::byte>(source.bits());
  } else if constexpr (std::is_same_v<T, xdr::quadruple>) {
    value = std::bit_cast<T>(std::array{source.bits(), source.bits()});
  } else if constexpr (std::is_enum_v<T>) {
    const auto& all = detail::enumerators<T>();
    value = all[source.below(all.size())];
  } else if constexpr (std::is_arithmetic_v<T>) {
    value = detail::random_number<T>(source);
  } else if constexpr (std::is_same_v<T, std::string>) {
    value.resize(source.length(xdr::detail::bound_of<Desc>::max));
    // No NUL: C would end the string there (RFC 4506 §8).
    for (char& c : value) c = static_cast<char>(1 + source.below(255));
  } else if constexpr (xdr::detail::is_vector<T>) {
    value.resize(source.length(xdr::detail::bound_of<Desc>::max));
    for (std::size_t i = 0; i < value.size(); ++i) {
      if constexpr (std::is_same_v<T, std::vector<bool>>)
        value[i] = source.one_in(2);
      else
        source.deeper([&] { randomise<element>(value[i], source); });
    }
  } else if constexpr (xdr::detail::is_array<T>) {
    for (auto& each : value) source.deeper([&] { randomise<element>(each, source); });
  } else if constexpr (xdr::detail::is_optional<T>) {
    value.reset();
    if (source.there()) source.deeper([&] { randomise<element>(value.emplace(), source); });
  } else if constexpr (xdr::union_like<T>) {
    const auto& arms = detail::discriminants_by_arm<T>();
    const auto& chosen = arms[source.below(arms.size())];
    value.xdr_select(chosen[source.below(chosen.size())]);
    T::xdr_arm(value, [&]<class Arm, class D = xdr::plain>(std::string_view, Arm& arm, D = {}) {
      source.deeper([&] { randomise<D>(arm, source); });
    });
  } else {
    static_assert(xdr::struct_like<T>, "a type without a description");
    T::xdr_fields(value, [&]<class M, class D = xdr::plain>(std::string_view, M& member, D = {}) {
      source.deeper([&] { randomise<D>(member, source); });
    });
  }
}

template <class T>
T random_value(random_source& source) {
  T value{};
  source.start();
  randomise(value, source);
  return value;
}

}  // namespace tryst::testing
