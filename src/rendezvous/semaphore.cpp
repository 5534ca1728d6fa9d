#include <tryst/rendezvous/semaphore.hpp>

namespace tryst {

semaphore::semaphore(module* of, std::size_t initial) noexcept
    : gate_part{detail::gate_of(*of)}, units_{initial} {}

semaphore::~semaphore() { leave_gate(); }

// True: `r` need not wait, since it has a unit or never will.
bool semaphore::take(receiving& r) noexcept {
  const std::lock_guard lock{mutex_};
  if (closed_) {
    r.deny(errc::op_closed);
  } else if (units_ > 0) {
    --units_;
  } else if (r.stopped_) {
    r.deny(errc::cancelled);
  } else {
    waiting_.append(r);
    return false;
  }
  return true;
}

// On any thread, and at any time while `r` exists: before it waits, and when it has a unit too.
void semaphore::stop(receiving& r) noexcept {
  detail::wakes after;
  const std::lock_guard lock{mutex_};
  r.stopped_ = true;
  if (!waiting_.remove(r)) return;
  r.deny(errc::cancelled);
  after.add(r);
}

bool semaphore::try_receive() noexcept {
  const std::lock_guard lock{mutex_};
  if (closed_ || units_ == 0) return false;
  --units_;
  return true;
}

void semaphore::send() noexcept {
  detail::wakes after;
  const std::lock_guard lock{mutex_};
  if (detail::entrant* const first = waiting_.pop()) {
    after.add(*first);
  } else {
    ++units_;
  }
}

std::size_t semaphore::pending() const noexcept {
  const std::lock_guard lock{mutex_};
  return units_;
}

part_inspection semaphore::inspected() const {
  const std::lock_guard lock{mutex_};
  return {this, part_inspection::kind_of::semaphore, waiting_.waiters()};
}

void semaphore::closed(detail::wakes& after) noexcept {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  while (detail::entrant* const e = waiting_.pop()) {
    e->deny(errc::op_closed);
    after.add(*e);
  }
}

}  // namespace tryst
