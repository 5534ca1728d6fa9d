// Where a thread that runs no loop blocks until somebody wakes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <tryst/loop.hpp>

namespace tryst::detail {

/// A place on the stack of the thread that waits, as often as it likes. A futex, since the waker
/// may touch nothing once the thread can go on, which destroys this object.
class parking {
public:
  /// On the thread that it belongs to. A wake that came before ends it at once.
  void wait() noexcept;
  /// False: it was not woken by `when`.
  bool wait_until(loop::time_point when) noexcept;
  /// Any thread.
  void wake() noexcept;

private:
  enum state : std::uint32_t { none, woken, asleep };

  bool woken_soon() noexcept;
  bool fall_asleep() noexcept;

  std::atomic<std::uint32_t> state_ = none;
};

}  // namespace tryst::detail
