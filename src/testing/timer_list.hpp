// All armed timers of a loop for tests, in no order: exact to the tick of the clock, and who of
// several expires first is for the loop to say.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <tryst/loop.hpp>

namespace tryst {

class timer_list {
public:
  timer_list() noexcept { head_.next_ = head_.previous_ = &head_; }
  timer_list(const timer_list&) = delete;
  timer_list& operator=(const timer_list&) = delete;
  /// No timer may think it is armed by a loop that is gone.
  ~timer_list() {
    while (head_.next_ != &head_) disarm(*head_.next_);
  }

  /// Behind those that are armed.
  void arm(timer& t, loop::time_point when) noexcept {
    disarm(t);
    t.tick_ = tick_of(when);
    t.next_ = &head_;
    t.previous_ = head_.previous_;
    t.previous_->next_ = &t;
    head_.previous_ = &t;
  }

  void disarm(timer& t) noexcept {
    if (!t.armed()) return;
    t.previous_->next_ = t.next_;
    t.next_->previous_ = t.previous_;
    t.next_ = t.previous_ = nullptr;
  }

  /// When the first expires.
  std::optional<loop::time_point> next() const noexcept {
    if (head_.next_ == &head_) return std::nullopt;
    std::uint64_t least = head_.next_->tick_;
    for (const timer* t = head_.next_; t != &head_; t = t->next_) least = std::min(least, t->tick_);
    return loop::time_point{loop::duration{static_cast<loop::duration::rep>(least)}};
  }

  /// How many have reached their time.
  std::size_t due(loop::time_point now) const noexcept {
    std::size_t count = 0;
    for (const timer* t = head_.next_; t != &head_; t = t->next_) {
      count += t->tick_ <= tick_of(now) ? 1 : 0;
    }
    return count;
  }

  /// Disarms and yields one of them, counted from the one that was armed first.
  timer& take_due(loop::time_point now, std::size_t which) noexcept {
    timer* t = head_.next_;
    while (t->tick_ > tick_of(now) || which-- > 0) t = t->next_;
    disarm(*t);
    return *t;
  }

private:
  struct list_head final : timer {
    void expired() noexcept override {}
  };

  // A deadline before the clock's beginning has been reached.
  static std::uint64_t tick_of(loop::time_point when) noexcept {
    return static_cast<std::uint64_t>(
        std::max(when.time_since_epoch(), loop::duration::zero()).count());
  }

  list_head head_;
};

}  // namespace tryst
