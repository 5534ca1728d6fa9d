#include <tryst/rendezvous/queue_lock.hpp>

#include "loop/process_barrier.hpp"

namespace tryst::detail {
namespace {

constexpr int tries_before_sleep = 100;

}  // namespace

queue_lock::queue_lock(loop* home) noexcept
    : home_{home != nullptr && has_process_barrier() ? home : nullptr} {}

void queue_lock::lock_slowly() noexcept {
  // It is held for some tens of nanoseconds, unless its thread was put aside.
  for (int tries = 0; tries < tries_before_sleep; ++tries) {
    std::uint32_t expected = free;
    if (word_.load(std::memory_order_relaxed) == free &&
        word_.compare_exchange_strong(expected, held, std::memory_order_acquire)) {
      return;
    }
  }
  while (word_.exchange(awaited, std::memory_order_acquire) != free) {
    word_.wait(awaited, std::memory_order_relaxed);
  }
}

// With the word. The loop's thread either sees the claim before it goes in, or we see it inside:
// it is never between the two when the barrier is over.
void queue_lock::claim() noexcept {
  if (at_home()) return;
  claimed_.store(true, std::memory_order_relaxed);
  process_barrier();
  for (int tries = 0; inside_.load(std::memory_order_acquire); ++tries) {
    // Its thread was put aside. That does not wake us, which might touch what is gone by then.
    if (tries >= tries_before_sleep) rest_a_moment();
  }
}

}  // namespace tryst::detail
