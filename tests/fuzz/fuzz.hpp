// What all fuzz targets need: an input to take bytes from, and a way to say what must hold.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <span>

namespace tryst::fuzz {

/// Ends the process when something does not hold that must: fuzzers take that for a finding.
inline void must(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: does not hold\n", where.file_name(), unsigned{where.line()});
  std::abort();
}

/// The input of one run: decisions are taken off its front, the rest is what is tested. Past its
/// end every decision is 0.
class input {
public:
  input(const std::uint8_t* data, std::size_t size)
      : rest_{reinterpret_cast<const std::byte*>(data), size} {}

  std::uint8_t decide() {
    if (rest_.empty()) return 0;
    const auto first = std::to_integer<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return first;
  }
  std::span<const std::byte> rest() const { return rest_; }

private:
  std::span<const std::byte> rest_;
};

/// Cuts bytes into pieces whose sizes follow from `seed`: 0 leaves them whole, 1 makes single
/// bytes.
class cutter {
public:
  cutter(std::span<const std::byte> bytes, std::uint8_t seed)
      : left_{bytes}, seed_{seed}, state_{seed * 2654435761U + 1} {}

  bool done() const { return left_.empty(); }
  std::span<const std::byte> next() {
    const auto piece = left_.first(std::min(left_.size(), size()));
    left_ = left_.subspan(piece.size());
    return piece;
  }

private:
  std::size_t size() {
    if (seed_ < 2) return seed_ == 0 ? left_.size() : 1;
    state_ = state_ * 1664525U + 1013904223U;
    return 1 + (state_ >> 16) % seed_;
  }

  std::span<const std::byte> left_;
  std::uint8_t seed_;
  std::uint32_t state_;
};

}  // namespace tryst::fuzz
