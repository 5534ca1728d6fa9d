// A loop for tests: no thread, no descriptors, and a clock that stands still until the test moves
// it. With memory transports a whole client and server run on it, the same way each time.
#pragma once

#include <memory>
#include <tryst/loop.hpp>

namespace tryst::testing {

class manual_loop final : public loop {
public:
  /// The random bits that the loop hands out follow from `seed`.
  explicit manual_loop(std::uint64_t seed = 1);
  ~manual_loop() override;

  /// Takes turns until nothing is left to do without the clock moving.
  void run_until_idle();

  /// Moves the clock, expiring what comes due, and runs until idle.
  void advance(duration by);

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

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace tryst::testing
