#include <tryst/rendezvous/party.hpp>

#include <stdexcept>
#include <utility>

namespace tryst::detail {
namespace {

// After so many the loop gets its turn, for its descriptors and timers.
constexpr int most_in_a_row = 256;

}  // namespace

void party::wake_on_loop() noexcept {
  if (home_ == nullptr) return run();
  if (home_->running_here()) return home_->schedule(*this);
  home_->post(*this);
}

loop& party::home_with_time() const {
  if (home_ == nullptr) throw std::logic_error{"a limit of time is for tasks that a loop runs"};
  return *home_;
}

void party::run() noexcept {
  ready_queue& ready = ready_queue::here;
  const bool draining = home_ == nullptr || !home_->orders_all();
  const ready_queue outer =
      std::exchange(ready, {.home = home_, .draining = draining, .parties = {}});
  woken();
  for (int in_a_row = 1; ready.home == nullptr || in_a_row < most_in_a_row; ++in_a_row) {
    job* const next = ready.parties.pop();
    if (next == nullptr) break;
    static_cast<party*>(next)->woken();
  }
  while (job* const late = ready.parties.pop()) ready.home->schedule(*late);
  ready = outer;
}

}  // namespace tryst::detail
