// The codecs of what stays in the message: text, bytes and the views of views.hpp.
//
// get checks all of it, to the last byte, and remembers where it is; nothing is copied, and nothing
// is allocated. put writes the elements again, one by one, so that what was accepted leniently
// leaves in canonical form.
#pragma once

#include <span>
#include <string_view>
#include <tryst/xdr/codec_optional.hpp>
#include <tryst/xdr/views.hpp>

namespace tryst::xdr {

/// string<Max> in place.
template <class Desc>
struct codec<std::string_view, Desc> {
  static constexpr std::uint32_t max = detail::bound_of<Desc>::max;

  static std::byte* put(std::byte* at, writer& out, std::string_view value) {
    return detail::put_counted_bytes<max>(at, out, std::as_bytes(std::span{value}));
  }
  static const std::byte* get(const std::byte* at, reader& in, std::string_view& value) {
    std::uint64_t n = 0;
    at = detail::get_counted_bytes<max>(at, in, n);
    if (at == nullptr) return nullptr;
    value = {reinterpret_cast<const char*>(at), n};
    return at + padded(n);
  }
  static std::uint64_t size(std::string_view value) { return 4 + padded(value.size()); }
};

/// opaque<Max> in place.
template <class Desc>
struct codec<std::span<const std::byte>, Desc> {
  static constexpr std::uint32_t max = detail::bound_of<Desc>::max;

  static std::byte* put(std::byte* at, writer& out, std::span<const std::byte> value) {
    return detail::put_counted_bytes<max>(at, out, value);
  }
  static const std::byte* get(const std::byte* at, reader& in, std::span<const std::byte>& value) {
    std::uint64_t n = 0;
    at = detail::get_counted_bytes<max>(at, in, n);
    if (at == nullptr) return nullptr;
    value = {at, n};
    return at + padded(n);
  }
  static std::uint64_t size(std::span<const std::byte> value) { return 4 + padded(value.size()); }
};

template <class T, class Desc>
struct codec<number_view<T>, Desc> {
  static constexpr std::uint32_t max = detail::bound_of<Desc>::max;

  static std::byte* put(std::byte* at, writer& out, const number_view<T>& value) {
    if (value.size() > max) {
      out.fail(errc::bound_exceeded);
      return at;
    }
    store_big(at, static_cast<std::uint32_t>(value.size()));
    const std::size_t bytes = value.size() * sizeof(T);
    at = out.room(at + 4, bytes);
    if (bytes != 0) std::memcpy(at, value.data(), bytes);
    return at + bytes;
  }
  static const std::byte* get(const std::byte* at, reader& in, number_view<T>& value) {
    std::uint64_t count = 0;
    at = detail::get_count<max>(at, in, count, sizeof(T), 0);
    if (at == nullptr) return nullptr;
    value = {at, count};
    return at + count * sizeof(T);
  }
  static std::uint64_t size(const number_view<T>& value) { return 4 + value.size() * sizeof(T); }
};

template <class V, class Desc>
struct codec<view_array<V>, Desc> {
  static constexpr std::uint32_t max = detail::bound_of<Desc>::max;
  using description = detail::element_description<Desc>;

  static std::byte* put(std::byte* at, writer& out, const view_array<V>& value) {
    if (value.size() > max) {
      out.fail(errc::bound_exceeded);
      return at;
    }
    store_big(at, static_cast<std::uint32_t>(value.size()));
    constexpr detail::extent one = detail::extent_of<V, description>;
    at = out.room(at + 4, one.min * value.size());
    return detail::put_each<V, description>(at, out, value);
  }
  static const std::byte* get(const std::byte* at, reader& in, view_array<V>& value) {
    constexpr detail::extent one = detail::extent_of<V, description>;
    std::uint64_t count = 0;
    // No memory is needed, but elements without bytes take time: the budget pays for them.
    at = detail::get_count<max>(at, in, count, one.min, one.min == 0 ? 1 : 0);
    if (at == nullptr || !in.enter()) return nullptr;
    const std::byte* const first = at;
    for (std::uint64_t i = 0; i < count; ++i) {
      if constexpr (!one.fixed) {
        if (!in.has(at, one.min)) return in.refuse(errc::truncated);
      }
      V element{};
      at = codec<V, description>::get(at, in, element);
      if (at == nullptr) return nullptr;
    }
    in.leave();
    value = {{first, at}, count};
    return at;
  }
  static std::uint64_t size(const view_array<V>& value) {
    return 4 + detail::size_of_each<V, description>(value);
  }
};

template <class V, class Desc>
struct codec<view_optional<V>, Desc> {
  using description = detail::element_description<Desc>;

