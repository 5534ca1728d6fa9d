#include <tryst/rendezvous/queue_lock.hpp>

namespace tryst::detail {

void queue_lock::lock_slowly() noexcept {
  // It is held for some tens of nanoseconds, unless its thread was put aside.
  for (int tries = 0; tries < 100; ++tries) {
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

}  // namespace tryst::detail
