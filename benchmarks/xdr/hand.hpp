// The limit of the XDR table: codecs written by hand for the very types that tryst-gen makes. They
// check the room once for each fixed run, lengths against what is there, enums and bools, and
// nothing else; null is a failure.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "table.hpp"

namespace hand {

inline void put32(std::byte*& at, std::uint32_t word) {
  word = __builtin_bswap32(word);
  std::memcpy(at, &word, 4);
  at += 4;
}
inline void put64(std::byte*& at, std::uint64_t word) {
  word = __builtin_bswap64(word);
  std::memcpy(at, &word, 8);
  at += 8;
}
inline std::uint32_t get32(const std::byte*& at) {
  std::uint32_t word;
  std::memcpy(&word, at, 4);
  at += 4;
  return __builtin_bswap32(word);
}
inline std::uint64_t get64(const std::byte*& at) {
  std::uint64_t word;
  std::memcpy(&word, at, 8);
  at += 8;
  return __builtin_bswap64(word);
}
inline std::size_t padded(std::size_t n) { return (n + 3) & ~std::size_t{3}; }
inline bool lacks(const std::byte* at, const std::byte* end, std::size_t n) {
  return static_cast<std::size_t>(end - at) < n;
}

/// Length, bytes and padding, for which there is room.
inline void put_bytes(std::byte*& at, const void* bytes, std::size_t n) {
  put32(at, static_cast<std::uint32_t>(n));
  if (n == 0) return;
  std::memset(at + padded(n) - 4, 0, 4);
  std::memcpy(at, bytes, n);
  at += padded(n);
}
/// The bytes behind a length that has been seen to be there, in place; false when too few are left.
inline bool get_bytes(const std::byte*& at, const std::byte* end, std::string_view& bytes) {
  std::size_t n = get32(at);
  if (lacks(at, end, padded(n))) return false;
  bytes = {reinterpret_cast<const char*>(at), n};
  at += padded(n);
  return true;
}

inline std::byte* encode(std::byte* at, const std::byte* end, const table::small& v) {
  if (lacks(at, end, 20 + padded(v.name.size()))) return nullptr;
  for (std::uint32_t word : {v.a, v.b, v.c, v.d}) put32(at, word);
  put_bytes(at, v.name.data(), v.name.size());
  return at;
}
inline bool decode(const std::byte* at, const std::byte* end, table::small& v) {
  if (lacks(at, end, 20)) return false;
  for (std::uint32_t* word : {&v.a, &v.b, &v.c, &v.d}) *word = get32(at);
  std::string_view name;
  if (!get_bytes(at, end, name)) return false;
  v.name = name;
  return at == end;
}

inline std::byte* encode(std::byte* at, const std::byte* end, const table::fattr3& v) {
  if (lacks(at, end, 84)) return nullptr;
  if (v.type < table::NF3REG || v.type > table::NF3FIFO) return nullptr;
  put32(at, static_cast<std::uint32_t>(v.type));
  for (std::uint32_t word : {v.mode, v.nlink, v.uid, v.gid}) put32(at, word);
  put64(at, v.size);
  put64(at, v.used);
  put32(at, v.rdev.specdata1);
  put32(at, v.rdev.specdata2);
  put64(at, v.fsid);
  put64(at, v.fileid);
  for (const table::nfstime3* time : {&v.atime, &v.mtime, &v.ctime}) {
    put32(at, time->seconds);
    put32(at, time->nseconds);
  }
  return at;
}
inline bool decode(const std::byte* at, const std::byte* end, table::fattr3& v) {
  if (lacks(at, end, 84)) return false;
  std::uint32_t kind = get32(at);
  if (kind < table::NF3REG || kind > table::NF3FIFO) return false;
  v.type = static_cast<table::ftype3>(kind);
  for (std::uint32_t* word : {&v.mode, &v.nlink, &v.uid, &v.gid}) *word = get32(at);
  v.size = get64(at);
  v.used = get64(at);
  v.rdev.specdata1 = get32(at);
  v.rdev.specdata2 = get32(at);
  v.fsid = get64(at);
  v.fileid = get64(at);
  for (table::nfstime3* time : {&v.atime, &v.mtime, &v.ctime}) {
    time->seconds = get32(at);
    time->nseconds = get32(at);
  }
  return at == end;
}

/// The loop that a compiler may turn into shuffles, if the target has them.
inline void swap4(std::byte* to, const std::byte* from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t word;
    std::memcpy(&word, from + 4 * i, 4);
    word = __builtin_bswap32(word);
    std::memcpy(to + 4 * i, &word, 4);
  }
}
inline void swap8(std::byte* to, const std::byte* from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t word;
    std::memcpy(&word, from + 8 * i, 8);
    word = __builtin_bswap64(word);
    std::memcpy(to + 8 * i, &word, 8);
  }
}

