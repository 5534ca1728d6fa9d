// Record marking (RFC 5531 §11): where messages begin and end on a stream. Bytes in, records out;
// no I/O.
//
// A record is sent as fragments, each behind four bytes: the high bit marks the last fragment, the
// other 31 say how long it is. We send one fragment a record, because some peers reassemble
// nothing; we accept any that the limits allow.
//
// Path: stream_transport → here
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <system_error>
#include <tryst/xdr/byte_order.hpp>
#include <tryst/xdr/bytes.hpp>

namespace tryst::rpc {

/// What a record may be.
struct record_limits {
  /// Bytes of a record, all fragments together.
  std::uint32_t max_bytes = (1U << 20) + 4096;
  /// Fragments of a record. Those beyond free_fragments must average 1 KiB, so that a small record
  /// cannot be made dear; libtirpc sends 1 MiB over a UNIX socket as 117 fragments.
  std::uint32_t max_fragments = 256;
  std::uint32_t free_fragments = 64;
  /// Takes a first fragment that is not marked as the last for a whole record: some instruments
  /// never set the bit. For clients of such servers only.
  bool tolerate_missing_last_fragment = false;
};

inline constexpr std::uint32_t last_fragment_bit = 0x8000'0000;
inline constexpr std::size_t record_mark_size = 4;

/// Writes the mark of a record of one fragment: four bytes at `where`. REQUIRES: length < 2^31.
inline void put_record_mark(std::byte* where, std::uint32_t length) noexcept {
  xdr::store_big(where, length | last_fragment_bit);
}

/// The length that a mark says.
inline std::uint32_t record_mark_length(const std::byte* mark) noexcept {
  return xdr::load_big<std::uint32_t>(mark) & ~last_fragment_bit;
}

/// What the marks of a record have announced so far, held against the limits. It counts in 64
/// bits, because the numbers are a peer's.
class record_tally {
public:
  explicit record_tally(const record_limits& limits) noexcept;

  /// Whether a further fragment of `length` bytes is within the limits: record_too_large or
  /// record_fragmented if not.
  std::error_code check(std::uint32_t length) const noexcept;
  void add(std::uint32_t length) noexcept {
    bytes_ += length;
    ++fragments_;
  }
  void clear() noexcept { bytes_ = fragments_ = 0; }

  std::uint64_t bytes() const noexcept { return bytes_; }
  std::uint64_t fragments() const noexcept { return fragments_; }
  const record_limits& limits() const noexcept { return limits_; }

private:
  record_limits limits_;
  std::uint64_t bytes_ = 0;
  std::uint64_t fragments_ = 0;
};

/// A whole record. Its bytes lie in the buffer that was given to next(), or, if it came in several
/// fragments, in `joined`: whoever keeps a copy of that keeps the bytes.
struct record {
  std::span<const std::byte> bytes;
  xdr::buffer_ref joined;  ///< empty when the bytes lie in the caller's buffer
};

/// Finds records in what a stream delivers. The caller owns the bytes: it keeps those that next()
/// has not taken and appends what comes. How they were split into deliveries makes no difference.
class record_reader {
public:
  explicit record_reader(const record_limits& limits) : tally_{limits} {}

  /// Takes the next record from the front of `unread`. Nothing: more bytes are needed, wanted() of
  /// them at least. An error is final: record_too_large or record_fragmented, told before any more
  /// than the mark was received.
  std::expected<std::optional<record>, std::error_code> next(std::span<std::byte>& unread);

  /// As next(), for what nearly every record is: one fragment that has arrived as a whole. Null
  /// bytes, and nothing taken, for any other, or when there is none: next() knows.
  std::span<const std::byte> next_whole(std::span<std::byte>& unread) noexcept {
    if (tally_.fragments() != 0 || unread.size() < record_mark_size) return {};
    const auto mark = xdr::load_big<std::uint32_t>(unread.data());
    const std::uint32_t length = mark & ~last_fragment_bit;
    if (mark == length || length > tally_.limits().max_bytes ||
        unread.size() - record_mark_size < length) {
      return {};
    }
    const auto bytes = unread.subspan(record_mark_size, length);
    unread = unread.subspan(record_mark_size + length);
    inside_ = false;
    wanted_ = record_mark_size;
    return bytes;
  }

  /// How many bytes are missing of the fragment in progress, or of its mark: within the limits.
  std::size_t wanted() const noexcept { return wanted_; }

  /// True while a part of a record has been seen, and not all of it.
  bool inside_record() const noexcept { return inside_; }

private:
  void join(std::span<const std::byte> fragment);
  record whole(std::span<const std::byte> in_place);

  record_tally tally_;      // of the fragments that are complete
  xdr::buffer_ref joined_;  // their bytes
  std::size_t wanted_ = record_mark_size;
  bool inside_ = false;
};

}  // namespace tryst::rpc
