// Problem 6, an alarm clock: time comes from the loop, by until() and by after(). Nobody is woken
// too early; how late, is told.
#include "alarm_clock.hpp"

#include <algorithm>
#include <map>
#include <tryst/rendezvous/in.hpp>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using alarm_clock::ALARM_CLOCK_V1;
using std::chrono::milliseconds;

enum class did { sleep, wake };
using delayed = call<std::int32_t(std::int32_t)>;

/// What both clocks do with their sleepers; it ends with the clock's process.
struct bedroom {
  loop& home;
  event_log<did>& log;
  std::multimap<loop::time_point, delayed> sleepers{};
  int came = 0;

  // This moment and not the time of the turn, before which the sleeper may have asked.
  void put_to_bed(delayed c, std::int32_t span) {
    sleepers.emplace(home.clock_now() + milliseconds{span}, std::move(c));
    log.note(did::sleep, ++came, span);
  }
  void wake_due() {
    const loop::time_point now = home.clock_now();
    while (!sleepers.empty() && sleepers.begin()->first <= now) {
      auto first = sleepers.extract(sleepers.begin());
      const auto late = std::chrono::duration_cast<milliseconds>(now - first.key());
      log.note(did::wake, 0, static_cast<int>(late.count()));
      first.mapped().reply(static_cast<std::int32_t>(late.count()));
    }
  }
};

/// Waits until the first of them is to be woken.
struct until_clock : module {
  op<std::int32_t(std::int32_t)> delay{this};
  event_log<did> log;

  task<> server(loop& home) {
    bedroom room{home, log};
    const auto sleep = [&room](delayed c, std::int32_t span) {
      room.put_to_bed(std::move(c), span);
    };
    const auto wake = [&room] { room.wake_due(); };
    for (;;) {
      if (room.sleepers.empty()) {
        co_await in(accept(delay) >> sleep);
      } else {
        co_await in(accept(delay) >> sleep, until(room.sleepers.begin()->first, wake));
      }
    }
  }
};

/// Looks now and then, and whenever somebody comes.
struct after_clock : module {
  op<std::int32_t(std::int32_t)> delay{this};
  event_log<did> log;

  task<> server(loop& home) {
    bedroom room{home, log};
    const auto sleep = [&room](delayed c, std::int32_t span) {
      room.put_to_bed(std::move(c), span);
      room.wake_due();
    };
    const auto wake = [&room] { room.wake_due(); };
    for (;;) co_await in(accept(delay) >> sleep, after(milliseconds{1}, wake));
  }
};

struct far_clock : remote_module<ALARM_CLOCK_V1> {
  using remote_module::remote_module;
  remote_op<ALARM_CLOCK_V1::DELAY> delay{this};
};

template <class Clock>
void play_alarm_clock(stage& s) {
  constexpr int sleepers = 4;
  constexpr int naps = 5;
  std::atomic<int> latest = 0;
  staged<Clock, far_clock> clock{s};
  clock.publish(&Clock::delay);
  clock.start(clock->server(s.home()));
  for (int i = 0; i < sleepers; ++i) {
    s.add(
        "sleeper " + std::to_string(i),
        [&, i](auto& c) -> task<> {
          for (int k = 0; k < naps; ++k) {
            const int span = 1 + (3 * i + 2 * k) % 7;
            const auto begun = s.home().clock_now();
            const int late = co_await s.call(c.delay, span);
            require(s.home().clock_now() - begun >= milliseconds{span},
                    "nobody is woken too early");
            int before = latest;
            while (before < late && !latest.compare_exchange_weak(before, late)) {
            }
          }
        },
        clock);
  }
  s.play();
  int sleeps = 0;
  int wakes = 0;
  for (const auto& e : clock->log.events()) (e.kind == did::sleep ? sleeps : wakes) += 1;
  require(sleeps == sleepers * naps && wakes == sleeps, "everybody wakes as often as he slept");
  ::testing::Test::RecordProperty("latest_by_ms", latest);
}

class AlarmClock : public ::testing::TestWithParam<setting> {};

TEST_P(AlarmClock, WakesNobodyTooEarlyByUntil) {
  perform(GetParam(), play_alarm_clock<until_clock>);
}

TEST_P(AlarmClock, WakesNobodyTooEarlyByAfter) {
  perform(GetParam(), play_alarm_clock<after_clock>);
}

INSTANTIATE_TEST_SUITE_P(In, AlarmClock, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
