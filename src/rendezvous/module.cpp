#include <tryst/rendezvous/module.hpp>

#include <algorithm>
#include <tryst/loop.hpp>
#include <utility>

namespace tryst {

void module::start(loop& home, task<> process) {
  {
    const std::lock_guard lock{mutex_};
    processes_.push_back(&home);
  }
  class_.process_began();
  spawn(home, std::move(process),
        [this, &home](std::exception_ptr failure) { process_ended(home, std::move(failure)); });
}

void module::process_ended(loop& home, std::exception_ptr failure) noexcept {
  const bool failed = close_after(failure);
  class_.process_ended();
  const std::lock_guard lock{mutex_};
  if (failed && !failure_) failure_ = std::move(failure);
  processes_.erase(std::ranges::find(processes_, &home));
  // Under the mutex: once it is free, the module may be destroyed.
  ended_.notify_all();
}

void module::service_ended(std::exception_ptr failure) noexcept {
  const bool failed = close_after(failure);
  const std::lock_guard lock{mutex_};
  if (failed && !failure_) failure_ = std::move(failure);
  served_ = false;
  ended_.notify_all();
}

// What ended because of close() has not failed.
bool module::close_after(const std::exception_ptr& failure) noexcept {
  if (!failure || (class_.closed() && detail::ended_by_closing(failure))) return false;
  close();
  return true;
}

void module::close() noexcept {
  class_.close();
  procs_.close();
}

void module::join() {
  {
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [this] { return processes_.empty() && !served_; });
  }
  procs_.wait_until_idle();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (const std::exception_ptr failure = procs_.take_failure()) std::rethrow_exception(failure);
}

}  // namespace tryst
