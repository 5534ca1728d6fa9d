// The messages that wait to be sent on one transport, as one run of bytes: messages are encoded
// straight into it, and leave in one gathered write. No I/O.
//
// Every message has four bytes in front of it, for the record mark (RFC 5531 §11).
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <tryst/xdr/bytes.hpp>
#include <tryst/xdr/writer.hpp>
#include <vector>

namespace tryst::rpc {

class outbox {
public:
  /// Begins a message: append it to the buffer, then end() or abandon() it. One at a time.
  xdr::byte_buffer& begin() {
    message_ = bytes_.size();
    bytes_.extend(4);
    return bytes_;
  }

  /// The message in progress: its bytes in the buffer so far, behind the mark.
  std::size_t message_size() const noexcept { return bytes_.size() - message_ - 4; }
  /// The first byte of the message in progress, behind the mark.
  std::byte* message() noexcept { return bytes_.data() + message_ + 4; }

  /// Ends the message, and returns the position in the stream of bytes at which it begins.
  std::uint64_t end();

  /// Ends a message that refers to bytes outside the buffer; `owner` keeps them alive until they
  /// are sent. The offsets are those of the buffer that begin() returned.
  std::uint64_t end(std::vector<xdr::reference> references, std::shared_ptr<void> owner);

  /// Forgets the message in progress.
  void abandon() noexcept { bytes_.truncate(message_); }

  bool empty() const noexcept { return pending_ == 0; }
  /// Bytes that wait, the marks included.
  std::uint64_t pending() const noexcept { return pending_; }
  /// Bytes that were taken since the beginning: a message whose position is less has begun to
  /// leave.
  std::uint64_t taken() const noexcept { return taken_; }

  /// Describes the bytes to send next in at most parts.size() parts; returns how many it used.
  std::size_t gather(std::span<iovec> parts) const;

  /// Where a message begins, among those that wait; until took() is called.
  struct place {
    std::size_t at = 0;       // of its mark in the buffer
    std::size_t foreign = 0;  // the first of foreign_ behind it
  };
  /// The oldest message. REQUIRES: took() was told of whole messages only.
  place first_message() const noexcept { return {.at = next_}; }
  /// For transports that send each message by itself: describes the one at `from`, without its
  /// mark, in at most parts.size() parts, and moves `from` behind it. Returns how many parts it
  /// used: 0, and nothing is moved, when there is no message or not enough room.
  std::size_t gather_message(place& from, std::span<iovec> parts) const;

  /// `n` bytes, of what gather() described, have been sent.
  void took(std::uint64_t n);

private:
  struct foreign {  // bytes outside the buffer, in front of offset `at`
    std::size_t at;
    std::span<const std::byte> bytes;
    std::shared_ptr<void> owner;
  };

  void mark(std::uint64_t foreign_bytes) noexcept;
  void reset();

  xdr::byte_buffer bytes_;
  std::deque<foreign> foreign_;
  std::size_t message_ = 0;       // where the message in progress has its mark
  std::size_t next_ = 0;          // the first byte of the buffer that is not sent
  std::size_t next_foreign_ = 0;  // bytes of foreign_.front() that are sent
  std::uint64_t pending_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace tryst::rpc
