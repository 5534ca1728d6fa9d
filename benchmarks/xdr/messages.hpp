// The values of the XDR table, and how a codec is measured: the hand-written limit, tryst and
// libtirpc go through the same loops over the same bytes.
#pragma once

#include <benchmark/benchmark.h>

#include <numeric>
#include <string>

#include "table.hpp"

namespace bench {

inline constexpr std::size_t million = 1000000, thousand = 1000;

template <class T>
T sample();

template <>
inline table::small sample() {
  return {1, 2, 3, 4, "twenty bytes of name"};
}
template <>
inline table::fattr3 sample() {
  table::fattr3 v;
  v.type = table::NF3DIR;
  v.mode = 0755;
  v.nlink = 2;
  v.size = 4096;
  v.used = 8192;
  v.fileid = 123456789;
  v.mtime = {1700000000, 5};
  return v;
}
inline table::words words(std::size_t count) {
  table::words v(count);
  std::iota(v.begin(), v.end(), 1u);
  return v;
}
inline table::doubles doubles(std::size_t count) {
  table::doubles v(count);
  std::iota(v.begin(), v.end(), 0.5);
  return v;
}
template <>
inline table::items sample() {
  table::items v(thousand);
  for (std::size_t i = 0; i < v.size(); ++i) {
    v[i] = {static_cast<std::uint32_t>(i), "a name of some length"};
  }
  return v;
}
template <>
inline table::node sample() {
  table::node v;
  table::node* last = &v;
  for (std::uint32_t i = 1; i < thousand; ++i) {
    last = &last->next.emplace();
    last->value = i;
  }
  return v;
}

/// The bytes of `value`, which every codec must agree on.
template <class T>
tryst::xdr::byte_buffer bytes_of(const T& value) {
  return std::move(tryst::xdr::to_bytes(value)).value();
}

/// Ends the benchmark unless `right`.
inline bool must(benchmark::State& state, bool right) {
  if (!right) state.SkipWithError("the bytes or the value are wrong");
  return right;
}

}  // namespace bench
