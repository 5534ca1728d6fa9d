#include "loop/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace tryst {

void timer_wheel::arm(timer& t, loop::time_point when) noexcept {
  disarm(t);
  // At least the next tick, rounded up: a timer never expires early.
  t.tick_ = std::max(tick_of(when + tick - loop::duration{1}), current_ + 1);
  const std::size_t index = t.tick_ % slot_count;
  timer& head = slots_[index];
  t.previous_ = head.previous_;
  t.next_ = &head;
  head.previous_->next_ = &t;
  head.previous_ = &t;
  filled_[index / 64] |= std::uint64_t{1} << (index % 64);
  ++armed_;
}

void timer_wheel::disarm(timer& t) noexcept {
  if (!t.armed()) return;
  unlink(t);
  --armed_;
}

void timer_wheel::unlink(timer& t) noexcept {
  t.previous_->next_ = t.next_;
  t.next_->previous_ = t.previous_;
  t.next_ = t.previous_ = nullptr;
}

void timer_wheel::advance(loop::time_point now) noexcept {
  const std::uint64_t target = tick_of(now);
  if (target <= current_) return;
  const std::uint64_t first = current_ + 1;
  // A long sleep passes every slot; once is enough.
  const std::uint64_t steps = std::min<std::uint64_t>(target - current_, slot_count);
  current_ = target;
  if (armed_ == 0) return;
  for (std::uint64_t step = 0; step < steps; ++step) {
    const std::size_t index = (first + step) % slot_count;
    const std::uint64_t bit = std::uint64_t{1} << (index % 64);
    if ((filled_[index / 64] & bit) == 0) continue;
    slot_head& head = slots_[index];
    // Expired timers move to a list of their own first: expired() may arm and disarm any timer.
    slot_head due;
    due.next_ = due.previous_ = &due;
    for (timer* t = head.next_; t != &head;) {
      timer& candidate = *t;
      t = t->next_;
      if (candidate.tick_ > target) continue;
      unlink(candidate);
      candidate.previous_ = due.previous_;
      candidate.next_ = &due;
      due.previous_->next_ = &candidate;
      due.previous_ = &candidate;
    }
    if (head.next_ == &head) filled_[index / 64] &= ~bit;
    while (due.next_ != &due) {
      timer& expired = *due.next_;
      unlink(expired);
      --armed_;
      expired.expired();
    }
    due.next_ = due.previous_ = nullptr;
  }
}

std::optional<loop::time_point> timer_wheel::next() const noexcept {
  if (armed_ == 0) return std::nullopt;
  for (std::uint64_t step = 1; step <= slot_count;) {
    const std::size_t index = (current_ + step) % slot_count;
    const std::uint64_t behind = filled_[index / 64] >> (index % 64);
    if (behind != 0) {
      return start_ + (current_ + step + static_cast<unsigned>(std::countr_zero(behind))) * tick;
    }
    step += 64 - index % 64;
  }
  return start_ + (current_ + slot_count) * tick;
}

std::uint64_t timer_wheel::tick_of(loop::time_point when) const noexcept {
  return when <= start_ ? 0 : static_cast<std::uint64_t>((when - start_) / tick);
}

}  // namespace tryst
