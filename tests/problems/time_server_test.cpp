// Problem 5, a time server with a virtual clock: whoever is delayed goes on at his time, not before
// and not after, the one with the earlier time first.
#include "time_server.hpp"

#include <map>
#include <tryst/rendezvous/in.hpp>
#include <tryst/testing/quiescence.hpp>
#include <vector>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using time_server::TIME_SERVER_V1;

enum class did { tick, wake };

/// Callers wait in the queue: a guard says whose time has come, a key who is first.
struct guarded_clock : module {
  op<std::int32_t()> get_time{this};
  op<std::int32_t(std::int32_t)> delay{this};
  op<void()> tick{this};
  event_log<did> log;

  task<> server() {
    std::int32_t now = 0;
    for (;;) {
      co_await in(
          accept(get_time) >> [&] { return now; },
          accept(delay)
                  .such_that([&](std::int32_t then) { return then <= now; })
                  .by([](std::int32_t then) { return then; }) >>
              [&](std::int32_t then) {
                log.note(did::wake, then, now);
                return now;
              },
          accept(tick) >> [&] { log.note(did::tick, 0, ++now); });
    }
  }
  std::size_t sleeping() const { return delay.pending(); }
};

/// Calls are kept, and answered later.
struct keeping_clock : module {
  op<std::int32_t()> get_time{this};
  op<std::int32_t(std::int32_t)> delay{this};
  op<void()> tick{this};
  event_log<did> log;

  task<> server() {
    std::int32_t now = 0;
    // Equal times in the order in which they came.
    std::multimap<std::int32_t, call<std::int32_t(std::int32_t)>> kept;
    for (;;) {
      co_await in(
          accept(get_time) >> [&] { return now; },
          accept(delay) >> [&](call<std::int32_t(std::int32_t)> c,
                               std::int32_t then) { kept.emplace(then, std::move(c)); },
          accept(tick) >> [&] { log.note(did::tick, 0, ++now); });
      while (!kept.empty() && kept.begin()->first <= now) {
        log.note(did::wake, kept.begin()->first, now);
        kept.extract(kept.begin()).mapped().reply(now);
      }
      sleeping_ = kept.size();
    }
  }
  std::size_t sleeping() const { return sleeping_; }

private:
  std::atomic<std::size_t> sleeping_ = 0;
};

struct far_clock : remote_module<TIME_SERVER_V1> {
  using remote_module::remote_module;
  remote_op<TIME_SERVER_V1::GET_TIME> get_time{this};
  remote_op<TIME_SERVER_V1::DELAY> delay{this};
  remote_op<TIME_SERVER_V1::TICK> tick{this};
};

/// Time stood still while anybody was awake.
void check_clock(const std::vector<event<did>>& events, int wakes) {
  int now = 0;
  for (const auto& e : events) {
    if (e.kind == did::tick) {
      require(e.value == ++now, "time goes on by ticks");
    } else {
      require(e.who >= e.value, "nobody wakes before his time");
      require(e.who == now && e.value == now, "everybody wakes at the first tick of his time");
      --wakes;
    }
  }
  require(wakes == 0, "everybody wakes as often as he slept");
}

template <class Clock>
void play_clock(stage& s, staged<Clock, far_clock>& clock) {
  constexpr int sleepers = 4;
  const int naps = s.scaled(50);
  std::atomic<std::size_t> up = sleepers;
  clock.publish(&Clock::get_time, &Clock::delay, &Clock::tick);
  clock.start(clock->server());
  for (int i = 0; i < sleepers; ++i) {
    s.add(
        "sleeper " + std::to_string(i),
        [&, i](auto& c) -> task<> {
          for (int k = 0; k < naps; ++k) {
            const int then = co_await s.call(c.get_time) + 1 + (i + k) % 3;
            require(co_await s.call(c.delay, then) == then, "a delay ends at its time");
          }
          --up;
        },
        clock);
  }
  s.add(
      "ticker",
      [&](auto& c) -> task<> {
        while (up > 0) {
          if (clock->sleeping() == up) co_await s.call(c.tick);
          co_await s.yield();
        }
      },
      clock);
  s.play();
  check_clock(clock->log.events(), sleepers * naps);
}

class TimeServer : public ::testing::TestWithParam<setting> {};

TEST_P(TimeServer, WakesEverybodyAtHisTimeByAGuard) {
  perform(GetParam(), [](stage& s) {
    staged<guarded_clock, far_clock> clock{s};
    play_clock(s, clock);
  });
}

TEST_P(TimeServer, WakesEverybodyAtHisTimeByKeptCalls) {
  perform(GetParam(), [](stage& s) {
    staged<keeping_clock, far_clock> clock{s};
    play_clock(s, clock);
  });
}

INSTANTIATE_TEST_SUITE_P(In, TimeServer, every_setting, name_of_setting);

/// The numbers of five sleepers in the order in which they are woken, all in one tick.
template <class Clock>
std::vector<int> order_of_waking() {
  testing::seeded_loop l{testing::tape{1, {}}};  // who is woken first goes on first
  Clock clock;
  testing::quiescence end{l};
  end.name(clock, "clock");
  clock.start(l, clock.server());
  std::vector<int> woken;
  int number = 0;
  for (const int then : {3, 1, 3, 2, 1}) {
    l.begin("sleeper", [&woken, &clock, then, n = number++]() -> task<> {
      co_await clock.delay(then);
      woken.push_back(n);
    });
    l.run();
  }
  for (int t = 0; t < 3; ++t) {
    clock.tick.send();
    l.run();
  }
  end.check();
  return woken;
}

TEST(OrderOfWaking, IsThatOfTimesAndThenOfArrival) {
  const std::vector<int> expected{1, 4, 3, 0, 2};
  EXPECT_EQ(order_of_waking<guarded_clock>(), expected);
  EXPECT_EQ(order_of_waking<keeping_clock>(), expected);
}

}  // namespace
}  // namespace tryst::problems
