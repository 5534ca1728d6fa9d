#include <tryst/epoll_loop.hpp>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "loop/timer_wheel.hpp"

namespace tryst {
namespace {

// The loop whose turn the thread is in, so that running_here() is one load.
const epoll_loop*& loop_of_this_thread() noexcept {
  thread_local const epoll_loop* current = nullptr;
  return current;
}

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class descriptor_owner {
public:
  explicit descriptor_owner(int descriptor, const char* what) : descriptor_{descriptor} {
    if (descriptor_ < 0) throw_errno(what);
  }
  ~descriptor_owner() { ::close(descriptor_); }
  descriptor_owner(const descriptor_owner&) = delete;
  descriptor_owner& operator=(const descriptor_owner&) = delete;
  int get() const noexcept { return descriptor_; }

private:
  int descriptor_;
};

constexpr int tries_before_sleep = 4;

std::uint32_t events_for(bool read, bool write) {
  return (read ? std::uint32_t{EPOLLIN} : 0U) | (write ? std::uint32_t{EPOLLOUT} : 0U);
}

}  // namespace

struct epoll_loop::state {
  descriptor_owner epoll{::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"};
  descriptor_owner event_descriptor{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"};
  // Wakes the loop for its timers. It stays set from turn to turn, because to wait with a time-out
  // costs the kernel a timer a turn; it may go off early, but never late.
  descriptor_owner alarm{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd"};
  std::optional<time_point> alarm_at;
  timer_wheel wheel{clock::now()};
  time_point now = clock::now();

  job_queue scheduled;
  job_queue turn_end;
  bool in_turn = false;

  // What other threads hand over. `filled` is set after the mutex guarded the push, so that a turn
  // without anything posted takes no lock.
  std::mutex mutex;
  job_queue inbox;
  bool running = false;  // guarded by mutex: post_if_running() relies on it
  std::atomic<bool> filled = false;
  bool posted = false;      // something, since the loop waited last
  std::size_t watched = 0;  // descriptors
  // Whether a post must make the descriptor readable: nobody looks at `filled` by itself.
  std::atomic<bool> asleep = true;
  std::atomic<bool> stopping = false;

  std::array<epoll_event, 128> events;
  std::span<epoll_event> batch;  // events of this turn that are not handled yet

  void run_scheduled() noexcept {
    // Only what is there now: jobs that schedule jobs must not starve the descriptors.
    job_queue due = scheduled.take();
    while (job* j = due.pop()) j->run();
  }

  void run_turn_end() noexcept {
    job_queue due = turn_end.take();
    while (job* j = due.pop()) j->run();
  }

  void run_inbox() noexcept {
    if (!filled.load(std::memory_order_acquire)) return;
    job_queue due;
    {
      const std::lock_guard lock{mutex};
      filled.store(false, std::memory_order_relaxed);
      due = inbox.take();
    }
    posted = true;
    while (job* j = due.pop()) j->run();
  }

  void wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto ignored = ::write(event_descriptor.get(), &one, sizeof one);
  }

  // All of it under the mutex: when it is free the job may have run, and ended the loop.
  void take_in(job& j) {
    inbox.push(j);
    filled.store(true, std::memory_order_seq_cst);
    if (asleep.exchange(false, std::memory_order_seq_cst)) wake();
  }

  bool idle() const noexcept {
    return scheduled.empty() && turn_end.empty() && !filled.load(std::memory_order_seq_cst);
  }

  void set_alarm() noexcept {
    const auto next = wheel.next();
    if (!next || (alarm_at && *alarm_at <= *next)) return;
    // A time of zero would turn it off; steady_clock counts what CLOCK_MONOTONIC counts.
    const auto since_boot = std::max(next->time_since_epoch(), duration{1});
    const auto whole = std::chrono::floor<std::chrono::seconds>(since_boot);
    itimerspec when{};
    when.it_value.tv_sec = whole.count();
    when.it_value.tv_nsec = (since_boot - whole).count();
    ::timerfd_settime(alarm.get(), TFD_TIMER_ABSTIME, &when, nullptr);
    alarm_at = next;
  }

  int wait_milliseconds(std::optional<duration> at_most) noexcept {
    if (!idle()) return 0;
    set_alarm();
    if (!at_most) return -1;
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(*at_most).count();
    return static_cast<int>(std::min<std::int64_t>(rounded, 60'000));
  }

  // A thread that has posted a call and was answered posts the next one soon. To let it have its
  // turn costs less than to fall asleep and be woken by it; but who gives turns away may be kept
  // from descriptors that become ready.
  void await_more_posts() noexcept {
    if (!std::exchange(posted, false) || watched != 0) return;
    asleep.store(false, std::memory_order_seq_cst);
    for (int tries = 0; tries < tries_before_sleep && idle(); ++tries) std::this_thread::yield();
  }

  void collect(std::optional<duration> at_most) noexcept {
    if (at_most != duration::zero()) await_more_posts();
    asleep.store(true, std::memory_order_seq_cst);
    const int count = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()),
                                   wait_milliseconds(at_most));
    asleep.store(false, std::memory_order_relaxed);
    now = clock::now();
    batch = std::span{events}.first(count > 0 ? static_cast<std::size_t>(count) : 0);
  }

  void dispatch() noexcept {
    while (!batch.empty()) {
      const epoll_event event = batch.front();
      batch = batch.subspan(1);
      if (event.data.ptr == nullptr) continue;  // forgotten in this very turn
      if (event.data.ptr == this || event.data.ptr == &alarm) {
        const int ours = event.data.ptr == this ? event_descriptor.get() : alarm.get();
        std::uint64_t count = 0;
        [[maybe_unused]] const auto ignored = ::read(ours, &count, sizeof count);
        if (ours == alarm.get()) alarm_at.reset();
        continue;
      }
      static_cast<watch*>(event.data.ptr)
          ->ready({.readable = (event.events & EPOLLIN) != 0,
                   .writable = (event.events & EPOLLOUT) != 0,
                   .broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0});
    }
  }
};

epoll_loop::epoll_loop() : state_{std::make_unique<state>()} {
  const auto watch_own = [this](int descriptor, void* tag) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = tag}};
    if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
      throw_errno("epoll_ctl");
    }
  };
  watch_own(state_->event_descriptor.get(), state_.get());
  watch_own(state_->alarm.get(), &state_->alarm);
}

