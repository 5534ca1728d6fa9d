// Where bytes live: a growable buffer for what is written, and a counted chunk for what was
// received, so that views of a message can outlive the read that brought it (see borrowed.hpp).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>
#include <utility>

namespace tryst::xdr {

/// Growable bytes. Room that extend() makes is not filled, so whoever asks for it writes it.
class byte_buffer {
public:
  byte_buffer() = default;
  byte_buffer(byte_buffer&& other) noexcept
      : data_{std::exchange(other.data_, nullptr)},
        size_{std::exchange(other.size_, 0)},
        capacity_{std::exchange(other.capacity_, 0)} {}
  byte_buffer& operator=(byte_buffer&& other) noexcept {
    byte_buffer taken{std::move(other)};
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(capacity_, taken.capacity_);
    return *this;
  }
  byte_buffer(const byte_buffer&) = delete;
  byte_buffer& operator=(const byte_buffer&) = delete;
  ~byte_buffer() { std::free(data_); }

  std::byte* data() noexcept { return data_; }
  const std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  const std::byte* begin() const noexcept { return data_; }
  const std::byte* end() const noexcept { return data_ + size_; }
  operator std::span<const std::byte>() const noexcept { return {data_, size_}; }

  /// Forgets the bytes and keeps the memory.
  void clear() noexcept { size_ = 0; }
  /// Keeps the first `n` bytes. REQUIRES: n <= size().
  void truncate(std::size_t n) noexcept { size_ = n; }
  /// The contents are the first `n` bytes; those beyond size() the caller has written.
  /// REQUIRES: n <= capacity().
  void commit(std::size_t n) noexcept { size_ = n; }
  /// Makes room for `n` bytes in all; at least doubles when it must grow. Throws std::bad_alloc.
  void reserve(std::size_t n) {
    if (n > capacity_) grow_to(n);
  }
  /// Adds `n` bytes whose values the caller writes; returns the first of them.
  std::byte* extend(std::size_t n) {
    if (n > capacity_ - size_) grow_to(size_ + n);
    std::byte* first = data_ + size_;
    size_ += n;
    return first;
  }

private:
  void grow_to(std::size_t n) {
    const std::size_t wanted = std::max({n, 2 * capacity_, std::size_t{64}});
    void* grown = std::realloc(data_, wanted);
    if (grown == nullptr) throw std::bad_alloc{};
    data_ = static_cast<std::byte*>(grown);
    capacity_ = wanted;
  }

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// A counted reference to a chunk of bytes; the last one frees it. The count is atomic, the bytes
/// are not guarded: they are written by one thread, before the reference is shared.
class buffer_ref {
public:
  buffer_ref() = default;
  buffer_ref(const buffer_ref& other) noexcept : chunk_{other.chunk_} {
    if (chunk_ != nullptr) chunk_->count.fetch_add(1, std::memory_order_relaxed);
  }
  buffer_ref(buffer_ref&& other) noexcept : chunk_{std::exchange(other.chunk_, nullptr)} {}
  buffer_ref& operator=(buffer_ref other) noexcept {
    std::swap(chunk_, other.chunk_);
    return *this;
  }
  ~buffer_ref() {
    if (chunk_ == nullptr) return;
    if (chunk_->count.load(std::memory_order_acquire) == 1 ||
        chunk_->count.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      chunk_->~chunk();
      std::free(chunk_);
    }
  }

  /// A fresh chunk of `capacity` bytes, not filled, with one reference. Throws std::bad_alloc.
  static buffer_ref allocate(std::size_t capacity) {
    void* memory = std::malloc(sizeof(chunk) + capacity);
    if (memory == nullptr) throw std::bad_alloc{};
    buffer_ref fresh;
    fresh.chunk_ = new (memory) chunk{capacity};
    return fresh;
  }

  explicit operator bool() const noexcept { return chunk_ != nullptr; }
  /// The chunk's bytes. REQUIRES: not empty.
  std::byte* data() const noexcept { return reinterpret_cast<std::byte*>(chunk_ + 1); }
  std::size_t capacity() const noexcept { return chunk_ == nullptr ? 0 : chunk_->capacity; }
  /// True when nobody else holds the chunk, so that its bytes may be overwritten.
  bool unique() const noexcept {
    return chunk_ != nullptr && chunk_->count.load(std::memory_order_acquire) == 1;
  }

private:
  struct alignas(std::max_align_t) chunk {
    explicit chunk(std::size_t bytes) : capacity{bytes} {}
    std::atomic<std::size_t> count{1};
    std::size_t capacity;
  };

  chunk* chunk_ = nullptr;
};

}  // namespace tryst::xdr
