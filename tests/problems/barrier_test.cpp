// Problem 20, a barrier that adds: nobody leaves a round before all have arrived in it.
#include "barrier.hpp"

#include <map>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using barrier::BARRIER_V1;

constexpr int parties = 4;

/// Holds the calls of a round until the last has come.
struct active_barrier : module {
  op<std::int32_t(std::int32_t)> arrive{this};

  task<> server() {
    std::vector<call<std::int32_t(std::int32_t)>> held;
    std::int32_t sum = 0;
    for (;;) {
      co_await in(accept(arrive) >> [&](call<std::int32_t(std::int32_t)> c, std::int32_t value) {
        sum += value;
        held.push_back(std::move(c));
      });
      if (held.size() < parties) continue;
      for (auto& c : held) c.reply(sum);
      held.clear();
      sum = 0;
    }
  }
};

struct monitor_barrier : monitor_module {
  op<std::int32_t(std::int32_t)> arrive{this, &monitor_barrier::do_arrive};
  condition complete{this};
  int round = 0;
  int here = 0;
  std::int32_t sum = 0;
  std::int32_t last_sum = 0;

  task<std::int32_t> do_arrive(std::int32_t value) {
    sum += value;
    if (++here == parties) {
      last_sum = std::exchange(sum, 0);
      here = 0;
      ++round;
      complete.signal_all();
      co_return last_sum;
    }
    const int mine = round;
    while (round == mine) co_await complete.wait();
    co_return last_sum;
  }
};

struct far_barrier : remote_module<BARRIER_V1> {
  using remote_module::remote_module;
  remote_op<BARRIER_V1::ARRIVE> arrive{this};
};

enum class did { arrive, leave };

void check_barrier(const std::vector<event<did>>& events, int rounds) {
  std::map<int, int> arrived;
  std::map<int, int> left;
  for (const auto& e : events) {
    if (e.kind == did::arrive) {
      ++arrived[e.value];
    } else {
      require(arrived[e.value] == parties, "nobody leaves a round before all arrived in it");
      ++left[e.value];
    }
  }
  for (int r = 0; r < rounds; ++r) require(left[r] == parties, "all leave each round");
}

template <class Barrier>
void play_barrier(stage& s, staged<Barrier, far_barrier>& barrier) {
  const int rounds = s.scaled(100);
  event_log<did> log;
  barrier.publish(&Barrier::arrive);
  for (int p = 0; p < parties; ++p) {
    s.add(
        "party " + std::to_string(p),
        [&, p](auto& b) -> task<> {
          for (int r = 0; r < rounds; ++r) {
            log.note(did::arrive, p, r);
            const int sum = co_await s.call(b.arrive, p + r);
            require(sum == parties * r + parties * (parties - 1) / 2, "all learn the sum");
            log.note(did::leave, p, r);
          }
        },
        barrier);
  }
  s.play();
  check_barrier(log.events(), rounds);
}

class Barrier : public ::testing::TestWithParam<setting> {};

TEST_P(Barrier, HoldsEverybodyUntilTheLastByKeptCalls) {
  perform(GetParam(), [](stage& s) {
    staged<active_barrier, far_barrier> barrier{s};
    barrier.start(barrier->server());
    play_barrier(s, barrier);
  });
}

TEST_P(Barrier, HoldsEverybodyUntilTheLastAsAMonitor) {
  perform(GetParam(), [](stage& s) {
    staged<monitor_barrier, far_barrier> barrier{s};
    barrier.start();
    play_barrier(s, barrier);
  });
}

INSTANTIATE_TEST_SUITE_P(In, Barrier, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
