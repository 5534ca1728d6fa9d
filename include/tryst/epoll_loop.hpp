// The loop that servers and clients run on: level-triggered epoll, one thread, three system calls
// for a call and its reply. Level-triggered readiness costs no system call to re-arm.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <tryst/loop.hpp>

namespace tryst {

class epoll_loop : public loop {
public:
  /// Throws std::system_error when the system has no descriptor left.
  epoll_loop();
  ~epoll_loop() override;

  /// Takes turns until stop(). One thread at a time.
  void run();

  /// Takes one turn: waits for an event, `at_most` so long, and handles what is ready. Returns at
  /// once when something is ready already.
  void turn(std::optional<duration> at_most = std::nullopt);

  /// Ends run() after the turn in progress; before run() it ends the next one at once. Any thread.
  void stop();

  time_point now() const noexcept override;
  time_point clock_now() const noexcept override;
  void arm(timer& t, time_point when) noexcept override;
  void disarm(timer& t) noexcept override;
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

protected:
  /// The descriptor that becomes readable when a turn has something to do.
  int descriptor() const noexcept;
  /// Whether the next turn has something to do already.
  bool pending() const noexcept;
  /// When the next timer wants a turn.
  std::optional<time_point> next_timer() const noexcept;
  /// Makes the descriptor readable. Any thread.
  void wake() noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// A loop with a thread of its own, for programs that only want to call and block. The thread ends,
/// and the loop with it, when the object is destroyed.
class loop_thread {
public:
  loop_thread();
  ~loop_thread();
  loop_thread(const loop_thread&) = delete;
  loop_thread& operator=(const loop_thread&) = delete;

  /// The running loop. Any thread.
  epoll_loop& get() noexcept;
  operator epoll_loop&() noexcept { return get(); }

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace tryst
