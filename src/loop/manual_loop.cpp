#include <tryst/testing/manual_loop.hpp>

#include <algorithm>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include "loop/timer_wheel.hpp"

namespace tryst::testing {

struct manual_loop::state {
  explicit state(std::uint64_t seed) : random{seed} {}

  time_point now{std::chrono::hours{1}};
  timer_wheel wheel{now};
  std::mt19937_64 random;
  std::thread::id owner = std::this_thread::get_id();
  std::mutex mutex;
  job_queue inbox;  // guarded by mutex
  job_queue scheduled;
  job_queue turn_end;

  bool turn() {
    bool worked = false;
    const auto run_all = [&](job_queue due) {
      while (job* j = due.pop()) {
        worked = true;
        j->run();
      }
    };
    job_queue posted;
    {
      const std::lock_guard lock{mutex};
      posted = inbox.take();
    }
    run_all(posted);
    run_all(scheduled.take());
    run_all(turn_end.take());
    return worked;
  }
};

manual_loop::manual_loop(std::uint64_t seed) : state_{std::make_unique<state>(seed)} {}

manual_loop::~manual_loop() {
  // What is scheduled may destroy what waits for the turn's end: it comes last.
  for (job_queue* queue : {&state_->inbox, &state_->turn_end, &state_->scheduled}) {
    while (job* j = queue->pop()) j->abandoned();
  }
}

void manual_loop::run_until_idle() {
  while (state_->turn()) {
  }
}

void manual_loop::advance(duration by) {
  const time_point target = state_->now + by;
  run_until_idle();
  while (state_->now < target) {
    const auto next = state_->wheel.next();
    state_->now = std::min(target, next ? std::max(*next, state_->now) : target);
    state_->wheel.advance(state_->now);
    run_until_idle();
  }
}

loop::time_point manual_loop::now() const noexcept { return state_->now; }

loop::time_point manual_loop::clock_now() const noexcept { return state_->now; }

void manual_loop::arm(timer& t, time_point when) noexcept { state_->wheel.arm(t, when); }

void manual_loop::disarm(timer& t) noexcept { state_->wheel.disarm(t); }

std::uint64_t manual_loop::random() { return state_->random(); }

bool manual_loop::running_here() const noexcept {
  return std::this_thread::get_id() == state_->owner;
}

void manual_loop::post(job& j) {
  const std::lock_guard lock{state_->mutex};
  state_->inbox.push(j);
}

bool manual_loop::post_if_running(job& j) {
  post(j);
  return true;
}

void manual_loop::schedule(job& j) noexcept { state_->scheduled.push(j); }

void manual_loop::at_turn_end(job& j) noexcept { state_->turn_end.push(j); }

std::error_code manual_loop::add(int, watch&, bool, bool) {
  throw std::logic_error("a manual_loop has no descriptors: use memory transports");
}

void manual_loop::change(int, watch&, bool, bool) {}

void manual_loop::forget(int, watch&) noexcept {}

}  // namespace tryst::testing
