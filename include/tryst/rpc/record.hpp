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
  /// Fragments of a record. Beyond free_fragments they must average 1 KiB, so that a small record
  /// cannot be made dear; libtirpc sends 1 MiB over a UNIX socket as 117 fragments.
  std::uint32_t max_fragments = 256;
  std::uint32_t free_fragments = 64;
  /// Takes a first fragment that is not marked as the last for a whole record: some instruments
  /// never set the bit. For clients of such servers only.
  bool tolerate_missing_last_fragment = false;
};

inline constexpr std::uint32_t last_fragment_bit = 0x8000'0000;

/// Writes the mark of a record of one fragment: four bytes at `where`. REQUIRES: length < 2^31.
inline void put_record_mark(std::byte* where, std::uint32_t length) noexcept {
  xdr::store_big(where, length | last_fragment_bit);
}

/// The length that a mark says.
inline std::uint32_t record_mark_length(const std::byte* mark) noexcept {
  return xdr::load_big<std::uint32_t>(mark) & ~last_fragment_bit;
}

/// A whole record. Its bytes lie in the buffer that was given to next(), or, if it came in several
/// fragments, in `joined`.
struct record {
  std::span<const std::byte> bytes;
  xdr::buffer_ref joined;  ///< empty when the bytes lie in the caller's buffer
};

/// Finds records in what a stream delivers. The caller owns the bytes: it keeps those that next()
/// has not taken and appends what comes. How they were split into deliveries makes no difference.
class record_reader {
public:
  explicit record_reader(record_limits limits) : limits_{limits} {}

  /// Takes the next record from the front of `unread`. Nothing: more bytes are needed, wanted() of
  /// them at least. An error is final: record_too_large or record_fragmented, told before any more
  /// than the mark was received.
  std::expected<std::optional<record>, std::error_code> next(std::span<std::byte>& unread);

  /// How many bytes are missing of the fragment in progress, or of its mark: within the limits.
  std::size_t wanted() const noexcept { return wanted_; }

  /// True while a part of a record has been seen, and not all of it.
  bool inside_record() const noexcept { return inside_; }

private:
  std::expected<std::optional<record>, std::error_code> next_slowly(std::span<std::byte>& unread);
  std::error_code admit(std::uint32_t length) const noexcept;

  record_limits limits_;
  // The fragments of a record that are complete, joined; `total_` counts in 64 bits because the
  // marks are a peer's.
  xdr::byte_buffer joined_;
  std::uint64_t total_ = 0;
  std::uint32_t fragments_ = 0;
  std::size_t wanted_ = 4;
  bool inside_ = false;
};

}  // namespace tryst::rpc
