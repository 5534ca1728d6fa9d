// The one seam to the world: time, timers, randomness, readiness and the order in which things run.
//
// A loop belongs to the thread that runs it. Sessions, clients and servers live on one loop each;
// everything that they do happens in its turns. A turn takes the events that are ready, runs what
// they cause, and ends with the jobs registered by at_turn_end(): that is when output is written,
// so that whatever one turn produced leaves in one system call.
//
// epoll_loop is the real one, asio_loop embeds it in an Asio program, testing/manual_loop has a
// clock that the test turns, testing/seeded_loop draws who runs next.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace tryst {

class loop;

/// Something to run once. An intrusive node: it must stay alive until it ran.
class job {
public:
  job(const job&) = delete;
  job& operator=(const job&) = delete;
  virtual void run() noexcept = 0;
  /// The loop ended and will never run the job. The default does nothing.
  virtual void abandoned() noexcept {}

protected:
  job() = default;
  ~job() = default;

private:
  friend class job_queue;
  job* next_ = nullptr;
};

/// Jobs in the order they came. Used by one thread at a time.
class job_queue {
public:
  bool empty() const noexcept { return first_ == nullptr; }

  void push(job& j) noexcept {
    j.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &j;
    last_ = &j;
  }

  /// The oldest job, or null.
  job* pop() noexcept {
    job* const j = first_;
    if (j != nullptr) {
      first_ = j->next_;
      if (first_ == nullptr) last_ = nullptr;
    }
    return j;
  }

  /// All jobs, leaving none.
  job_queue take() noexcept {
    const job_queue all = *this;
    first_ = last_ = nullptr;
    return all;
  }

private:
  job* first_ = nullptr;
  job* last_ = nullptr;
};

/// A deadline. An intrusive node of its loop's timer wheel: arming and disarming link and unlink.
class timer {
public:
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  virtual void expired() noexcept = 0;
  bool armed() const noexcept { return next_ != nullptr; }

protected:
  timer() = default;
  ~timer() = default;

private:
  friend class timer_wheel;
  friend class timer_list;
  timer* next_ = nullptr;
  timer* previous_ = nullptr;
  std::uint64_t tick_ = 0;
};

/// What a descriptor is ready for.
struct readiness {
  bool readable = false;
  bool writable = false;
  bool broken = false;  ///< an error or a hang-up is pending: read or write to learn which
};

/// A descriptor that a loop watches, level-triggered: ready() comes again until the cause is gone.
class watch {
public:
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;
  virtual void ready(readiness what) noexcept = 0;

protected:
  watch() = default;
  ~watch() = default;
};

/// See the head of this file. Unless a function says otherwise it is for the loop's own thread.
class loop {
public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;
  using duration = clock::duration;

  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;
  virtual ~loop() = default;

  /// The time when this turn began.
  virtual time_point now() const noexcept = 0;
  /// The time at this moment: for measuring. Any thread.
  virtual time_point clock_now() const noexcept = 0;

  /// Arms `t`, again if it is armed, to expire no earlier than `when`, and some 10 ms after it at
  /// the most.
  virtual void arm(timer& t, time_point when) noexcept = 0;
  /// Disarms `t`; nothing happens if it is not armed.
  virtual void disarm(timer& t) noexcept = 0;

  /// Unpredictable bits, from the system's generator. Any thread.
  virtual std::uint64_t random() = 0;

  /// Whether the calling thread runs this loop at this moment. Any thread.
  virtual bool running_here() const noexcept = 0;

  /// Runs `j` on the loop's thread in one of its next turns, never inside this call. Any thread.
  virtual void post(job& j) = 0;

  /// As post(), if some thread runs the loop or will find `j` when it does so next; false, and
  /// nothing happens, when no thread runs it: the caller may then touch the loop's objects itself.
  /// Any thread.
  virtual bool post_if_running(job& j) = 0;

  /// Runs `j` later in this turn: the run queue that keeps chains of resumption off the stack.
  virtual void schedule(job& j) noexcept = 0;

  /// Runs `j` when this turn ends.
  virtual void at_turn_end(job& j) noexcept = 0;

  /// Watches a descriptor for reading and, if asked, for writing, until forget(). Says why when the
  /// system cannot: a user may watch only so many (ENOSPC).
  [[nodiscard]] virtual std::error_code add(int descriptor, watch& w, bool read, bool write) = 0;
  virtual void change(int descriptor, watch& w, bool read, bool write) = 0;
  virtual void forget(int descriptor, watch& w) noexcept = 0;

  /// Whether this loop alone decides who runs next: then nobody on it resumes another but by a job
  /// of its own, as they otherwise do to save a turn. Any thread.
  bool orders_all() const noexcept { return orders_all_; }

  /// post() for any callable; it is destroyed unrun if the loop never runs again. Any thread.
  void post(std::move_only_function<void()> function);

protected:
  loop() = default;
  explicit loop(bool orders_all) noexcept : orders_all_{orders_all} {}

private:
  const bool orders_all_ = false;
};

/// Runs `function` on the loop's thread and returns when it is done: at once when the caller is
/// that thread or no thread runs the loop. Any thread.
void run_on(loop& l, const std::function<void()>& function);

}  // namespace tryst
