// From what is in place to what is owned: a view::T becomes a T, member by member.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <tryst/xdr/codec_view.hpp>
#include <vector>

namespace tryst::xdr {
namespace detail {

/// The owning type of a view, and how one becomes the other. What is no view is copied as it is.
template <class V>
struct owning {
  using type = V;
  static void assign(type& to, const V& from) { to = from; }
};
template <class V>
using owned = typename owning<V>::type;

template <>
struct owning<std::string_view> {
  using type = std::string;
  static void assign(type& to, std::string_view from) { to.assign(from); }
};

template <>
struct owning<std::span<const std::byte>> {
  using type = std::vector<std::byte>;
  static void assign(type& to, std::span<const std::byte> from) {
    to.assign(from.begin(), from.end());
  }
};

template <class T>
struct owning<number_view<T>> {
  using type = std::vector<T>;
  static void assign(type& to, const number_view<T>& from) { from.copy_to(to); }
};

template <class V>
struct owning<view_array<V>> {
  using type = std::vector<owned<V>>;
  static void assign(type& to, const view_array<V>& from) {
    to.clear();
    to.reserve(from.size());
    for (const V& element : from) {
      owned<V> copied{};
      owning<V>::assign(copied, element);
      to.push_back(std::move(copied));
    }
  }
};

template <class V, std::size_t N>
  requires(!std::is_same_v<owned<V>, V>)
struct owning<std::array<V, N>> {
  using type = std::array<owned<V>, N>;
  static void assign(type& to, const std::array<V, N>& from) {
    for (std::size_t i = 0; i < N; ++i) owning<V>::assign(to[i], from[i]);
  }
};

template <class V>
concept owned_struct = struct_like<V> && requires { typename V::xdr_owner; };
template <class V>
concept owned_union = union_like<V> && requires { typename V::xdr_owner; };

/// The members of a struct, but for the tail of a list.
template <class V>
void assign_members(typename V::xdr_owner& to, const V& from) {
  const auto members = addresses_of(to);
  V::xdr_fields(from, [&, i = std::size_t{0}]<class M>(auto&&, const M& member, auto&&...) mutable {
    auto& target = *static_cast<owned<M>*>(members[i++]);
    if constexpr (!std::is_same_v<M, view_list<V>>)
      owning<M>::assign(target, member);
    else if (i != member_count<V>)
      owning<M>::assign(target, member);
  });
}

template <class V>
struct owning<view_list<V>> {
  using type = optional_data<typename V::xdr_owner>;
  static void assign(type& to, const view_list<V>& from) {
    to.reset();
    type* end = &to;
    for (const V& node : from) {
      auto& copied = end->emplace();
      assign_members(copied, node);
      end = &tail_of(copied);
    }
  }
};

template <class V>
struct owning<view_optional<V>> {
  using type = optional_data<owned<V>>;
  static void assign(type& to, const view_optional<V>& from) {
    to.reset();
    if (from) owning<V>::assign(to.emplace(), *from);
  }
};

template <owned_struct V>
struct owning<V> {
  using type = typename V::xdr_owner;
  static void assign(type& to, const V& from) {
    assign_members(to, from);
    if constexpr (view_node<V>) owning<view_list<V>>::assign(tail_of(to), tail_of(from));
  }
};

template <owned_union V>
struct owning<V> {
  using type = typename V::xdr_owner;
  static void assign(type& to, const V& from) {
    // The discriminant was accepted once, by a union of the same arms.
    to.xdr_select(static_cast<typename type::xdr_discriminant>(from.xdr_which()));
    void* arm = nullptr;
    type::xdr_arm(to, [&](auto&&, auto& there, auto&&...) { arm = &there; });
    V::xdr_arm(from, [&]<class M>(auto&&, const M& here, auto&&...) {
      owning<M>::assign(*static_cast<owned<M>*>(arm), here);
    });
  }
};

}  // namespace detail

/// The value that a view shows, with memory of its own. Throws std::bad_alloc.
template <class V>
detail::owned<V> to_owned(const V& view) {
  detail::owned<V> value{};
  detail::owning<V>::assign(value, view);
  return value;
}

}  // namespace tryst::xdr
