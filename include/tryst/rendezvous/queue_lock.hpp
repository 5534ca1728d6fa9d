// What guards the queues of a module: a mutex of one word whose free case is inlined, since a call
// takes it twice; nothing at all where one loop is said to have the whole module.
#pragma once

#include <atomic>
#include <cstdint>

namespace tryst {

class loop;

namespace detail {

class queue_lock {
public:
  /// `only`: the loop on whose thread alone it is taken; null: any thread takes it.
  explicit queue_lock(loop* only) noexcept : only_{only} {}
  queue_lock(const queue_lock&) = delete;
  queue_lock& operator=(const queue_lock&) = delete;

  void lock() noexcept {
    if (only_ != nullptr) return;
    std::uint32_t expected = free;
    if (!word_.compare_exchange_strong(expected, held, std::memory_order_acquire)) lock_slowly();
  }
  void unlock() noexcept {
    if (only_ != nullptr) return;
    if (word_.exchange(free, std::memory_order_release) == awaited) word_.notify_one();
  }

  loop* only() const noexcept { return only_; }

private:
  static constexpr std::uint32_t free = 0;
  static constexpr std::uint32_t held = 1;
  static constexpr std::uint32_t awaited = 2;  // held, and somebody may be asleep

  void lock_slowly() noexcept;

  loop* const only_;
  std::atomic<std::uint32_t> word_ = free;
};

}  // namespace detail
}  // namespace tryst
