// Whole arrays of big-endian numbers. The library is built for plain x86-64, so the widest byte
// shuffle is chosen at run time: it is worth four to five times (SSE2 has none at all).
#include "xdr/swap_kernels.hpp"

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tryst/xdr/number_view.hpp>

namespace tryst::xdr {
namespace {

// How the bytes of 16 move, for words of 4 and of 8.
alignas(16) constexpr std::uint8_t shuffle_4[16] = {3,  2,  1, 0, 7,  6,  5,  4,
                                                    11, 10, 9, 8, 15, 14, 13, 12};
alignas(16) constexpr std::uint8_t shuffle_8[16] = {7,  6,  5,  4,  3,  2,  1, 0,
                                                    15, 14, 13, 12, 11, 10, 9, 8};

template <class Word>
const std::uint8_t* shuffle_of() {
  return sizeof(Word) == 8 ? shuffle_8 : shuffle_4;
}

template <class Word>
void swap_rest(std::byte* to, const std::byte* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += sizeof(Word)) {
    const Word word = load_big<Word>(from + i);
    std::memcpy(to + i, &word, sizeof word);
  }
}

// Swaps the words in front of the first multiple of `width`, where stores no longer cross a cache
// line; returns how many bytes that were. Words that are not aligned themselves stay as they are.
template <class Word>
std::size_t swap_head(std::byte* to, const std::byte* from, std::size_t bytes, std::size_t width) {
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(to) & (width - 1);
  if (before % sizeof(Word) != 0 || before >= bytes) return 0;
  swap_rest<Word>(to, from, before);
  return before;
}

template <class Word>
void swap_sse2(std::byte* to, const std::byte* from, std::size_t bytes) {
  std::size_t i = 0;
  for (; i + 16 <= bytes; i += 16) {
    __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    // The bytes of each half word, then the half words of each word.
    x = _mm_or_si128(_mm_slli_epi16(x, 8), _mm_srli_epi16(x, 8));
    constexpr int order = sizeof(Word) == 8 ? _MM_SHUFFLE(0, 1, 2, 3) : _MM_SHUFFLE(2, 3, 0, 1);
    x = _mm_shufflehi_epi16(_mm_shufflelo_epi16(x, order), order);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), x);
  }
  swap_rest<Word>(to + i, from + i, bytes - i);
}

template <class Word>
[[gnu::target("ssse3")]] void swap_ssse3(std::byte* to, const std::byte* from, std::size_t bytes) {
  const __m128i order = _mm_load_si128(reinterpret_cast<const __m128i*>(shuffle_of<Word>()));
  std::size_t i = 0;
  for (; i + 16 <= bytes; i += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm_shuffle_epi8(x, order));
  }
  swap_rest<Word>(to + i, from + i, bytes - i);
}

template <class Word>
[[gnu::target("avx2")]] void swap_avx2(std::byte* to, const std::byte* from, std::size_t bytes) {
  const __m256i order = _mm256_broadcastsi128_si256(
      _mm_load_si128(reinterpret_cast<const __m128i*>(shuffle_of<Word>())));
  std::size_t i = swap_head<Word>(to, from, bytes, 32);
  for (; i + 128 <= bytes; i += 128) {
    const auto* in = reinterpret_cast<const __m256i*>(from + i);
    auto* out = reinterpret_cast<__m256i*>(to + i);
    const __m256i a = _mm256_shuffle_epi8(_mm256_loadu_si256(in), order);
    const __m256i b = _mm256_shuffle_epi8(_mm256_loadu_si256(in + 1), order);
    const __m256i c = _mm256_shuffle_epi8(_mm256_loadu_si256(in + 2), order);
    const __m256i d = _mm256_shuffle_epi8(_mm256_loadu_si256(in + 3), order);
    _mm256_storeu_si256(out, a);
    _mm256_storeu_si256(out + 1, b);
    _mm256_storeu_si256(out + 2, c);
    _mm256_storeu_si256(out + 3, d);
  }
  for (; i + 32 <= bytes; i += 32) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_shuffle_epi8(x, order));
  }
  swap_rest<Word>(to + i, from + i, bytes - i);
}

