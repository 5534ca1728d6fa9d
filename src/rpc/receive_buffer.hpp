// The bytes that a stream has received and that nobody has taken yet. Counted, because views of a
// message may outlive the read that brought it: bytes that somebody holds are never moved.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <tryst/xdr/bytes.hpp>

namespace tryst::rpc {

class receive_buffer {
public:
  static constexpr std::size_t initial_capacity = 4 * 1024;
  /// Many small messages fill at most this much before they are handled.
  static constexpr std::size_t batch_capacity = 64 * 1024;

  const xdr::buffer_ref& chunk() const noexcept { return chunk_; }
  std::span<std::byte> unread() noexcept {
    return chunk_ ? std::span{chunk_.data() + begin_, end_ - begin_} : std::span<std::byte>{};
  }
  /// Everything before the last `left` bytes has been taken.
  void keep_last(std::size_t left) noexcept { begin_ = end_ - left; }

  /// Room behind the unread bytes: at least one byte, and enough that `wanted` more would fit
  /// together with them, as long as that is no more than doubles what has been received: a buffer
  /// grows with what came, not with what a peer claims.
  std::span<std::byte> room(std::size_t wanted) {
    const std::size_t unread_size = end_ - begin_;
    if (!chunk_) {
      move_to(initial_capacity);
    } else if (unread_size == 0 && chunk_.unique()) {
      begin_ = end_ = 0;
    }
    if (filled_) {
      filled_ = false;
      const std::size_t most = std::max(batch_capacity, 2 * unread_size);
      const std::size_t needed = std::max(2 * chunk_.capacity(), unread_size + wanted);
      if (chunk_.capacity() < std::min(most, needed)) move_to(std::min(most, needed));
    }
    if (end_ == chunk_.capacity()) move_to(std::max(chunk_.capacity(), unread_size + 1));
    return {chunk_.data() + end_, chunk_.capacity() - end_};
  }

  /// `n` bytes were received into room().
  void received(std::size_t n) noexcept {
    end_ += n;
    filled_ = end_ == chunk_.capacity();
  }

  /// Gives the memory back if nothing is unread.
  void shrink() {
    if (begin_ == end_ && chunk_.capacity() > initial_capacity) *this = {};
  }

private:
  void move_to(std::size_t capacity) {
    const std::size_t unread_size = end_ - begin_;
    if (chunk_.unique() && begin_ > 0 && capacity <= chunk_.capacity()) {
      std::memmove(chunk_.data(), chunk_.data() + begin_, unread_size);
    } else {
      xdr::buffer_ref larger = xdr::buffer_ref::allocate(capacity);
      if (unread_size > 0) std::memcpy(larger.data(), chunk_.data() + begin_, unread_size);
      chunk_ = std::move(larger);
    }
    begin_ = 0;
    end_ = unread_size;
  }

  xdr::buffer_ref chunk_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;
};

}  // namespace tryst::rpc
