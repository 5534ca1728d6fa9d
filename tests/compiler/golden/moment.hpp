// A type that its user brings along: seconds, as eight bytes.
#pragma once

#include <tryst/xdr/codec.hpp>

namespace shop {

struct moment {
  std::int64_t seconds = 0;

  bool operator==(const moment&) const = default;
};

}  // namespace shop

template <>
struct tryst::xdr::custom<shop::moment> {
  static constexpr std::uint64_t min = 8;
  static constexpr std::uint64_t max = 8;
  static void encode(writer& out, const shop::moment& value) {
    out.put_u64(static_cast<std::uint64_t>(value.seconds));
  }
  static void decode(reader& in, shop::moment& value) {
    value.seconds = static_cast<std::int64_t>(in.get_u64());
  }
  static std::uint64_t size(const shop::moment&) { return 8; }
};
