// Ends a connection that is of no use: see session_timers. It looks now and then instead of arming
// a timer a message.
#pragma once

#include <tryst/loop.hpp>
#include <tryst/rpc/limits.hpp>
#include <tryst/rpc/transport.hpp>

namespace tryst::rpc {

class watchdog final : private timer {
public:
  watchdog(loop& home, const session_timers& timers) : home_{home}, timers_{timers} {}
  ~watchdog() { end(); }

  /// Watches `t` from now on. `running` counts the calls in progress; both must live until end().
  void begin(transport& t, const std::uint32_t& running);
  void end() noexcept { home_.disarm(*this); }
  void message_seen() noexcept { seen_ = true; }

private:
  void expired() noexcept override;
  std::error_code judge();
  void arm();

  loop& home_;
  session_timers timers_;
  transport* watched_ = nullptr;
  const std::uint32_t* running_ = nullptr;
  bool seen_ = false;  // a whole message has come

  // What was found the last time, and when it was new.
  std::uint64_t received_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t record_began_with_ = 0;
  loop::time_point began_;
  loop::time_point received_at_;
  loop::time_point taken_at_;
  loop::time_point record_at_;
  bool inside_ = false;
};

}  // namespace tryst::rpc
