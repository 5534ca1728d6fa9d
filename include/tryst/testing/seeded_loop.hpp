// A loop for tests on which a tape decides who runs next: every job that is posted or scheduled,
// every timer whose time has come and the end of the turn are candidates. One thread and a clock
// that moves when nothing else is left, so that a seed gives the same run each time, and another
// seed another one.
//
//   testing::seeded_loop l{seed};
//   buffer b;
//   b.start(l.as("buffer"), b.server());
//   l.begin("producer", [&]() -> task<> { co_await b.deposit(1); });
//   l.begin("consumer", [&]() -> task<> { co_await b.fetch(); });
//   l.run();
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tryst/loop.hpp>
#include <tryst/task.hpp>
#include <tryst/testing/tape.hpp>
#include <vector>

namespace tryst::testing {

/// For the thread that made it, but for post() and post_if_running(): what comes from other threads
/// comes when it comes, and is not drawn.
class seeded_loop final : public loop {
public:
  class yielding;
  class sleeping;

  explicit seeded_loop(std::uint64_t seed = 1);
  explicit seeded_loop(tape choices);
  ~seeded_loop() override;

  /// Begins a process under a name that reports use. The callable is kept while it runs; what it
  /// throws ends run().
  void begin(std::string name, std::move_only_function<task<>()> process);

  /// This loop under a name, by which reports know who runs on it: for the processes of modules.
  /// A new one each time, which lives as long as this.
  loop& as(std::string name);

  /// Plays until nothing is left to do: nothing is ready, and no timer is armed. Throws what a
  /// process threw, and std::runtime_error after too many steps.
  void run();
  /// Plays until `reached` or until nothing is left; whether it is reached in the end.
  bool run_until(const std::function<bool()>& reached);
  /// Plays what happens within the next `span` of time.
  void run_for(duration span);
  /// Plays on after a failure, so that those who were told to end can do it: in the order of
  /// arrival, nothing of it recorded, what processes throw ignored.
  void finish() noexcept;

  /// One of 0 ... `of` - 1 from the tape, for what else a test wants to leave open. 0 is what a
  /// failure is shrunk to.
  std::size_t choose(std::size_t of);
  /// Lets others run here, if the tape wants: co_await l.yield().
  yielding yield() noexcept;
  /// Awaited, lasts so long.
  sleeping sleep(duration span) noexcept;

  /// The processes begun by begin() that have not ended, by their loops.
  std::vector<const loop*> unfinished() const;
  /// What as() or begin() called a loop; empty: nothing.
  std::string name_of(const loop* named) const;
  /// How often somebody on a loop of as() was told to go on.
  std::uint64_t wakes_of(const loop* named) const;
  /// What was drawn.
  const tape& choices() const noexcept;
  /// How many jobs and timers have run.
  std::uint64_t steps() const noexcept;
  /// After so many, run() takes it for a run that never ends; 1,000,000 if nothing is said.
  void bound_steps(std::uint64_t most) noexcept;

  time_point now() const noexcept override;
  time_point clock_now() const noexcept override;
  void arm(timer& t, time_point when) noexcept override;
  void disarm(timer& t) noexcept override;
  /// Bits that follow from the seed.
  std::uint64_t random() override;
  bool running_here() const noexcept override;
  void post(job& j) override;
  bool post_if_running(job& j) override;
  void schedule(job& j) noexcept override;
  void at_turn_end(job& j) noexcept override;
  std::error_code add(int descriptor, watch& w, bool read, bool write) override;
  void change(int descriptor, watch& w, bool read, bool write) override;
  void forget(int descriptor, watch& w) noexcept override;
  using loop::post;

private:
  class named_loop;
  struct state;
  bool step(time_point until);
  std::unique_ptr<state> state_;
};

/// See seeded_loop::yield().
class [[nodiscard]] seeded_loop::yielding final : job {
public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> process) noexcept {
    process_ = process;
    on_.schedule(*this);
  }
  void await_resume() const noexcept {}

private:
  friend class seeded_loop;
  explicit yielding(seeded_loop& on) noexcept : on_{on} {}
  void run() noexcept override { process_.resume(); }

  seeded_loop& on_;
  std::coroutine_handle<> process_;
};

/// See seeded_loop::sleep().
class [[nodiscard]] seeded_loop::sleeping final : timer {
public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> process) noexcept {
    process_ = process;
    on_.arm(*this, on_.now() + span_);
  }
  void await_resume() const noexcept {}

private:
  friend class seeded_loop;
  sleeping(seeded_loop& on, duration span) noexcept : on_{on}, span_{span} {}
  void expired() noexcept override { process_.resume(); }

  seeded_loop& on_;
  duration span_;
  std::coroutine_handle<> process_;
};

inline seeded_loop::yielding seeded_loop::yield() noexcept { return yielding{*this}; }
inline seeded_loop::sleeping seeded_loop::sleep(duration span) noexcept { return {*this, span}; }

}  // namespace tryst::testing
