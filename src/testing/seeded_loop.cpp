#include <tryst/testing/seeded_loop.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "testing/timer_list.hpp"

namespace tryst::testing {

// What runs on it runs on the seeded loop; a party that waits is known by it.
class seeded_loop::named_loop final : public loop {
public:
  named_loop(seeded_loop& of, std::string name_) : loop{true}, name{std::move(name_)}, of_{of} {}

  time_point now() const noexcept override { return of_.now(); }
  time_point clock_now() const noexcept override { return of_.clock_now(); }
  void arm(timer& t, time_point when) noexcept override { of_.arm(t, when); }
  void disarm(timer& t) noexcept override { of_.disarm(t); }
  std::uint64_t random() override { return of_.random(); }
  bool running_here() const noexcept override { return of_.running_here(); }
  void post(job& j) override {
    ++wakes;
    of_.post(j);
  }
  bool post_if_running(job& j) override {
    post(j);
    return true;
  }
  void schedule(job& j) noexcept override {
    ++wakes;
    of_.schedule(j);
  }
  void at_turn_end(job& j) noexcept override { of_.at_turn_end(j); }
  std::error_code add(int descriptor, watch& w, bool read, bool write) override {
    return of_.add(descriptor, w, read, write);
  }
  void change(int descriptor, watch& w, bool read, bool write) override {
    of_.change(descriptor, w, read, write);
  }
  void forget(int descriptor, watch& w) noexcept override { of_.forget(descriptor, w); }

  const std::string name;
  std::atomic<std::uint64_t> wakes = 0;

private:
  seeded_loop& of_;
};

struct seeded_loop::state {
  explicit state(tape choices_) : choices{std::move(choices_)} {}

  struct process {
    const loop* home;
    std::move_only_function<task<>()> body;
  };

  tape choices;
  bool drawing = true;
  time_point now{std::chrono::hours{1}};
  timer_list timers;
  std::vector<job*> ready;  // the oldest first; null: the end of the turn
  job_queue turn_end;
  std::uint64_t steps = 0;
  std::uint64_t most_steps = 1'000'000;
  std::list<named_loop> named;
  std::list<process> processes;  // that have not ended
  std::exception_ptr failure;
  const decltype(std::this_thread::get_id()) owner = std::this_thread::get_id();
  std::mutex mutex;
  job_queue inbox;  // from other threads; guarded by mutex

  std::size_t choose(std::size_t of) { return drawing ? choices.choose(of) : 0; }

  void collect_inbox() {
    const std::lock_guard lock{mutex};
    while (job* const j = inbox.pop()) ready.push_back(j);
  }

  job* take_ready(std::size_t which) {
    job* const j = ready[which];
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(which));
    return j;
  }

  const named_loop* find(const loop* which) const {
    const auto found =
        std::ranges::find(named, which, [](const named_loop& n) -> const loop* { return &n; });
    return found != named.end() ? &*found : nullptr;
  }

  void end_turn() {
    job_queue due = turn_end.take();
    while (job* const j = due.pop()) j->run();
  }
};

seeded_loop::seeded_loop(std::uint64_t seed) : seeded_loop{tape{seed}} {}

seeded_loop::seeded_loop(tape choices)
    : loop{true}, state_{std::make_unique<state>(std::move(choices))} {}

seeded_loop::~seeded_loop() {
  // What is abandoned may register more; and what is ready may destroy what waits for the turn's
  // end, so that comes first.
  for (;;) {
    state_->collect_inbox();
    if (job* const j = state_->turn_end.pop()) {
      j->abandoned();
    } else if (!state_->ready.empty()) {
      if (job* const waiting = state_->take_ready(0)) waiting->abandoned();
    } else {
      return;
    }
  }
}

loop& seeded_loop::as(std::string name) {
  return state_->named.emplace_back(*this, std::move(name));
}

void seeded_loop::begin(std::string name, std::move_only_function<task<>()> process) {
  loop& home = as(std::move(name));
  state_->processes.push_back({&home, std::move(process)});
  const auto at = std::prev(state_->processes.end());
  const auto play = [](std::move_only_function<task<>()>& body) -> task<> { co_await body(); };
  spawn(home, play(at->body), [this, at](std::exception_ptr failure) {
    state_->processes.erase(at);
    if (!state_->failure) state_->failure = std::move(failure);
  });
}

