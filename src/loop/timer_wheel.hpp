// All armed timers of one loop: a hashed wheel of 512 slots of 8 ms. No clock: it is told the time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <tryst/loop.hpp>

namespace tryst {

class timer_wheel {
public:
  explicit timer_wheel(loop::time_point start) : start_{start} {
    for (auto& slot : slots_) slot.next_ = slot.previous_ = &slot;
  }

  void arm(timer& t, loop::time_point when) noexcept;
  void disarm(timer& t) noexcept;

  /// Expires every timer whose time has come.
  void advance(loop::time_point now) noexcept;

  /// When advance() should be called next; nothing while no timer is armed. It may be called
  /// earlier than any timer expires: once for each turn of the wheel.
  std::optional<loop::time_point> next() const noexcept;

private:
  static constexpr std::size_t slot_count = 512;
  static constexpr loop::duration tick = std::chrono::milliseconds{8};

  struct slot_head final : timer {
    void expired() noexcept override {}
  };

  static void unlink(timer& t) noexcept;
  std::uint64_t tick_of(loop::time_point when) const noexcept;

  loop::time_point start_;
  std::uint64_t current_ = 0;  // the last tick that was advanced to
  std::size_t armed_ = 0;
  std::array<std::uint64_t, slot_count / 64> filled_{};  // may name slots that have become empty
  std::array<slot_head, slot_count> slots_;
};

}  // namespace tryst
