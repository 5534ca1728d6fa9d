// What guards the queues of a module, whose free case is inlined, since a call takes it twice: a
// mutex of one word; or, of a module that is confined to a loop, a flag that the loop's thread
// raises and lowers by plain stores. Other threads may take that too: they claim it, and have the
// kernel see to it that the loop's thread knows (membarrier(2)), which costs them the more.
#pragma once

#include <atomic>
#include <cstdint>
#include <tryst/loop.hpp>
#include <tryst/rendezvous/ready_queue.hpp>

namespace tryst::detail {

class queue_lock {
public:
  /// `home`: the loop whose thread takes it cheaply, which must exist whenever it is taken; null:
  /// all threads are alike. So they are, too, where the system has no membarrier.
  explicit queue_lock(loop* home) noexcept;
  queue_lock(const queue_lock&) = delete;
  queue_lock& operator=(const queue_lock&) = delete;

  void lock() noexcept {
    if (home_ != nullptr && at_home()) {
      inside_.store(true, std::memory_order_relaxed);
      // Whoever claims has the other half of this fence.
      std::atomic_signal_fence(std::memory_order_seq_cst);
      if (!claimed_.load(std::memory_order_acquire)) [[likely]] {
        cheaply_ = true;
        return;
      }
      inside_.store(false, std::memory_order_release);
    }
    std::uint32_t expected = free;
    if (!word_.compare_exchange_strong(expected, held, std::memory_order_acquire)) lock_slowly();
    if (home_ != nullptr) claim();
  }
  void unlock() noexcept {
    if (cheaply_) {
      cheaply_ = false;
      // Nothing after it: once it is lowered, the lock may be gone.
      return inside_.store(false, std::memory_order_release);
    }
    if (home_ != nullptr) claimed_.store(false, std::memory_order_release);
    if (word_.exchange(free, std::memory_order_release) == awaited) word_.notify_one();
  }

  /// Whether it spares its loop the atomic instructions.
  bool confined() const noexcept { return home_ != nullptr; }

private:
  static constexpr std::uint32_t free = 0;
  static constexpr std::uint32_t held = 1;
  static constexpr std::uint32_t awaited = 2;  // held, and somebody may be asleep

  bool at_home() const noexcept { return ready_queue::here.home == home_ || home_->running_here(); }
  void lock_slowly() noexcept;
  void claim() noexcept;

  loop* const home_;
  std::atomic<bool> inside_ = false;   // the loop's thread is, or is about to find out that not
  std::atomic<bool> claimed_ = false;  // by who has the word
  bool cheaply_ = false;               // taken without the word; of who has the lock
  std::atomic<std::uint32_t> word_ = free;
};

}  // namespace tryst::detail
