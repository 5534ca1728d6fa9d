// 4096 u32 in the L1 cache, swapped by hand with the widest shuffle of the machine: the limit that
// a build without -march has to come near by choosing at run time.
#include <immintrin.h>

#include <cstring>

#include "messages.hpp"

namespace bench {
namespace {

constexpr std::size_t count = 4096;

[[gnu::target("avx512f,avx512bw")]] void swap_512(std::byte* to, const std::byte* from) {
  const __m512i order =
      _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
  for (std::size_t i = 0; i < 4 * count; i += 64) {
    _mm512_storeu_si512(to + i, _mm512_shuffle_epi8(_mm512_loadu_si512(from + i), order));
  }
}

[[gnu::target("avx2")]] void swap_256(std::byte* to, const std::byte* from) {
  const __m256i order = _mm256_broadcastsi128_si256(
      _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
  for (std::size_t i = 0; i < 4 * count; i += 32) {
    auto in = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_shuffle_epi8(in, order));
  }
}

template <auto Swap>
void swap(benchmark::State& state) {
  const auto from = words(count);
  auto to = words(count);
  for (auto _ : state) {
    Swap(reinterpret_cast<std::byte*>(to.data()), reinterpret_cast<const std::byte*>(from.data()));
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  must(state, __builtin_bswap32(to[77]) == from[77]);
}

}  // namespace

void measure_shuffles();
void measure_shuffles() {
  for (const char* operation : {"encode", "decode again"}) {
    const std::string name = std::string{operation} + "/4096 u32/";
    if (__builtin_cpu_supports("avx512bw")) {
      benchmark::RegisterBenchmark((name + "shuffle").c_str(), swap<swap_512>);
    } else if (__builtin_cpu_supports("avx2")) {
      benchmark::RegisterBenchmark((name + "shuffle").c_str(), swap<swap_256>);
    }
  }
}

}  // namespace bench
