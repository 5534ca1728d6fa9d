// SipHash-2-4 with 128 bits (Aumasson, Bernstein: "SipHash: a fast short-input PRF"): who does not
// know the key cannot find two inputs with the same hash.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tryst::rpc {

class siphash {
public:
  using key = std::array<std::uint64_t, 2>;
  using digest = std::array<std::uint64_t, 2>;

  explicit siphash(const key& k) noexcept
      : v_{k[0] ^ 0x736f6d6570736575U, k[1] ^ 0x646f72616e646f6dU ^ 0xeeU,
           k[0] ^ 0x6c7967656e657261U, k[1] ^ 0x7465646279746573U} {}

  /// Of `bytes`, which are the whole input.
  digest of(std::span<const std::byte> bytes) noexcept {
    const std::uint64_t length = bytes.size() << 56U;
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) absorb(word(bytes.first(8)));
    absorb(length | word(bytes));
    v_[2] ^= 0xeeU;
    for (int i = 0; i < 4; ++i) round();
    const std::uint64_t low = v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
    v_[1] ^= 0xddU;
    for (int i = 0; i < 4; ++i) round();
    return {low, v_[0] ^ v_[1] ^ v_[2] ^ v_[3]};
  }

private:
  // Little-endian, at most 8 bytes.
  static std::uint64_t word(std::span<const std::byte> bytes) noexcept {
    std::uint64_t w = 0;
    if (!bytes.empty()) std::memcpy(&w, bytes.data(), bytes.size());
    if constexpr (std::endian::native == std::endian::big) w = __builtin_bswap64(w);
    return w;
  }

  void absorb(std::uint64_t word) noexcept {
    v_[3] ^= word;
    round();
    round();
    v_[0] ^= word;
  }

  void round() noexcept {
    v_[0] += v_[1];
    v_[1] = std::rotl(v_[1], 13) ^ v_[0];
    v_[0] = std::rotl(v_[0], 32);
    v_[2] += v_[3];
    v_[3] = std::rotl(v_[3], 16) ^ v_[2];
    v_[0] += v_[3];
    v_[3] = std::rotl(v_[3], 21) ^ v_[0];
    v_[2] += v_[1];
    v_[1] = std::rotl(v_[1], 17) ^ v_[2];
    v_[2] = std::rotl(v_[2], 32);
  }

  std::array<std::uint64_t, 4> v_;
};

}  // namespace tryst::rpc
