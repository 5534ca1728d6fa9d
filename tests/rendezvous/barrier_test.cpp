// Problem 20, a barrier that adds: nobody leaves a round before all have arrived in it.
#include <gtest/gtest.h>

#include <map>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <utility>
#include <vector>

#include "rendezvous/event_log.hpp"
#include "rendezvous/players.hpp"

namespace tryst {
namespace {

using rendezvous_test::players;
using rendezvous_test::setting;

constexpr int parties = 4;
constexpr int rounds = 100;

/// Holds the calls of a round until the last has come.
struct active_barrier : module {
  op<int(int)> arrive{this};

  void begin(players& by) { start(by.home(), server()); }
  task<> server() {
    std::vector<call<int(int)>> held;
    int sum = 0;
    for (;;) {
      co_await in(accept(arrive) >> [&](call<int(int)> c, int value) {
        sum += value;
        held.push_back(std::move(c));
      });
      if (held.size() < parties) continue;
      for (call<int(int)>& c : held) c.reply(sum);
      held.clear();
      sum = 0;
    }
  }
};

struct monitor_barrier : monitor_module {
  op<int(int)> arrive{this, &monitor_barrier::do_arrive};
  condition complete{this};
  int round = 0;
  int here = 0;
  int sum = 0;
  int last_sum = 0;

  void begin(players& by) { by.start(*this); }
  task<int> do_arrive(int value) {
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

enum class did { arrive, leave };

void check_barrier(const std::vector<rendezvous_test::event<did>>& events) {
  std::map<int, int> arrived;
  std::map<int, int> left;
  for (const auto& e : events) {
    if (e.kind == did::arrive) {
      ++arrived[e.value];
    } else {
      EXPECT_EQ(arrived[e.value], parties) << "round " << e.value;
      ++left[e.value];
    }
  }
  EXPECT_EQ(left.size(), static_cast<std::size_t>(rounds));
  for (const auto& [round, count] : left) EXPECT_EQ(count, parties) << "round " << round;
}

template <class Barrier>
void play_barrier(setting where) {
  Barrier barrier;
  rendezvous_test::event_log<did> log;
  players by{where};
  barrier.begin(by);
  for (int p = 0; p < parties; ++p) {
    by.add([&, p]() -> task<> {
      for (int r = 0; r < rounds; ++r) {
        log.note(did::arrive, p, r);
        const int sum = co_await by.call(barrier.arrive, p + r);
        EXPECT_EQ(sum, parties * r + parties * (parties - 1) / 2);
        log.note(did::leave, p, r);
      }
    });
  }
  by.play();
  barrier.close();
  barrier.join();
  check_barrier(log.events());
}

class Barrier : public ::testing::TestWithParam<setting> {};

TEST_P(Barrier, HoldsEverybodyUntilTheLastByKeptCalls) { play_barrier<active_barrier>(GetParam()); }

TEST_P(Barrier, HoldsEverybodyUntilTheLastAsAMonitor) { play_barrier<monitor_barrier>(GetParam()); }

INSTANTIATE_TEST_SUITE_P(In, Barrier,
                         ::testing::Values(setting::one_loop, setting::two_loops,
                                           setting::threads));

}  // namespace
}  // namespace tryst
