#include <gtest/gtest.h>

#include <set>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>
#include <tryst/testing/explore.hpp>
#include <tryst/testing/network.hpp>

#include "support/calculator.hpp"

namespace tryst::testing {
namespace {

using namespace std::chrono_literals;

constexpr int calls_each = 20;

/// A server and its callers, on one loop, with the network between them.
struct far_calculator {
  far_calculator(seeded_loop& l, network_faults faults) : on{l}, net{l, faults}, serving{l} {
    serving.serve<calc::CALC_V1>(tests::calculator{&record});
  }

  rpc::client caller(network::two_ends ends, std::chrono::nanoseconds deadline = 1h) {
    serving.serve_connection(on, std::move(ends.second));
    return rpc::client{on, std::move(ends.first), {.defaults = {.deadline = deadline}}};
  }

  seeded_loop& on;
  tests::calculator_record record;
  network net;
  rpc::server serving;
};

task<> divide(rpc::client& by, std::multiset<std::int32_t>& results) {
  for (int i = 1; i <= calls_each; ++i) {
    const calc::quotient q = co_await calc::CALC_V1::stub{by}.DIVIDE(i * 6, 2, calc::DOWN);
    results.insert(*q.value());
  }
}

void both_divide(seeded_loop& l, far_calculator& far, rpc::client& one, rpc::client& other) {
  std::multiset<std::int32_t> results;
  l.begin("one", [&] { return divide(one, results); });
  l.begin("other", [&] { return divide(other, results); });
  require(l.run_until([&] { return l.unfinished().empty(); }), "the callers go on");
  require(results.size() == 2 * calls_each, "all were answered");
  require(far.record.calls == 2 * calls_each, "each call ran once");
}

TEST(Network, CarriesCallsOverAConnectionWhoseMessagesTakeTheirTime) {
  EXPECT_TRUE(explore({.seeds = {1, 20}}, [](seeded_loop& l) {
    far_calculator far{l, {.latest = 1s}};
    rpc::client one = far.caller(far.net.connection());
    rpc::client other = far.caller(far.net.connection());
    both_divide(l, far, one, other);
  }));
}

TEST(Network, HasDatagramsThatAreLostDoubledAndLateAndEachCallRunsOnce) {
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t repeated = 0;
  EXPECT_TRUE(explore({.seeds = {1, 50}}, [&](seeded_loop& l) {
    far_calculator far{l, {.lost = 4, .doubled = 4, .latest = 300ms}};
    rpc::client one = far.caller(far.net.datagrams());
    rpc::client other = far.caller(far.net.datagrams());
    both_divide(l, far, one, other);
    lost += far.net.tally().lost;
    doubled += far.net.tally().doubled;
    repeated += one.repeated_calls() + other.repeated_calls();
  }));
  EXPECT_GT(lost, 100U);
  EXPECT_GT(doubled, 100U);
  EXPECT_GT(repeated, lost / 2);
}

TEST(Network, GivesTheSameRunForTheSameSeed) {
  const auto run = [](std::uint64_t seed) {
    seeded_loop l{seed};
    far_calculator far{l, {.lost = 4, .doubled = 4, .latest = 300ms}};
    rpc::client one = far.caller(far.net.datagrams());
    std::multiset<std::int32_t> results;
    l.begin("one", [&] { return divide(one, results); });
    l.run_until([&] { return l.unfinished().empty(); });
    return std::tuple{l.choices().played(), l.now(), l.steps(), far.net.tally().sent};
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

TEST(Network, BreaksConnectionsAndTheCallsOfThemEndInOneWayOrAnother) {
  std::uint64_t resets = 0;
  EXPECT_TRUE(explore({.seeds = {1, 50}}, [&](seeded_loop& l) {
    far_calculator far{l, {.reset = 10, .latest = 10ms}};
    rpc::client one = far.caller(far.net.connection());
    int results = 0;
    int failures = 0;
    for (int i = 0; i < calls_each; ++i) {
      l.begin("call", [&]() -> task<> {
        const auto sum = co_await calc::CALC_V1::stub{one}.ADD({1, 2}, rpc::as_result);
        ++(sum ? results : failures);
      });
    }
    require(l.run_until([&] { return l.unfinished().empty(); }), "each call ends");
    require(results + failures == calls_each, "each call ended once");
    require(far.record.calls >= results, "what was answered has run");
    require(failures == 0 || far.net.tally().resets == 1, "a call fails by the reset alone");
    resets += far.net.tally().resets;
  }));
  EXPECT_GT(resets, 10U);
}

TEST(Network, HasNoFaultsUnderATapeOfDefaults) {
  seeded_loop l{tape{1, {}}};
  far_calculator far{l, {.lost = 2, .doubled = 2, .reset = 2, .latest = 1s}};
  rpc::client one = far.caller(far.net.datagrams());
  std::multiset<std::int32_t> results;
  const auto begun = l.now();
  l.begin("one", [&] { return divide(one, results); });
  EXPECT_TRUE(l.run_until([&] { return l.unfinished().empty(); }));
  EXPECT_EQ(far.net.tally().sent, 2U * calls_each);
  EXPECT_EQ(l.now(), begun);
}

TEST(Network, LosesEverythingUntilItIsHealed) {
  seeded_loop l{3};
  far_calculator far{l, {}};
  rpc::client one = far.caller(far.net.datagrams());
  std::multiset<std::int32_t> results;
  l.begin("one", [&] { return divide(one, results); });
  l.run_until([&] { return results.size() == 5; });
  far.net.set_faults({.lost = 1});
  l.run_for(1min);
  const std::size_t before = results.size();
  far.net.set_faults({});
  EXPECT_LT(before, std::size_t{calls_each});
  EXPECT_TRUE(l.run_until([&] { return l.unfinished().empty(); }));
  EXPECT_EQ(results.size(), std::size_t{calls_each});
}

}  // namespace
}  // namespace tryst::testing
