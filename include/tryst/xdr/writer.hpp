// The XDR writer (RFC 4506): appends to a byte_buffer and records the first failure.
//
// Two ways in: the put_ members, for whoever writes a few words by hand, and the cursor, for the
// codecs, which keep the place to write at in a register and ask once for a whole run of bytes.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <system_error>
#include <tryst/error.hpp>
#include <tryst/xdr/byte_order.hpp>
#include <tryst/xdr/bytes.hpp>
#include <vector>

namespace tryst::xdr {

/// The bytes that follow `n` bytes of opaque data, so that the next item is aligned (RFC 4506 §3).
constexpr std::uint64_t padding_of(std::uint64_t n) noexcept { return (4 - (n & 3)) & 3; }
/// `n` and its padding. REQUIRES: n <= 2^64-4.
constexpr std::uint64_t padded(std::uint64_t n) noexcept { return (n + 3) & ~std::uint64_t{3}; }

/// Bytes of the message that stay where they are: they belong at `offset_in_buffer` of the written
/// buffer, in front of what the buffer holds there. They must live until the message is sent.
struct reference {
  std::size_t offset_in_buffer = 0;
  std::span<const std::byte> bytes;
};

/// Opaque data and strings of at least this many bytes are referred to in gather mode.
inline constexpr std::size_t gather_threshold = std::size_t{16} * 1024;

/// Appends XDR to a buffer. After a failure the bytes are of no use; error() says what was first.
class writer {
public:
  explicit writer(byte_buffer& out) : out_{out} {}
  /// Gather mode: long opaque data and strings are noted in `references` instead of being copied.
  writer(byte_buffer& out, std::vector<reference>& references)
      : out_{out}, references_{&references} {}
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// `n` bytes more, which the caller writes.
  std::byte* grow(std::size_t n) { return out_.extend(n); }
  void put_u32(std::uint32_t value) { store_big(grow(4), value); }
  void put_u64(std::uint64_t value) { store_big(grow(8), value); }
  /// The bytes and their padding of zeros, without a length (RFC 4506 §4.9).
  void put_opaque(std::span<const std::byte> bytes) { finish(put_opaque(begin(0), bytes)); }

  /// Records why the value cannot be written; the first reason is kept.
  void fail(errc why) noexcept {
    if (error_ == errc{}) error_ = why;
  }
  bool ok() const noexcept { return error_ == errc{}; }
  /// The first failure; errc{} when there is none.
  errc why() const noexcept { return error_; }
  std::error_code error() const noexcept {
    return ok() ? std::error_code{} : make_error_code(error_);
  }

  /// The cursor: where the next byte goes, with room for `n` bytes behind it.
  std::byte* begin(std::size_t n) {
    out_.reserve(out_.size() + n);
    return out_.data() + out_.size();
  }
  /// The cursor again, with room for `n` bytes; it moves when the buffer does.
  std::byte* room(std::byte* at, std::size_t n) {
    if (static_cast<std::size_t>(out_.data() + out_.capacity() - at) >= n) [[likely]]
      return at;
    return more(at, n);
  }
  /// Everything before the cursor is now part of the buffer.
  void finish(const std::byte* at) noexcept {
    out_.commit(static_cast<std::size_t>(at - out_.data()));
  }
  /// The cursor form of put_opaque.
  std::byte* put_opaque(std::byte* at, std::span<const std::byte> bytes) {
    const std::size_t n = bytes.size();
    const std::size_t pad = padding_of(n);
    if (references_ != nullptr && n >= gather_threshold) return refer(at, bytes);
    if (n == 0) return at;
    at = room(at, n + pad);
    // The last word is cleared first, so that the padding is zero whatever was there before.
    std::memset(at + n + pad - 4, 0, 4);
    copy(at, bytes.data(), n);
    return at + n + pad;
  }

private:
  /// memcpy, but that names, file handles and the like are two moves that may overlap, not a call.
  static void copy(std::byte* to, const std::byte* from, std::size_t n) noexcept {
    const auto ends = [&]<std::size_t Size>(std::array<std::byte, Size> first,
                                            std::array<std::byte, Size> last) {
      std::memcpy(first.data(), from, Size);
      std::memcpy(last.data(), from + n - Size, Size);
      std::memcpy(to, first.data(), Size);
      std::memcpy(to + n - Size, last.data(), Size);
    };
    if (n - 16 <= 16) {
      ends(std::array<std::byte, 16>{}, std::array<std::byte, 16>{});
    } else if (n - 8 <= 8) {
      ends(std::array<std::byte, 8>{}, std::array<std::byte, 8>{});
    } else {
      std::memcpy(to, from, n);
    }
  }
  [[gnu::noinline]] std::byte* more(std::byte* at, std::size_t n) {
    finish(at);
    return begin(n);
  }
  [[gnu::noinline]] std::byte* refer(std::byte* at, std::span<const std::byte> bytes) {
    references_->push_back({static_cast<std::size_t>(at - out_.data()), bytes});
    const std::size_t pad = padding_of(bytes.size());
    at = room(at, 4);
    std::memset(at, 0, 4);
    return at + pad;
  }

  byte_buffer& out_;
  std::vector<reference>* references_ = nullptr;
  errc error_{};
};

}  // namespace tryst::xdr
