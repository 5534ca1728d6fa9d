// What a struct's xdr_fields says at compile time, and its fields two objects at a time: the
// ground that codec, optional_data, print and JSON stand on.
#pragma once

#include <array>
#include <cstddef>
#include <tryst/xdr/describe.hpp>
#include <type_traits>
#include <utility>

namespace tryst::xdr {

template <class T>
class optional_data;
template <class V>
class view_list;

namespace detail {

/// A place where a T could be. Its members can be named, and so their types be known, at compile
/// time; none is ever made.
template <class T>
union unborn {
  char nothing;
  T value;
  constexpr unborn() : nothing{} {}
  constexpr ~unborn() {}
};

/// visit(type<member>{}, description) for each member of T, at compile time.
template <class T, class Visit>
constexpr void each_member(Visit visit) {
  unborn<T> place;
  T::xdr_fields(place.value, [&]<class M, class Desc = plain>(auto&&, M&, Desc = {}) {
    visit(type<std::remove_const_t<M>>{}, Desc{});
  });
}

template <class T>
consteval std::size_t count_members() {
  std::size_t count = 0;
  each_member<T>([&](auto, auto) { ++count; });
  return count;
}
/// The number of members of a struct.
template <class T>
inline constexpr std::size_t member_count = count_members<T>();

template <class T, class Tail>
consteval bool last_member_is() {
  bool last = false;
  each_member<T>([&]<class M>(type<M>, auto) { last = std::is_same_v<M, Tail>; });
  return last;
}
template <class T>
inline constexpr bool is_node = false;
template <struct_like T>
inline constexpr bool is_node<T> = last_member_is<T, optional_data<T>>();
template <class T>
inline constexpr bool is_view_node = false;
template <struct_like T>
inline constexpr bool is_view_node<T> = last_member_is<T, view_list<T>>();

/// Is an M that is the last member of T the rest of a list?
template <class T, class M>
inline constexpr bool can_be_tail =
    std::is_same_v<M, optional_data<T>> || std::is_same_v<M, view_list<T>>;

/// Where each member of `value` is, in order.
template <class T>
constexpr auto addresses_of(T& value) {
  using address = std::conditional_t<std::is_const_v<T>, const void*, void*>;
  std::array<address, member_count<std::remove_const_t<T>>> found{};
  std::remove_const_t<T>::xdr_fields(
      value,
      [&, i = std::size_t{0}](auto&&, auto& member, auto&&...) mutable { found[i++] = &member; });
  return found;
}

/// visit(a's member, b's member) for the first `count` members.
template <class A, class B, class Visit>
constexpr void pairwise(A& a, B& b, std::size_t count, Visit visit) {
  using T = std::remove_const_t<B>;
  const auto firsts = addresses_of(a);
  T::xdr_fields(b, [&, i = std::size_t{0}]<class M>(auto&&, M& member, auto&&...) mutable {
    if (i < count) {
      using other = std::conditional_t<std::is_const_v<A>, const std::remove_const_t<M>,
                                       std::remove_const_t<M>>;
      visit(*static_cast<other*>(firsts[i]), member);
    }
    ++i;
  });
}

}  // namespace detail

/// A node of a list: a struct whose last member is optional data of its own kind. Lists are
/// decoded, encoded, sized, copied, compared, printed and destroyed in a loop, never by recursion
/// (RFC 4506 §8).
template <class T>
concept list_node = struct_like<T> && detail::is_node<std::remove_const_t<T>>;
/// The view of a list_node: its last member is a view_list of its own kind (see views.hpp).
template <class T>
concept view_node = struct_like<T> && detail::is_view_node<std::remove_const_t<T>>;

namespace detail {

/// The rest of the list behind a node or the view of one.
template <class T>
constexpr auto& tail_of(T& node) {
  using value = std::remove_const_t<T>;
  using tail = std::conditional_t<view_node<value>, view_list<value>, optional_data<value>>;
  using qualified = std::conditional_t<std::is_const_v<T>, const tail, tail>;
  return *static_cast<qualified*>(addresses_of(node).back());
}

}  // namespace detail
}  // namespace tryst::xdr
