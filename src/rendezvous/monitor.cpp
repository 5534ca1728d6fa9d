#include <tryst/rendezvous/monitor.hpp>

namespace tryst {

condition::condition(monitor_module* of) noexcept : gate_part{detail::gate_of(*of)} {}

condition::~condition() { leave_gate(); }

// False: closed, or stopped, and the monitor is still held.
bool condition::enqueue(waiting& w) noexcept {
  detail::wakes after;
  const std::lock_guard lock{gate().mutex_};
  if (gate().closed_) {
    w.deny(errc::op_closed);
    return false;
  }
  if (w.stopped_) {
    w.deny(errc::cancelled);
    return false;
  }
  waiting** at = &first_;
  while (*at != nullptr && (*at)->rank_ <= w.rank_) at = &(*at)->next_in_condition_;
  w.next_in_condition_ = *at;
  *at = &w;
  gate().pass_on(after);
  return true;
}

// On any thread, and at any time while `w` exists: before it waits, and after it was signalled too.
void condition::stop(waiting& w) noexcept {
  detail::wakes after;
  const std::lock_guard lock{gate().mutex_};
  w.stopped_ = true;
  waiting** at = &first_;
  while (*at != nullptr && *at != &w) at = &(*at)->next_in_condition_;
  if (*at == nullptr) return;
  *at = w.next_in_condition_;
  w.deny(errc::cancelled);
  gate().admit(w, after);
}

void condition::release_first(detail::wakes& after) noexcept {
  waiting& w = *first_;
  first_ = w.next_in_condition_;
  gate().admit(w, after);
}

void condition::signal() noexcept {
  detail::wakes after;
  const std::lock_guard lock{gate().mutex_};
  if (first_ != nullptr) release_first(after);
}

void condition::signal_all() noexcept {
  detail::wakes after;
  const std::lock_guard lock{gate().mutex_};
  while (first_ != nullptr) release_first(after);
}

void condition::closed(detail::wakes& after) noexcept {
  while (first_ != nullptr) {
    first_->deny(errc::op_closed);
    release_first(after);
  }
}

part_inspection condition::inspected() const {
  part_inspection seen{this, part_inspection::kind_of::condition, {}};
  for (const waiting* w = first_; w != nullptr; w = w->next_in_condition_) {
    seen.waiting.push_back(w->home());
  }
  return seen;
}

bool condition::empty() const noexcept {
  const std::lock_guard lock{gate().mutex_};
  return first_ == nullptr;
}

std::optional<std::int64_t> condition::min_rank() const noexcept {
  const std::lock_guard lock{gate().mutex_};
  if (first_ == nullptr) return std::nullopt;
  return first_->rank_;
}

}  // namespace tryst
