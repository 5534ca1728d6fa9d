// Big-endian numbers in memory (RFC 4506 §3): one at a time, inline, and whole arrays at memory
// speed by the widest byte shuffle that this machine has (src/xdr/swap.cpp).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace tryst::xdr {

static_assert(std::endian::native == std::endian::little,
              "the array code assumes a little-endian machine");

/// The big-endian number at `at`, which need not be aligned.
template <class Word>
inline Word load_big(const std::byte* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return std::byteswap(word);
}

/// Stores `word` big-endian at `at`, which need not be aligned.
template <class Word>
inline void store_big(std::byte* at, Word word) noexcept {
  word = std::byteswap(word);
  std::memcpy(at, &word, sizeof word);
}

namespace detail {
template <std::size_t Bytes>
struct word;
template <>
struct word<4> {
  using type = std::uint32_t;
};
template <>
struct word<8> {
  using type = std::uint64_t;
};
}  // namespace detail

/// The unsigned number of T's size, as which T travels.
template <class T>
using word_of = typename detail::word<sizeof(T)>::type;

/// The big-endian T at `at`, bit for bit, so that a NaN keeps its payload.
template <class T>
inline T load_number(const std::byte* at) noexcept {
  return std::bit_cast<T>(load_big<word_of<T>>(at));
}
template <class T>
inline void store_number(std::byte* at, T number) noexcept {
  store_big(at, std::bit_cast<word_of<T>>(number));
}

/// Copies `count` words of 4 bytes and reverses the bytes of each. Neither side need be aligned;
/// they do not overlap.
void swap_words_4(std::byte* to, const std::byte* from, std::size_t count) noexcept;
/// As swap_words_4, with words of 8 bytes.
void swap_words_8(std::byte* to, const std::byte* from, std::size_t count) noexcept;

/// Below this many numbers a loop in place is faster than the call.
inline constexpr std::size_t few_numbers = 16;

/// Stores `count` numbers of 4 or 8 bytes big-endian at `at`.
template <class T>
inline void store_numbers(std::byte* at, const T* numbers, std::size_t count) noexcept {
  if (count < few_numbers) {
    for (std::size_t i = 0; i < count; ++i) store_number(at + i * sizeof(T), numbers[i]);
    return;
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(numbers);
  sizeof(T) == 8 ? swap_words_8(at, bytes, count) : swap_words_4(at, bytes, count);
}

/// Loads `count` big-endian numbers of 4 or 8 bytes from `at`.
template <class T>
inline void load_numbers(T* numbers, const std::byte* at, std::size_t count) noexcept {
  if (count < few_numbers) {
    for (std::size_t i = 0; i < count; ++i) numbers[i] = load_number<T>(at + i * sizeof(T));
    return;
  }
  auto* bytes = reinterpret_cast<std::byte*>(numbers);
  sizeof(T) == 8 ? swap_words_8(bytes, at, count) : swap_words_4(bytes, at, count);
}

/// Makes `numbers` the `count` big-endian numbers at `from`, without filling it with zeros first
/// where that can be helped. T is one of std::(u)int32_t, std::(u)int64_t, float, double.
template <class T>
void assign_numbers(std::vector<T>& numbers, const std::byte* from, std::size_t count);

}  // namespace tryst::xdr