template <class Number>
std::byte* encode(std::byte* at, const std::byte* end, const std::vector<Number>& v) {
  if (lacks(at, end, 4 + sizeof(Number) * v.size())) return nullptr;
  put32(at, static_cast<std::uint32_t>(v.size()));
  const auto* from = reinterpret_cast<const std::byte*>(v.data());
  sizeof(Number) == 4 ? swap4(at, from, v.size()) : swap8(at, from, v.size());
  return at + sizeof(Number) * v.size();
}
template <class Number>
bool decode(const std::byte* at, const std::byte* end, std::vector<Number>& v) {
  if (lacks(at, end, 4)) return false;
  std::size_t count = get32(at);
  if (lacks(at, end, sizeof(Number) * count)) return false;
  v.resize(count);
  auto* to = reinterpret_cast<std::byte*>(v.data());
  sizeof(Number) == 4 ? swap4(to, at, count) : swap8(to, at, count);
  return at + sizeof(Number) * count == end;
}

inline std::byte* encode(std::byte* at, const std::byte* end, const table::blob& v) {
  if (lacks(at, end, 4 + padded(v.size()))) return nullptr;
  put_bytes(at, v.data(), v.size());
  return at;
}
inline bool decode(const std::byte* at, const std::byte* end, table::blob& v) {
  std::string_view bytes;
  if (lacks(at, end, 4) || !get_bytes(at, end, bytes)) return false;
  const auto span = std::as_bytes(std::span{bytes});
  v.assign(span.begin(), span.end());
  return at == end;
}

inline std::byte* encode(std::byte* at, const std::byte* end, const table::items& v) {
  if (lacks(at, end, 4)) return nullptr;
  put32(at, static_cast<std::uint32_t>(v.size()));
  for (const table::item& item : v) {
    if (lacks(at, end, 8 + padded(item.name.size()))) return nullptr;
    put32(at, item.id);
    put_bytes(at, item.name.data(), item.name.size());
  }
  return at;
}
inline bool decode(const std::byte* at, const std::byte* end, table::items& v) {
  if (lacks(at, end, 4)) return false;
  std::size_t count = get32(at);
  if (lacks(at, end, 8 * count)) return false;
  v.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (lacks(at, end, 8)) return false;
    std::uint32_t id = get32(at);
    std::string_view name;
    if (!get_bytes(at, end, name)) return false;
    v.push_back({id, std::string{name}});
  }
  return at == end;
}

inline std::byte* encode(std::byte* at, const std::byte* end, const table::node& v) {
  for (const table::node* node = &v; node != nullptr; node = node->next.get()) {
    if (lacks(at, end, 8)) return nullptr;
    put32(at, node->value);
    put32(at, node->next ? 1 : 0);
  }
  return at;
}
inline bool decode(const std::byte* at, const std::byte* end, table::node& v) {
  for (table::node* node = &v;; node = &node->next.emplace()) {
    if (lacks(at, end, 8)) return false;
    node->value = get32(at);
    std::uint32_t more = get32(at);
    if (more > 1) return false;
    if (more == 0) return at == end;
  }
}

}  // namespace hand
