// What guards the queues of a module: a mutex of one word whose free case is inlined, since a call
// takes it twice.
#pragma once

#include <atomic>
#include <cstdint>

namespace tryst::detail {

class queue_lock {
public:
  queue_lock() = default;
  queue_lock(const queue_lock&) = delete;
  queue_lock& operator=(const queue_lock&) = delete;

  void lock() noexcept {
    std::uint32_t expected = free;
    if (!word_.compare_exchange_strong(expected, held, std::memory_order_acquire)) lock_slowly();
  }
  void unlock() noexcept {
    if (word_.exchange(free, std::memory_order_release) == awaited) word_.notify_one();
  }

private:
  static constexpr std::uint32_t free = 0;
  static constexpr std::uint32_t held = 1;
  static constexpr std::uint32_t awaited = 2;  // held, and somebody may be asleep

  void lock_slowly() noexcept;

  std::atomic<std::uint32_t> word_ = free;
};

}  // namespace tryst::detail