// Does one thing of those that are possible, if anything is before `until`.
bool seeded_loop::step(time_point until) {
  state& s = *state_;
  s.collect_inbox();
  std::size_t due = s.timers.due(s.now);
  if (s.ready.empty() && due == 0) {
    const auto next = s.timers.next();
    if (!next || *next > until) return false;
    s.now = *next;
    due = s.timers.due(s.now);
  }
  ++s.steps;
  const std::size_t jobs = s.ready.size();
  const std::size_t which = s.choose(jobs + due);
  if (which >= jobs) {
    s.timers.take_due(s.now, which - jobs).expired();
  } else if (job* const j = s.take_ready(which)) {
    j->run();
  } else {
    s.end_turn();
  }
  return true;
}

bool seeded_loop::run_until(const std::function<bool()>& reached) {
  const std::uint64_t begun = state_->steps;
  while (!reached()) {
    if (!step(time_point::max())) return false;
    if (state_->failure) std::rethrow_exception(std::exchange(state_->failure, nullptr));
    if (state_->steps - begun >= state_->most_steps) {
      throw std::runtime_error{"still going on after " + std::to_string(state_->most_steps) +
                               " steps"};
    }
  }
  return true;
}

void seeded_loop::run() {
  run_until([] { return false; });
}

void seeded_loop::run_for(duration span) {
  const time_point until = state_->now + span;
  run_until([&] {
    state& s = *state_;
    s.collect_inbox();
    if (!s.ready.empty()) return false;
    const auto next = s.timers.next();
    return !next || *next > until;
  });
  state_->now = until;
}

void seeded_loop::finish() noexcept {
  const bool drawing = std::exchange(state_->drawing, false);
  for (std::uint64_t n = 0; n < state_->most_steps && step(time_point::max()); ++n) {
  }
  state_->failure = nullptr;
  state_->drawing = drawing;
}

std::size_t seeded_loop::choose(std::size_t of) { return state_->choose(of); }

std::vector<const loop*> seeded_loop::unfinished() const {
  std::vector<const loop*> homes;
  for (const state::process& p : state_->processes) homes.push_back(p.home);
  return homes;
}

std::string seeded_loop::name_of(const loop* named) const {
  const named_loop* const found = state_->find(named);
  return found != nullptr ? found->name : std::string{};
}

std::uint64_t seeded_loop::wakes_of(const loop* named) const {
  const named_loop* const found = state_->find(named);
  return found != nullptr ? found->wakes.load(std::memory_order_relaxed) : 0;
}

const tape& seeded_loop::choices() const noexcept { return state_->choices; }

std::uint64_t seeded_loop::steps() const noexcept { return state_->steps; }

void seeded_loop::bound_steps(std::uint64_t most) noexcept { state_->most_steps = most; }

loop::time_point seeded_loop::now() const noexcept { return state_->now; }

loop::time_point seeded_loop::clock_now() const noexcept { return state_->now; }

void seeded_loop::arm(timer& t, time_point when) noexcept { state_->timers.arm(t, when); }

void seeded_loop::disarm(timer& t) noexcept { state_->timers.disarm(t); }

std::uint64_t seeded_loop::random() { return state_->choices.bits(); }

bool seeded_loop::running_here() const noexcept {
  return std::this_thread::get_id() == state_->owner;
}

void seeded_loop::post(job& j) {
  if (running_here()) return state_->ready.push_back(&j);
  const std::lock_guard lock{state_->mutex};
  state_->inbox.push(j);
}

bool seeded_loop::post_if_running(job& j) {
  post(j);
  return true;
}

void seeded_loop::schedule(job& j) noexcept { state_->ready.push_back(&j); }

void seeded_loop::at_turn_end(job& j) noexcept {
  if (state_->turn_end.empty()) state_->ready.push_back(nullptr);
  state_->turn_end.push(j);
}

std::error_code seeded_loop::add(int, watch&, bool, bool) {
  throw std::logic_error{"a seeded_loop has no descriptors: use memory transports"};
}

void seeded_loop::change(int, watch&, bool, bool) {}

void seeded_loop::forget(int, watch&) noexcept {}

}  // namespace tryst::testing
