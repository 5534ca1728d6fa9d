// The codecs of what has a length: strings, opaque data, arrays (RFC 4506 §4.9 to §4.13).
//
// Decoding: first the bound of the .x, then "are that many bytes left at all", then the budget,
// and only then an allocation. All of it in 64 bits, where a 32-bit count times a size fits.
#pragma once

#include <span>
#include <string>
#include <tryst/xdr/codec_scalar.hpp>
#include <vector>

namespace tryst::xdr {
namespace detail {

/// Are the bytes behind `n` bytes of opaque data at `at` zero? RFC 4506 §3.
inline bool padding_is_zero(const std::byte* at, std::uint64_t n) noexcept {
  const std::uint64_t pad = padding_of(n);
  // The padding is in the last word of the data, whose other bytes are masked off.
  return pad == 0 ||
         (load_big<std::uint32_t>(at + padded(n) - 4) & ((std::uint32_t{1} << (8 * pad)) - 1)) == 0;
}

/// Reads the length of counted bytes, whose four bytes are there, and sees that the bytes may be
/// taken. `n` is their number; returns where they begin.
template <std::uint32_t Max>
inline const std::byte* get_counted_bytes(const std::byte* at, reader& in, std::uint64_t& n) {
  n = load_big<std::uint32_t>(at);
  at += 4;
  if constexpr (Max != unbounded) {
    if (n > Max) [[unlikely]]
      return in.refuse(errc::bound_exceeded);
  }
  if (in.left(at) < padded(n)) [[unlikely]]
    return in.refuse(errc::truncated);
  if (!padding_is_zero(at, n) && !in.lenient()) [[unlikely]] {
    return in.refuse(errc::padding_invalid);
  }
  return at;
}

/// Writes the length, for which there is room, and the bytes. 2^32 and more cannot be written.
template <std::uint32_t Max>
inline std::byte* put_counted_bytes(std::byte* at, writer& out, std::span<const std::byte> bytes) {
  if (bytes.size() > Max) [[unlikely]] {
    out.fail(errc::bound_exceeded);
    return at;
  }
  store_big(at, static_cast<std::uint32_t>(bytes.size()));
  return out.put_opaque(at + 4, bytes);
}

/// Reads the count of a T<Max> and pays for `count` elements of the given sizes.
template <std::uint32_t Max>
inline const std::byte* get_count(const std::byte* at, reader& in, std::uint64_t& count,
                                  std::uint64_t wire_size, std::uint64_t memory_size) {
  count = load_big<std::uint32_t>(at);
  at += 4;
  if constexpr (Max != unbounded) {
    if (count > Max) return in.refuse(errc::bound_exceeded);
  }
  // wire_size may be 0: such elements cost nothing on the wire, but the budget still pays.
  if (count * wire_size > in.left(at)) return in.refuse(errc::truncated);
  return in.charge(count * memory_size) ? at : nullptr;
}

/// Numbers of four and eight bytes are moved as a whole.
template <class T>
concept bulk_number = number<T> && sizeof(T) >= 4;

/// A codec for each element, one after the other, in place. There is room for all of them when
/// their size is fixed, and for the first one in any case.
template <class Element, class Desc, class Range>
std::byte* put_each(std::byte* at, writer& out, const Range& range) {
  constexpr extent one = extent_of<Element, Desc>;
  for (const auto& element : range) {
    if constexpr (!one.fixed) at = out.room(at, one.min);
    at = codec<Element, Desc>::put(at, out, element);
  }
  return at;
}
template <class Element, class Desc, class Range>
const std::byte* get_each(const std::byte* at, reader& in, Range& range) {
  constexpr extent one = extent_of<Element, Desc>;
  for (auto&& element : range) {
    if constexpr (!one.fixed) {
      if (!in.has(at, one.min)) return in.refuse(errc::truncated);
    }
    at = codec<Element, Desc>::get(at, in, element);
    if (at == nullptr) return nullptr;
  }
  return at;
}
template <class Element, class Desc, class Range>
std::uint64_t size_of_each(const Range& range) {
  constexpr extent one = extent_of<Element, Desc>;
  if constexpr (one.fixed) {
    return one.min * range.size();
  } else {
    std::uint64_t sum = 0;
    for (const auto& element : range) sum += codec<Element, Desc>::size(element);
    return sum;
  }
}

}  // namespace detail

/// string<Max>. Any bytes, NUL included: the length says where it ends.
template <class Desc>
struct codec<std::string, Desc> {
  static constexpr std::uint32_t max = detail::bound_of<Desc>::max;

  static std::byte* put(std::byte* at, writer& out, const std::string& value) {
    return detail::put_counted_bytes<max>(at, out, std::as_bytes(std::span{value}));
  }
  static const std::byte* get(const std::byte* at, reader& in, std::string& value) {
    std::uint64_t n = 0;
    at = detail::get_counted_bytes<max>(at, in, n);
    if (at == nullptr || !in.charge(n)) return nullptr;
    // n again: the size that libstdc++ 12 hands over may be more (its capacity).
    value.resize_and_overwrite(n, [at, n](char* to, std::size_t) noexcept {
      std::memcpy(to, at, n);
      return n;
    });
    return at + padded(n);
  }
  static std::uint64_t size(const std::string& value) { return 4 + padded(value.size()); }
};

/// opaque<Max>
template <class Desc>
struct codec<std::vector<std::byte>, Desc> {
  static constexpr std::uint32_t max = detail::bound_of<Desc>::max;

