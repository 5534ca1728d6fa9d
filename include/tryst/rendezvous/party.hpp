// Whoever waits in a rendezvous, as caller or as servicer: a coroutine, which is resumed on the
// loop of its task, or a thread, which blocks.
#pragma once

#include <coroutine>
#include <tryst/loop.hpp>
#include <tryst/loop/parking.hpp>
#include <tryst/rendezvous/ready_queue.hpp>
#include <tryst/task.hpp>
#include <utility>

namespace tryst::detail {

class party : public job {
public:
  /// Lets the party go on: the last that the waker does with it. Any thread.
  void wake() noexcept {
    if (thread_ != nullptr) return thread_->wake();
    ready_queue& ready = ready_queue::here;
    if (ready.draining && ready.home == home_) return ready.parties.push(*this);
    wake_on_loop();
  }
  /// The loop of the coroutine, or null.
  loop* home() const noexcept { return home_; }

protected:
  party() = default;
  ~party() = default;

  /// The party is this coroutine, which is suspended now.
  template <class Promise>
  void wait_as(std::coroutine_handle<Promise> coroutine) noexcept {
    coroutine_ = coroutine;
    if constexpr (std::derived_from<Promise, task_promise_base>) {
      home_ = coroutine.promise().home();
    }
  }
  /// The party is the thread that will wait at `where`.
  void wait_as(parking& where) noexcept { thread_ = &where; }

  /// The party is none of both, and is woken on `home`; null: wherever it is woken.
  void wait_on(loop* home) noexcept { home_ = home; }

  std::coroutine_handle<> coroutine() const noexcept { return coroutine_; }
  /// The loop that has the coroutine's time. Throws std::logic_error when there is none, because
  /// the task was awaited by a coroutine of another kind.
  loop& home_with_time() const;

  /// What a coroutine's party does when it was woken, on its loop.
  virtual void woken() noexcept { coroutine_.resume(); }

private:
  void run() noexcept final;
  void wake_on_loop() noexcept;

  std::coroutine_handle<> coroutine_;
  loop* home_ = nullptr;
  parking* thread_ = nullptr;
};

/// While one exists, parties without a loop that this thread wakes are not resumed inside of
/// wake(), but when it ends.
class waking_later {
public:
  waking_later() noexcept
      : outer_{
            std::exchange(ready_queue::here, {.home = nullptr, .draining = true, .parties = {}})} {}
  waking_later(const waking_later&) = delete;
  waking_later& operator=(const waking_later&) = delete;
  ~waking_later() {
    job_queue woken = std::exchange(ready_queue::here, outer_).parties;
    while (job* const next = woken.pop()) next->run();
  }

private:
  ready_queue outer_;
};

}  // namespace tryst::detail
