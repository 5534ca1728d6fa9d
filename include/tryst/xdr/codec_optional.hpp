// The codecs of what is on the heap by itself: optional data (RFC 4506 §4.19), and the arm of a
// union that contains the union again. Each is one level of the depth that a reader allows.
#pragma once

#include <tryst/xdr/codec_composite.hpp>
#include <tryst/xdr/indirect.hpp>

namespace tryst::xdr {

/// T*: a bool, and the value when there is one.
template <class T, class Desc>
struct codec<optional_data<T>, Desc> {
  using description = detail::element_description<Desc>;

  static std::byte* put(std::byte* at, writer& out, const optional_data<T>& value) {
    store_big(at, std::uint32_t{value.has_value()});
    at += 4;
    if (!value) return at;
    at = out.room(at, detail::extent_of<T, description>.min);
    return codec<T, description>::put(at, out, *value);
  }
  static const std::byte* get(const std::byte* at, reader& in, optional_data<T>& value) {
    bool present = false;
    at = codec<bool>::get(at, in, present);
    if (at == nullptr) return nullptr;
    if (!present) {
      value.reset();
      return at;
    }
    if (!in.has(at, detail::extent_of<T, description>.min)) return in.refuse(errc::truncated);
    if (!in.charge(sizeof(T) + detail::block_overhead) || !in.enter()) return nullptr;
    at = codec<T, description>::get(at, in, value ? *value : value.emplace());
    in.leave();
    return at;
  }
  static std::uint64_t size(const optional_data<T>& value) {
    return value ? 4 + codec<T, description>::size(*value) : 4;
  }
};

/// An arm that contains its union again: the T, one level deeper.
template <class T, class Desc>
struct codec<indirect<T>, Desc> {
  static std::byte* put(std::byte* at, writer& out, const indirect<T>& value) {
    if (value.get() == nullptr) {
      out.fail(errc::union_invalid);
      return at;
    }
    at = out.room(at, detail::extent_of<T, Desc>.min);
    return codec<T, Desc>::put(at, out, *value);
  }
  static const std::byte* get(const std::byte* at, reader& in, indirect<T>& value) {
    if (!in.has(at, detail::extent_of<T, Desc>.min)) return in.refuse(errc::truncated);
    if (!in.charge(sizeof(T) + detail::block_overhead) || !in.enter()) return nullptr;
    at = codec<T, Desc>::get(at, in, *value);
    in.leave();
    return at;
  }
  static std::uint64_t size(const indirect<T>& value) {
    return value.get() == nullptr ? 0 : codec<T, Desc>::size(*value);
  }
};

}  // namespace tryst::xdr