  static std::byte* put(std::byte* at, writer& out, const std::vector<std::byte>& value) {
    return detail::put_counted_bytes<max>(at, out, value);
  }
  static const std::byte* get(const std::byte* at, reader& in, std::vector<std::byte>& value) {
    std::uint64_t n = 0;
    at = detail::get_counted_bytes<max>(at, in, n);
    if (at == nullptr || !in.charge(n)) return nullptr;
    value.assign(at, at + n);
    return at + padded(n);
  }
  static std::uint64_t size(const std::vector<std::byte>& value) {
    return 4 + padded(value.size());
  }
};

/// opaque[N]; N is 0 at least, and padded like any other (RFC 4506 §4.9).
template <detail::opaque_array T, class Desc>
struct codec<T, Desc> {
  static constexpr std::size_t count = std::tuple_size_v<T>;

  static std::byte* put(std::byte* at, writer&, const T& value) noexcept {
    if constexpr (count != 0) {
      std::memset(at + padded(count) - 4, 0, 4);
      std::memcpy(at, value.data(), count);
    }
    return at + padded(count);
  }
  static const std::byte* get(const std::byte* at, reader& in, T& value) noexcept {
    if constexpr (count != 0) std::memcpy(value.data(), at, count);
    if constexpr (padding_of(count) != 0) {
      if (!detail::padding_is_zero(at, count) && !in.lenient()) {
        return in.refuse(errc::padding_invalid);
      }
    }
    return at + padded(count);
  }
  static std::uint64_t size(const T&) noexcept { return padded(count); }
};

/// T[N]: N elements, no count.
template <class T, class Desc>
  requires(detail::is_array<T> && !detail::opaque_array<T>)
struct codec<T, Desc> {
  using element = typename T::value_type;
  using description = detail::element_description<Desc>;

  static std::byte* put(std::byte* at, writer& out, const T& value) {
    if constexpr (detail::bulk_number<element>) {
      store_numbers(at, value.data(), value.size());
      return at + sizeof(element) * value.size();
    } else {
      return detail::put_each<element, description>(at, out, value);
    }
  }
  static const std::byte* get(const std::byte* at, reader& in, T& value) {
    if constexpr (detail::bulk_number<element>) {
      load_numbers(value.data(), at, value.size());
      return at + sizeof(element) * value.size();
    } else {
      return detail::get_each<element, description>(at, in, value);
    }
  }
  static std::uint64_t size(const T& value) {
    return detail::size_of_each<element, description>(value);
  }
};

/// T<Max>
template <class Element, class Desc>
struct codec<std::vector<Element>, Desc> {
  static constexpr std::uint32_t max = detail::bound_of<Desc>::max;
  using description = detail::element_description<Desc>;
  static constexpr detail::extent one = detail::extent_of<Element, description>;

  static std::byte* put(std::byte* at, writer& out, const std::vector<Element>& value) {
    if (value.size() > max) {
      out.fail(errc::bound_exceeded);
      return at;
    }
    store_big(at, static_cast<std::uint32_t>(value.size()));
    at = out.room(at + 4, one.min * value.size());
    if constexpr (detail::bulk_number<Element>) {
      store_numbers(at, value.data(), value.size());
      return at + sizeof(Element) * value.size();
    } else {
      return detail::put_each<Element, description>(at, out, value);
    }
  }
  static const std::byte* get(const std::byte* at, reader& in, std::vector<Element>& value) {
    std::uint64_t count = 0;
    at = detail::get_count<max>(at, in, count, one.min, sizeof(Element));
    if (at == nullptr) return nullptr;
    if constexpr (detail::bulk_number<Element>) {
      if (count < few_numbers) {
        value.resize(count);
        load_numbers(value.data(), at, count);
      } else {
        assign_numbers(value, at, count);
      }
      return at + sizeof(Element) * count;
    }
    value.resize(count);
    if constexpr (one.fixed) {
      return detail::get_each<Element, description>(at, in, value);
    } else {
      if (!in.enter()) return nullptr;
      at = detail::get_each<Element, description>(at, in, value);
      in.leave();
      return at;
    }
  }
  static std::uint64_t size(const std::vector<Element>& value) {
    return 4 + detail::size_of_each<Element, description>(value);
  }
};

/// bool<Max>: std::vector<bool> packs its elements, so each goes through a bool of its own.
template <class Desc>
struct codec<std::vector<bool>, Desc> {
  static constexpr std::uint32_t max = detail::bound_of<Desc>::max;

  static std::byte* put(std::byte* at, writer& out, const std::vector<bool>& value) {
    if (value.size() > max) {
      out.fail(errc::bound_exceeded);
      return at;
    }
    store_big(at, static_cast<std::uint32_t>(value.size()));
    at = out.room(at + 4, 4 * value.size());
    for (const bool element : value) at = codec<bool>::put(at, out, element);
    return at;
  }
  static const std::byte* get(const std::byte* at, reader& in, std::vector<bool>& value) {
    std::uint64_t count = 0;
    at = detail::get_count<max>(at, in, count, 4, 1);
    if (at == nullptr) return nullptr;
    value.clear();
    value.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      bool element = false;
      at = codec<bool>::get(at, in, element);
      if (at == nullptr) return nullptr;
      value.push_back(element);
    }
    return at;
  }
  static std::uint64_t size(const std::vector<bool>& value) { return 4 + 4 * value.size(); }
};

}  // namespace tryst::xdr
