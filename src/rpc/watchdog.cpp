#include "rpc/watchdog.hpp"

#include <algorithm>
#include <tryst/error.hpp>

namespace tryst::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool passed(loop::duration since, seconds allowed) {
  return allowed > seconds{0} && since >= allowed;
}

}  // namespace

void watchdog::begin(transport& t, const std::uint32_t& running) {
  watched_ = &t;
  running_ = &running;
  seen_ = inside_ = false;
  received_ = taken_ = 0;
  began_ = received_at_ = taken_at_ = home_.now();
  arm();
}

void watchdog::arm() {
  seconds shortest{0};
  for (const seconds s :
       {timers_.first_message, timers_.record, timers_.idle, timers_.write_stall}) {
    if (s > seconds{0} && (shortest == seconds{0} || s < shortest)) shortest = s;
  }
  if (shortest == seconds{0}) return;
  home_.arm(*this, home_.now() + std::min(milliseconds{shortest} / 4, milliseconds{5000}));
}

void watchdog::expired() noexcept {
  if (const std::error_code why = judge()) return watched_->close(why);
  arm();
}

std::error_code watchdog::judge() {
  const loop::time_point now = home_.now();
  const std::error_code too_late = make_error_code(errc::timed_out);

  const std::uint64_t taken = watched_->out().taken();
  if (taken != taken_ || watched_->out().empty()) {
    taken_ = taken;
    taken_at_ = now;
  }
  if (passed(now - taken_at_, timers_.write_stall)) return too_late;

  const std::uint64_t received = watched_->received();
  const bool quiet = received == received_;
  if (!quiet || *running_ > 0 || !watched_->out().empty()) received_at_ = now;
  received_ = received;
  if (!seen_ && passed(now - began_, timers_.first_message)) return too_late;
  if (passed(now - received_at_, timers_.idle)) return too_late;

  if (!watched_->inside_message()) {
    inside_ = false;
    if (quiet) watched_->shrink();
    return {};
  }
  if (!inside_) {
    inside_ = true;
    record_at_ = now;
    record_began_with_ = received;
  }
  const loop::duration age = now - record_at_;
  if (passed(age, timers_.record)) {
    // A record that keeps up its rate may take its time.
    const auto whole = std::chrono::duration_cast<seconds>(age).count();
    if (received - record_began_with_ < static_cast<std::uint64_t>(whole) * timers_.record_rate) {
      return too_late;
    }
  }
  return {};
}

}  // namespace tryst::rpc
