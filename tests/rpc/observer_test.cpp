#include <gtest/gtest.h>

#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/metrics.hpp>
#include <tryst/rpc/server.hpp>
#include <tryst/rpc/trace.hpp>

#include "support/calculator.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using v1 = calc::CALC_V1;

TEST(LatencyHistogram, KnowsQuantilesToWithinAnEighth) {
  latency_histogram h;
  EXPECT_EQ(h.quantile(0.5), 0ns);
  for (int us = 1; us <= 1000; ++us) h.add(std::chrono::microseconds{us});
  for (const double share : {0.01, 0.5, 0.99, 1.0}) {
    const double exact = share * 1e6;
    const auto told = static_cast<double>(h.quantile(share).count());
    EXPECT_GE(told, exact);
    EXPECT_LE(told, exact * 1.126);
  }
  EXPECT_EQ(h.count(), 1000U);
  EXPECT_EQ(h.total(), 500'500us);
}

TEST(LatencyHistogram, TakesAnyValue) {
  latency_histogram h;
  h.add(-5ns);
  h.add(0ns);
  h.add(std::chrono::hours{100});
  EXPECT_EQ(h.count(), 3U);
  EXPECT_GT(h.quantile(1.0), 1s);
}

TEST(Metrics, TellEveryNumberThatAServerCounts) {
  const server_counters counted{.accepted = 1,
                                .refused = 2,
                                .open = 3,
                                .oversized = 4,
                                .datagrams = {.received = 5,
                                              .invalid = 6,
                                              .too_large = 7,
                                              .overload = 8,
                                              .unsendable = 9,
                                              .silenced = 10,
                                              .peers = 11},
                                .replies = {.started = 12,
                                            .hits = 13,
                                            .doubled = 24,
                                            .in_progress = 14,
                                            .attached = 15,
                                            .too_large = 16,
                                            .refused = 17,
                                            .bypassed = 18,
                                            .evicted = 19,
                                            .expired = 20,
                                            .forgotten = 25,
                                            .entries = 21,
                                            .bytes = 22,
                                            .reserved = 23}};
  EXPECT_EQ(text_of(counted),
            "tryst_connections_open 3\n"
            "tryst_connections_total 1\n"
            "tryst_connections_refused_total 2\n"
            "tryst_results_oversized_total 4\n"
            "tryst_datagram_peers 11\n"
            "tryst_datagrams_total 5\n"
            "tryst_datagrams_dropped_total{why=\"invalid\"} 6\n"
            "tryst_datagrams_dropped_total{why=\"too_large\"} 7\n"
            "tryst_datagrams_dropped_total{why=\"overload\"} 8\n"
            "tryst_datagrams_unsendable_total 9\n"
            "tryst_datagrams_silenced_total 10\n"
            "tryst_reply_cache_entries 21\n"
            "tryst_reply_cache_bytes 22\n"
            "tryst_reply_cache_reserved_bytes 23\n"
            "tryst_reply_cache_calls_total{found=\"new\"} 12\n"
            "tryst_reply_cache_calls_total{found=\"ended\"} 13\n"
            "tryst_reply_cache_calls_total{found=\"ended_now\"} 24\n"
            "tryst_reply_cache_calls_total{found=\"ended_too_large\"} 16\n"
            "tryst_reply_cache_calls_total{found=\"running_here\"} 14\n"
            "tryst_reply_cache_calls_total{found=\"running_elsewhere\"} 15\n"
            "tryst_reply_cache_calls_total{found=\"no_room\"} 17\n"
            "tryst_reply_cache_calls_total{found=\"idempotent\"} 18\n"
            "tryst_reply_cache_forgotten_total{why=\"expired\"} 20\n"
            "tryst_reply_cache_forgotten_total{why=\"taken_back\"} 25\n"
            "tryst_reply_cache_forgotten_total{why=\"no_room\"} 19\n");
}

TEST(Observer, CountsAndTracesTheSameCallsAtBothEnds) {
  loop_thread server_loop;
  loop_thread client_loop;
  metrics at_server;
  metrics at_client;
  std::vector<std::string> lines;
  call_trace<v1> trace{[&](std::string line) { lines.push_back(std::move(line)); }};
  server s{server_loop};
  s.serve(observe(observe(make_service<v1>(tests::calculator{}), at_server), trace));
  client c{client_loop, s.listen("unix:@tryst-observer-test").text()};
  observed_caller watched{c, at_client};
  v1::stub stub{watched};

  EXPECT_EQ(stub.ADD({2, 3}).get(), 5);
  EXPECT_EQ(stub.ADD({2, 3}).get(), 5);
  EXPECT_FALSE(stub.DIVIDE(1, -2, calc::DOWN, as_result).get());

  EXPECT_EQ(lines.size(), 3U);
  for (const metrics* m : {&at_server, &at_client}) {
    const auto all = m->snapshot();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].first, (metrics::key{v1::id, v1::ADD::number}));
    EXPECT_EQ(all[0].second.results, 2U);
    EXPECT_EQ(all[0].second.latency.count(), 2U);
    EXPECT_EQ(all[1].second.refused, 1U);
  }
}

TEST(Observer, TraceShowsArgumentsAndResultsDecoded) {
  loop_thread loops;
  loop_thread client_loop;
  std::vector<std::string> lines;
  call_trace<v1> trace{[&](std::string line) { lines.push_back(std::move(line)); }};
  server s{loops};
  s.serve(observe(make_service<v1>(tests::calculator{}), trace));
  client c{client_loop, s.listen("unix:@tryst-trace-test").text()};
  v1::stub stub{c};
  stub.ADD({2, 3}).get();
  EXPECT_FALSE(stub.DIVIDE(1, -2, calc::DOWN, as_result).get());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("CALC_V1.ADD({a: 2, b: 3}) = 5  [xid ")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("CALC_V1.DIVIDE(1, -2, DOWN) failed: the server failed"))
      << lines[1];
}

}  // namespace
}  // namespace tryst::rpc
