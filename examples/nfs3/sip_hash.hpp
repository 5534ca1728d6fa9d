// SipHash-2-4 (Aumasson and Bernstein, 2012): a short keyed hash. Whoever does not know the key can
// neither predict nor forge it, which is all that a file handle's seal needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace nfsd {

using sip_key = std::array<std::byte, 16>;

/// The 64-bit SipHash-2-4 of `bytes` under `key`.
std::uint64_t sip_hash(const sip_key& key, std::span<const std::byte> bytes);

}  // namespace nfsd
