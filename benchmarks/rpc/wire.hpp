// The bytes of bench.x's two procedures over a stream, by hand (RFC 5531 §9 and §11): what any ONC
// RPC system puts on the wire for them, written and checked field by field with nothing in between.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

namespace bench {

inline constexpr std::uint32_t program = 0x20000b3c, version = 1, add_procedure = 1,
                               echo_procedure = 2;
inline constexpr std::uint32_t last_fragment = 0x80000000;
inline constexpr std::size_t mark_size = 4, call_header_size = 40, reply_header_size = 24;

inline std::uint32_t get(const std::byte* at) {
  std::uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return __builtin_bswap32(word);
}
inline void put(std::byte* at, std::uint32_t word) {
  word = __builtin_bswap32(word);
  std::memcpy(at, &word, sizeof word);
}

/// The record mark and the header of a call with no credential, at `at`.
inline void put_call(std::byte* at, std::size_t body, std::uint32_t xid, std::uint32_t procedure) {
  put(at, last_fragment | static_cast<std::uint32_t>(call_header_size + body));
  put(at + 4, xid);
  put(at + 8, 0);   // CALL
  put(at + 12, 2);  // of RPC version 2
  put(at + 16, program);
  put(at + 20, version);
  put(at + 24, procedure);
  for (int i = 28; i < 44; i += 4) put(at + i, 0);  // AUTH_NONE twice, no bytes
}

/// Is this the header (after the mark) of a call to our program?
inline bool is_call(const std::byte* at) {
  return get(at + 4) == 0 && get(at + 8) == 2 && get(at + 12) == program &&
         get(at + 16) == version && get(at + 24) == 0 && get(at + 28) == 0 && get(at + 32) == 0 &&
         get(at + 36) == 0;
}

/// The record mark and the header of a successful reply.
inline void put_reply(std::byte* at, std::size_t body, std::uint32_t xid) {
  put(at, last_fragment | static_cast<std::uint32_t>(reply_header_size + body));
  put(at + 4, xid);
  put(at + 8, 1);                                   // REPLY
  for (int i = 12; i < 28; i += 4) put(at + i, 0);  // MSG_ACCEPTED, AUTH_NONE, no bytes, SUCCESS
}

/// Is this the header (after the mark) of a successful reply to `xid`?
inline bool is_reply(const std::byte* at, std::uint32_t xid) {
  return get(at) == xid && get(at + 4) == 1 && get(at + 8) == 0 && get(at + 12) == 0 &&
         get(at + 16) == 0 && get(at + 20) == 0;
}

/// Bytes between a front and a back, in memory that grows and is never cleared.
class buffer {
public:
  std::byte* front() { return bytes_.get() + front_; }
  std::byte* back() { return bytes_.get() + back_; }
  std::size_t size() const { return back_ - front_; }
  std::size_t room() const { return capacity_ - back_; }

  /// Room for `more` bytes behind the back.
  void reserve(std::size_t more) {
    if (room() >= more) return;
    std::size_t needed = std::bit_ceil(size() + more);
    auto moved = needed > capacity_ ? std::make_unique_for_overwrite<std::byte[]>(needed) : nullptr;
    std::byte* to = moved ? moved.get() : bytes_.get();
    if (size() != 0) std::memmove(to, front(), size());
    if (moved) {
      bytes_ = std::move(moved);
      capacity_ = needed;
    }
    back_ = size();
    front_ = 0;
  }
  void added(std::size_t n) { back_ += n; }
  void taken(std::size_t n) {
    front_ += n;
    if (front_ == back_) front_ = back_ = 0;
  }

  /// The length of the whole record (mark included) at the front, 0 when its mark is incomplete.
  /// None of the systems here sends a record in several fragments to this program.
  std::size_t record_size() {
    return size() < mark_size ? 0 : mark_size + (get(front()) & ~last_fragment);
  }
  bool holds_record() {
    std::size_t record = record_size();
    return record != 0 && record <= size();
  }

  /// Room for the next receive: 4 KiB to begin with, the rest of a record that is longer, twice
  /// what the last receive filled to the brim.
  void make_room(bool was_filled) {
    std::size_t record = record_size(), most = 256 * 1024;
    std::size_t want = record > size() ? record - size() : 512;
    if (capacity_ == 0) want = 4096;
    if (was_filled && capacity_ < most) want = std::max(want, 2 * capacity_ - size());
    reserve(want);
  }

private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t capacity_ = 0, front_ = 0, back_ = 0;
};

}  // namespace bench