epoll_loop::~epoll_loop() {
  // What is scheduled may destroy what waits for the turn's end: it comes last.
  for (job_queue* queue : {&state_->inbox, &state_->turn_end, &state_->scheduled}) {
    while (job* j = queue->pop()) j->abandoned();
  }
}

void epoll_loop::run() {
  {
    const std::lock_guard lock{state_->mutex};
    state_->running = true;
  }
  while (!state_->stopping.load(std::memory_order_acquire)) turn();
  // What was posted while `running` was true has been promised to run.
  const epoll_loop* const outer = std::exchange(loop_of_this_thread(), this);
  for (;;) {
    state_->run_inbox();
    const std::lock_guard lock{state_->mutex};
    if (!state_->inbox.empty()) continue;
    state_->running = false;
    state_->stopping.store(false, std::memory_order_release);
    break;
  }
  loop_of_this_thread() = outer;
}

void epoll_loop::turn(std::optional<duration> at_most) {
  const epoll_loop* const outer = std::exchange(loop_of_this_thread(), this);
  state& s = *state_;
  s.in_turn = true;
  s.collect(at_most);
  s.run_inbox();
  s.wheel.advance(s.now);
  s.dispatch();
  s.run_scheduled();
  s.run_turn_end();
  s.in_turn = false;
  loop_of_this_thread() = outer;
  // Whoever embeds this loop waits for the descriptor now.
  s.asleep.store(true, std::memory_order_seq_cst);
}

void epoll_loop::stop() {
  // Under the mutex, as in take_in().
  const std::lock_guard lock{state_->mutex};
  state_->stopping.store(true, std::memory_order_release);
  state_->wake();
}

loop::time_point epoll_loop::now() const noexcept {
  return state_->in_turn ? state_->now : clock::now();
}

loop::time_point epoll_loop::clock_now() const noexcept { return clock::now(); }

void epoll_loop::arm(timer& t, time_point when) noexcept { state_->wheel.arm(t, when); }

void epoll_loop::disarm(timer& t) noexcept { state_->wheel.disarm(t); }

std::uint64_t epoll_loop::random() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) throw_errno("getrandom");
  return bits;
}

bool epoll_loop::running_here() const noexcept { return loop_of_this_thread() == this; }

void epoll_loop::post(job& j) {
  const std::lock_guard lock{state_->mutex};
  state_->take_in(j);
}

bool epoll_loop::post_if_running(job& j) {
  const std::lock_guard lock{state_->mutex};
  if (!state_->running) return false;
  state_->take_in(j);
  return true;
}

void epoll_loop::schedule(job& j) noexcept {
  state_->scheduled.push(j);
  if (!state_->in_turn) wake();
}

void epoll_loop::at_turn_end(job& j) noexcept {
  state_->turn_end.push(j);
  if (!state_->in_turn) wake();
}

std::error_code epoll_loop::add(int descriptor, watch& w, bool read, bool write) {
  epoll_event event{.events = events_for(read, write), .data = {.ptr = &w}};
  const bool added = ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
  if (added) ++state_->watched;
  return added ? std::error_code{} : std::error_code{errno, std::generic_category()};
}

void epoll_loop::change(int descriptor, watch& w, bool read, bool write) {
  epoll_event event{.events = events_for(read, write), .data = {.ptr = &w}};
  if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_MOD, descriptor, &event) != 0) {
    throw_errno("epoll_ctl");
  }
}

void epoll_loop::forget(int descriptor, watch& w) noexcept {
  epoll_event none{};
  if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, descriptor, &none) == 0) --state_->watched;
  for (epoll_event& event : state_->batch) {
    if (event.data.ptr == &w) event.data.ptr = nullptr;
  }
}

bool epoll_loop::pending() const noexcept { return !state_->idle(); }

int epoll_loop::descriptor() const noexcept { return state_->epoll.get(); }

std::optional<loop::time_point> epoll_loop::next_timer() const noexcept {
  return state_->wheel.next();
}

void epoll_loop::wake() noexcept { state_->wake(); }

struct loop_thread::state {
  epoll_loop loop;
  std::thread thread{[this] { loop.run(); }};
};

loop_thread::loop_thread() : state_{std::make_unique<state>()} {
  // Once a job was run, run_on() knows that the loop has a thread.
  std::atomic<bool> running = false;
  state_->loop.post([&running] {
    running.store(true, std::memory_order_release);
    running.notify_one();
  });
  running.wait(false, std::memory_order_acquire);
}

loop_thread::~loop_thread() {
  state_->loop.stop();
  state_->thread.join();
}

epoll_loop& loop_thread::get() noexcept { return state_->loop; }

}  // namespace tryst
