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

/// Copies `count` words of 4 bytes and reverses the bytes of each. Neither side need be aligned;
/// they do not overlap.
void swap_words_4(std::byte* to, const std::byte* from, std::size_t count) noexcept;
/// As swap_words_4, with words of 8 bytes.
void swap_words_8(std::byte* to, const std::byte* from, std::size_t count) noexcept;

}  // namespace tryst::xdr
