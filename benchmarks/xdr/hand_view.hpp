// The limit of the rows of views: views written by hand. Like tryst's they see the whole message
// before anything of it is handed out, and then walk over it without looking again.
#pragma once

#include "hand.hpp"

namespace hand {

struct small_view {
  std::uint32_t a, b, c, d;
  std::string_view name;
};
inline bool decode(const std::byte* at, const std::byte* end, small_view& v) {
  if (lacks(at, end, 20)) return false;
  for (std::uint32_t* word : {&v.a, &v.b, &v.c, &v.d}) *word = get32(at);
  return get_bytes(at, end, v.name) && at == end;
}
inline std::uint64_t sum(const small_view& v) { return v.a + v.b + v.c + v.d + v.name.size(); }

struct items_view {
  const std::byte* first;
  std::size_t count;
};
inline bool decode(const std::byte* at, const std::byte* end, items_view& v) {
  if (lacks(at, end, 4)) return false;
  v.count = get32(at);
  v.first = at;
  if (lacks(at, end, 8 * v.count)) return false;
  for (std::size_t i = 0; i < v.count; ++i) {
    if (lacks(at, end, 8)) return false;
    at += 4;
    std::string_view name;
    if (!get_bytes(at, end, name)) return false;
  }
  return at == end;
}
inline std::uint64_t sum(const items_view& v) {
  std::uint64_t total = 0;
  const std::byte* at = v.first;
  for (std::size_t i = 0; i < v.count; ++i) {
    total += get32(at);
    const std::size_t n = get32(at);
    total += n;
    at += padded(n);
  }
  return total;
}

struct list_view {
  const std::byte* first;
};
inline bool decode(const std::byte* at, const std::byte* end, list_view& v) {
  v.first = at;
  for (;;) {
    if (lacks(at, end, 8)) return false;
    at += 4;
    const std::uint32_t more = get32(at);
    if (more > 1) return false;
    if (more == 0) return at == end;
  }
}
inline std::uint64_t sum(const list_view& v) {
  std::uint64_t total = 0;
  for (const std::byte* at = v.first;;) {
    total += get32(at);
    if (get32(at) == 0) return total;
  }
}

struct blob_view {
  std::string_view bytes;
};
inline bool decode(const std::byte* at, const std::byte* end, blob_view& v) {
  return !lacks(at, end, 4) && get_bytes(at, end, v.bytes) && at == end;
}
inline std::uint64_t sum(const blob_view& v) { return v.bytes.size(); }

}  // namespace hand
