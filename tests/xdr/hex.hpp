// Wire bytes as hex, as the tests write them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tryst::test {

/// The bytes that the hex digits stand for; everything else in the text is passed over.
inline std::vector<std::byte> bytes_of(std::string_view hex) {
  std::vector<std::byte> made;
  bool high = true;
  for (const char c : hex) {
    const auto digit = std::string_view{"0123456789abcdef"}.find(c);
    if (digit == std::string_view::npos) continue;
    if (high)
      made.push_back(std::byte(digit << 4));
    else
      made.back() |= std::byte(digit);
    high = !high;
  }
  return made;
}

inline std::string hex_of(std::span<const std::byte> these) {
  std::string text;
  for (const std::byte b : these) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(b) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

}  // namespace tryst::test
