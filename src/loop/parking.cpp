#include <tryst/loop/parking.hpp>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <thread>

namespace tryst::detail {
namespace {

constexpr int tries_without_a_turn = 12;
constexpr int tries_before_sleep = 16;

void futex(std::atomic<std::uint32_t>& at, int what, std::uint32_t value,
           const timespec* at_most) noexcept {
  ::syscall(SYS_futex, &at, what | FUTEX_PRIVATE_FLAG, value, at_most, nullptr, 0);
}

}  // namespace

// What a thread waits for on another core is often there before it has gone to sleep; on the same
// core it is there when the other thread has had its turn.
bool parking::woken_soon() noexcept {
  for (int tries = 0; tries < tries_before_sleep; ++tries) {
    if (state_.load(std::memory_order_acquire) == woken) {
      state_.store(none, std::memory_order_relaxed);
      return true;
    }
    if (tries >= tries_without_a_turn) std::this_thread::yield();
  }
  return false;
}

// False: it was woken.
bool parking::fall_asleep() noexcept {
  std::uint32_t before = none;
  if (state_.compare_exchange_strong(before, asleep, std::memory_order_acquire) ||
      before == asleep) {
    return true;
  }
  state_.store(none, std::memory_order_relaxed);
  return false;
}

void parking::wait() noexcept {
  if (woken_soon()) return;
  while (fall_asleep()) futex(state_, FUTEX_WAIT, asleep, nullptr);
}

bool parking::wait_until(loop::time_point when) noexcept {
  if (woken_soon()) return true;
  while (fall_asleep()) {
    const loop::time_point now = loop::clock::now();
    if (now >= when) {
      // Unless it was woken in this moment.
      std::uint32_t before = asleep;
      if (state_.compare_exchange_strong(before, none, std::memory_order_acquire)) return false;
      continue;
    }
    const loop::duration left = when - now;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec at_most{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    futex(state_, FUTEX_WAIT, asleep, &at_most);
  }
  return true;
}

void parking::wake() noexcept {
  if (state_.exchange(woken, std::memory_order_release) == asleep) {
    // The address alone: what is there may be another thing by now, whose sleepers look again.
    futex(state_, FUTEX_WAKE, 1, nullptr);
  }
}

}  // namespace tryst::detail