  static std::byte* put(std::byte* at, writer& out, const view_optional<V>& value) {
    store_big(at, std::uint32_t{value.has_value()});
    at += 4;
    if (!value) return at;
    at = out.room(at, detail::extent_of<V, description>.min);
    return codec<V, description>::put(at, out, *value);
  }
  static const std::byte* get(const std::byte* at, reader& in, view_optional<V>& value) {
    bool present = false;
    at = codec<bool>::get(at, in, present);
    value = {};
    if (at == nullptr || !present) return at;
    if (!in.has(at, detail::extent_of<V, description>.min)) return in.refuse(errc::truncated);
    if (!in.enter()) return nullptr;
    V there{};
    const std::byte* const first = at;
    at = codec<V, description>::get(at, in, there);
    if (at == nullptr) return nullptr;
    in.leave();
    value = view_optional<V>{{first, at}};
    return at;
  }
  static std::uint64_t size(const view_optional<V>& value) {
    return value ? 4 + codec<V, description>::size(*value) : 4;
  }
};

/// A list in place, checked in a loop.
template <class V, class Desc>
struct codec<view_list<V>, Desc> {
  static std::byte* put(std::byte* at, writer& out, const view_list<V>& value) {
    for (const V& node : value) {
      store_big(at, std::uint32_t{1});
      at = out.room(at + 4, detail::extent_of<V, plain>.min);
      at = detail::put_struct(at, out, node);
      at = out.room(at, 4);
    }
    store_big(at, std::uint32_t{0});
    return at + 4;
  }
  static const std::byte* get(const std::byte* at, reader& in, view_list<V>& value) {
    value = view_list<V>{{at, in.left(at)}};
    for (;;) {
      bool more = false;
      at = codec<bool>::get(at, in, more);
      if (at == nullptr || !more) return at;
      if (!in.has(at, detail::extent_of<V, plain>.min)) return in.refuse(errc::truncated);
      V node{};
      at = codec<V, plain>::get_node(at, in, node);
      if (at == nullptr) return nullptr;
    }
  }
  static std::uint64_t size(const view_list<V>& value) {
    std::uint64_t sum = 4;
    for (const V& node : value) sum += 4 + detail::size_struct(node);
    return sum;
  }
};

/// The view of a list's node. get_node stops before the rest of the list, and notes where it is.
template <detail::composite T, class Desc>
  requires view_node<T>
struct codec<T, Desc> {
  using tail = view_list<T>;

  static const std::byte* get_node(const std::byte* at, reader& in, T& node) {
    at = detail::get_struct(at, in, node);
    if (at != nullptr) detail::tail_of(node) = tail{{at, in.left(at)}};
    return at;
  }
  static std::byte* put(std::byte* at, writer& out, const T& value) {
    at = out.room(detail::put_struct(at, out, value), 4);
    return codec<tail>::put(at, out, detail::tail_of(value));
  }
  static const std::byte* get(const std::byte* at, reader& in, T& value) {
    at = get_node(at, in, value);
    return at == nullptr ? nullptr : codec<tail>::get(at, in, detail::tail_of(value));
  }
  static std::uint64_t size(const T& value) {
    return detail::size_struct(value) + codec<tail>::size(detail::tail_of(value));
  }
};

}  // namespace tryst::xdr