template <class Word>
[[gnu::target("avx512bw")]] void swap_avx512(std::byte* to, const std::byte* from,
                                             std::size_t bytes) {
  const __m512i order = _mm512_maskz_broadcast_i32x4(
      0xffff, _mm_load_si128(reinterpret_cast<const __m128i*>(shuffle_of<Word>())));
  std::size_t i = swap_head<Word>(to, from, bytes, 64);
  for (; i + 256 <= bytes; i += 256) {
    const __m512i a = _mm512_shuffle_epi8(_mm512_loadu_si512(from + i), order);
    const __m512i b = _mm512_shuffle_epi8(_mm512_loadu_si512(from + i + 64), order);
    const __m512i c = _mm512_shuffle_epi8(_mm512_loadu_si512(from + i + 128), order);
    const __m512i d = _mm512_shuffle_epi8(_mm512_loadu_si512(from + i + 192), order);
    _mm512_storeu_si512(to + i, a);
    _mm512_storeu_si512(to + i + 64, b);
    _mm512_storeu_si512(to + i + 128, c);
    _mm512_storeu_si512(to + i + 192, d);
  }
  for (; i < bytes; i += 64) {
    const std::size_t left = std::min<std::size_t>(bytes - i, 64);
    const __mmask64 some = ~__mmask64{0} >> (64 - left);
    const __m512i x = _mm512_maskz_loadu_epi8(some, from + i);
    _mm512_mask_storeu_epi8(to + i, some, _mm512_shuffle_epi8(x, order));
  }
}

const detail::swap_kernel& fastest() {
  static const detail::swap_kernel chosen = [] {
    const auto all = detail::swap_kernels();
    return *std::find_if(all.begin(), all.end(), [](const auto& kernel) { return kernel.usable; });
  }();
  return chosen;
}

// A vector's own memory is written once: all of the standard's loop is compiled into this function,
// where the compiler may use AVX2. Only g++ inlines it whole.
template <class T>
[[gnu::target("avx2"), gnu::flatten, gnu::noinline]] void assign_avx2(std::vector<T>& numbers,
                                                                      const std::byte* from,
                                                                      std::size_t count) {
  numbers.assign(number_iterator<T>{from}, number_iterator<T>{from + count * sizeof(T)});
}

#if defined(__OPTIMIZE__) && defined(__GNUC__) && !defined(__clang__)
constexpr bool assign_is_vectorised = true;
#else
constexpr bool assign_is_vectorised = false;
#endif

}  // namespace

std::array<detail::swap_kernel, 4> detail::swap_kernels() {
  using u32 = std::uint32_t;
  using u64 = std::uint64_t;
  return {
      {{"avx512bw", __builtin_cpu_supports("avx512bw") != 0, swap_avx512<u32>, swap_avx512<u64>},
       {"avx2", __builtin_cpu_supports("avx2") != 0, swap_avx2<u32>, swap_avx2<u64>},
       {"ssse3", __builtin_cpu_supports("ssse3") != 0, swap_ssse3<u32>, swap_ssse3<u64>},
       {"sse2", true, swap_sse2<u32>, swap_sse2<u64>}}};
}

void swap_words_4(std::byte* to, const std::byte* from, std::size_t count) noexcept {
  fastest().words_4(to, from, count * 4);
}

void swap_words_8(std::byte* to, const std::byte* from, std::size_t count) noexcept {
  fastest().words_8(to, from, count * 8);
}

template <class T>
void assign_numbers(std::vector<T>& numbers, const std::byte* from, std::size_t count) {
  if constexpr (assign_is_vectorised) {
    static const bool has_avx2 = __builtin_cpu_supports("avx2");
    if (numbers.size() < count && has_avx2) return assign_avx2(numbers, from, count);
  }
  numbers.resize(count);
  load_numbers(numbers.data(), from, count);
}

template void assign_numbers(std::vector<std::int32_t>&, const std::byte*, std::size_t);
template void assign_numbers(std::vector<std::uint32_t>&, const std::byte*, std::size_t);
template void assign_numbers(std::vector<std::int64_t>&, const std::byte*, std::size_t);
template void assign_numbers(std::vector<std::uint64_t>&, const std::byte*, std::size_t);
template void assign_numbers(std::vector<float>&, const std::byte*, std::size_t);
template void assign_numbers(std::vector<double>&, const std::byte*, std::size_t);

}  // namespace tryst::xdr
