// A type that the user supplies, and a struct whose codec is instantiated once, in supplied.cpp.
#pragma once

#include <chrono>
#include <string>
#include <tryst/xdr/codec.hpp>

namespace supplied {

/// Milliseconds since 1970, as a hyper on the wire.
struct moment {
  std::chrono::sys_time<std::chrono::milliseconds> time;
  bool operator==(const moment&) const = default;
};

/// Text in which 'a' is not allowed.
struct picky {
  std::string text;
  bool operator==(const picky&) const = default;
};

}  // namespace supplied

template <>
struct tryst::xdr::custom<supplied::moment> {
  static constexpr std::uint64_t min = 8;
  static constexpr std::uint64_t max = 8;
  static void encode(writer& out, const supplied::moment& value) {
    out.put_u64(static_cast<std::uint64_t>(value.time.time_since_epoch().count()));
  }
  static void decode(reader& in, supplied::moment& value) {
    value.time = std::chrono::sys_time<std::chrono::milliseconds>{
        std::chrono::milliseconds{static_cast<std::int64_t>(in.get_u64())}};
  }
  static std::uint64_t size(const supplied::moment&) { return 8; }
  static std::string text(const supplied::moment& value) {
    return std::to_string(value.time.time_since_epoch().count()) + "ms";
  }
};

template <>
struct tryst::xdr::custom<supplied::picky> {
  static constexpr std::uint64_t min = 4;
  static constexpr std::uint64_t max = 4 + 16;
  static void encode(writer& out, const supplied::picky& value) {
    if (value.text.contains('a')) return out.fail(errc::range_invalid);
    xdr::encode<at_most<16>>(out, value.text);
  }
  static void decode(reader& in, supplied::picky& value) {
    xdr::decode<at_most<16>>(in, value.text);
    if (value.text.contains('a')) in.fail(errc::range_invalid);
  }
  static std::uint64_t size(const supplied::picky& value) { return encoded_size(value.text); }
};

namespace supplied {

struct event {
  std::uint32_t id{};
  moment when;
  picky name;
  std::vector<moment> history;
  std::uint32_t last{};
  bool operator==(const event&) const = default;
  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("id", self.id);
    visit("when", self.when);
    visit("name", self.name);
    visit("history", self.history);
    visit("last", self.last);
  }
};

}  // namespace supplied

extern template struct tryst::xdr::composite_codec<supplied::event>;
