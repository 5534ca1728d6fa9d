// What a server does with calls: policies, answers that come later, one-way calls, calls in the
// other direction, back-pressure, and the end.

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/connection.hpp>
#include <tryst/rpc/server.hpp>
#include <tryst/testing/manual_loop.hpp>

#include "support/calculator.hpp"
#include "support/raw_client.hpp"
#include "support/scripted_peer.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using tests::add_call;
using tests::bytes;
using tests::bytes_of;
using tests::raw_client;
using tests::record_of;
using v1 = calc::CALC_V1;

// A server on a thread of its own.
struct Serving : ::testing::Test {
  loop_thread server_loop;
  loop_thread client_loop;
  server served{server_loop};
  address where;

  template <class Service>
  void serve(Service s, service_options options = {}) {
    served.serve<v1>(std::move(s), std::move(options));
    where = served.listen("tcp://127.0.0.1:0");
  }

  client connect(client_options options = {}) { return client{client_loop, where.text(), options}; }
};

// Holds calls until the test lets them go.
struct gatekeeper {
  std::mutex mutex;
  std::vector<reply<std::string>> waiting;

  std::int32_t ADD(calc::pair p) { return p.a + p.b; }
  calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
  void DESCRIBE(reply<std::string> to, const call_info&, xdr::optional_data<calc::entry>) {
    const std::lock_guard lock{mutex};
    waiting.push_back(std::move(to));
    arrived.count_down();
  }
  std::latch arrived{2};
};

TEST_F(Serving, AnswersOutOfOrderFromAnotherThread) {
  gatekeeper keeper;
  serve(std::ref(keeper));
  client c = connect();
  v1::stub stub{c};
  std::promise<std::string> first;
  std::promise<std::string> second;
  stub.DESCRIBE({}, [&](std::error_code, std::string s) { first.set_value(std::move(s)); });
  stub.DESCRIBE({}, [&](std::error_code, std::string s) { second.set_value(std::move(s)); });
  keeper.arrived.wait();
  EXPECT_EQ(stub.ADD({1, 2}).get(), 3);
  keeper.waiting[1]("second");
  EXPECT_EQ(second.get_future().get(), "second");
  keeper.waiting[0]("first");
  EXPECT_EQ(first.get_future().get(), "first");
}

TEST_F(Serving, AnswersSystemErrForAReplyThatIsForgotten) {
  gatekeeper keeper;
  serve(std::ref(keeper));
  client c = connect();
  v1::stub stub{c};
  std::promise<std::error_code> first;
  stub.DESCRIBE({}, [&](std::error_code e, const std::string&) { first.set_value(e); });
  stub.DESCRIBE({}, [](std::error_code, const std::string&) {});
  keeper.arrived.wait();
  keeper.waiting.clear();
  EXPECT_EQ(first.get_future().get(), errc::system_err);
}

TEST_F(Serving, TellsARunningCallThatItsCallerHasGone) {
  struct watcher {
    std::latch arrived{1};
    std::promise<void> lost;
    std::unique_ptr<reply<std::string>> kept;
    std::optional<std::stop_callback<std::function<void()>>> on_lost;

    std::int32_t ADD(calc::pair) { return 0; }
    calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
    void DESCRIBE(reply<std::string> to, const call_info& info, xdr::optional_data<calc::entry>) {
      kept = std::make_unique<reply<std::string>>(std::move(to));
      on_lost.emplace(info.connection_lost(), [this] { lost.set_value(); });
      arrived.count_down();
    }
  } service;
  serve(std::ref(service));
  raw_client caller{where};
  caller.write(record_of(bytes_of({7, 0, 2, 0x20000101, 1, 3, 0, 0, 0, 0, 0})));
  service.arrived.wait();
  caller.reset();
  service.lost.get_future().get();
  run_on(server_loop, [&] {
    service.on_lost.reset();
    (*service.kept)("to nobody");  // harmless
    service.kept.reset();
  });
}

TEST_F(Serving, CallsWaitingForAPeerThatDiesAreTold) {
  loop_thread other_loop;
  auto doomed = std::make_unique<server>(other_loop.get());
  gatekeeper keeper;
  doomed->serve<v1>(std::ref(keeper));
  const address at = doomed->listen("tcp://127.0.0.1:0");
  client c{client_loop, at.text()};
  std::promise<std::error_code> ended;
  v1::stub{c}.DESCRIBE({}, [](std::error_code, const std::string&) {});
  v1::stub{c}.DESCRIBE({}, [&](std::error_code e, const std::string&) { ended.set_value(e); });
  keeper.arrived.wait();
  doomed.reset();
  EXPECT_EQ(ended.get_future().get(), errc::connection_lost);
  keeper.waiting.clear();
}

TEST_F(Serving, SerialisedCallsNeverMeetEvenWhileTheyWait) {
  struct slow {
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    std::vector<std::jthread> answering;  // one handler at a time adds to it
    std::int32_t ADD(calc::pair p) { return p.a; }
    calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
    void DESCRIBE(reply<std::string> to, xdr::optional_data<calc::entry>) {
      most = std::max(most.load(), ++inside);
      answering.emplace_back([this, to = std::move(to)]() mutable {
        std::this_thread::yield();
        --inside;
        to("done");
      });
    }
  } service;
  serve(std::ref(service), {.policy = serialised});
  client c = connect();
  std::latch all{50};
  for (int i = 0; i < 50; ++i) {
    v1::stub{c}.DESCRIBE({}, [&](std::error_code e, const std::string&) {
      EXPECT_FALSE(e);
      all.count_down();
    });
  }
  all.wait();
  EXPECT_EQ(service.most, 1);
}

TEST_F(Serving, APoolRunsItsCallsSideBySide) {
  struct meeting {
    std::latch both{2};
    std::int32_t ADD(calc::pair p) {
      both.arrive_and_wait();  // passes only when two calls are inside
      return p.a;
    }
    calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
    std::string DESCRIBE(xdr::optional_data<calc::entry>) { return {}; }
  } service;
  serve(std::ref(service), {.policy = pool(2)});
  client c = connect();
  std::promise<int> first;
  v1::stub{c}.ADD({1, 0}, [&](std::error_code, std::int32_t n) { first.set_value(n); });
  EXPECT_EQ(v1::stub{c}.ADD({2, 0}).get(), 2);
  EXPECT_EQ(first.get_future().get(), 1);
}

TEST_F(Serving, OneWayCallsAreNotAnsweredAndRunInOrder) {
  struct journal {
    std::vector<int> seen;
    std::int32_t ADD(calc::pair p) {
      seen.push_back(p.a);
      return p.a;
    }
    calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
    std::string DESCRIBE(xdr::optional_data<calc::entry>) { return std::to_string(seen.size()); }
  } service;
  serve(std::ref(service));
  client c = connect();
  // RFC 5531 §8: a batch of one-way calls, flushed by an ordinary one.
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(v1::stub{c}.ADD({i, 0}, call_options{.oneway = true}, as_result).get());
  }
  EXPECT_EQ(v1::stub{c}.DESCRIBE({}).get(), "100");
  EXPECT_TRUE(std::ranges::is_sorted(service.seen));
}

TEST(Pitfall88, ACallOnAClientsConnectionIsDispatchedOrRefused) {
  testing::manual_loop loop;
  for (const bool with_services : {false, true}) {
    dispatcher services;
    services.serve<v1>(tests::calculator{});
    auto [near_end, far_end] = memory_pair(loop, loop);
    tests::scripted_peer peer{std::move(far_end)};
    const client c{loop, std::move(near_end), {.services = with_services ? &services : nullptr}};
    peer.send({77, 0, 2, 0x20000101, 1, 1, 0, 0, 0, 0, 2, 3});
    loop.run_until_idle();
    const tests::words sum{77, 1, 0, 0, 0, 0, 5};
    const tests::words unavailable{77, 1, 0, 0, 0, 1};
    EXPECT_EQ(peer.received.at(0), with_services ? sum : unavailable);
  }
}

TEST_F(Serving, BothEndsCallOverOneConnection) {
  struct asker {
    std::int32_t ADD(calc::pair p) { return p.a + p.b; }
    // Asks the caller to add before it answers.
    task<calc::quotient> DIVIDE(const call_info& info, std::int32_t a, std::int32_t b,
                                calc::rounding) {
      connection back = info.connection();
      calc::quotient q;
      q.set_value(co_await v1::stub{back}.ADD({a, b}));
      co_return q;
    }
    std::string DESCRIBE(xdr::optional_data<calc::entry>) { return {}; }
  };
  serve(asker{});
  dispatcher own;
  own.serve<v1>(tests::calculator{});
  client c = connect({.services = &own});
  EXPECT_EQ(*v1::stub{c}.DIVIDE(20, 3, calc::DOWN).get().value(), 23);
}

TEST_F(Serving, DrainAnswersEveryCallThatWasReceived) {
  tests::calculator_record record;
  serve(tests::calculator{&record}, {.policy = pool(2)});
  std::atomic<int> results = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      client c = connect({.reconnect = {.enabled = false}});
      while (!stop) {
        const auto outcome = v1::stub{c}.ADD({1, 1}, as_result).get();
        if (outcome) ++results;
        if (!outcome && outcome.error().code == errc::closed) break;
      }
    });
  }
  while (results < 200) std::this_thread::yield();
  std::promise<std::uint64_t> cut_off;
  served.drain(10s, [&](std::uint64_t left) { cut_off.set_value(left); });
  EXPECT_EQ(cut_off.get_future().get(), 0U);
  stop = true;
  for (std::thread& t : callers) t.join();
  // Every call that a handler began was answered.
  EXPECT_EQ(record.calls, results);
}

TEST_F(Serving, AnAnswerThatIsOwedKeepsItsServiceAlive) {
  for (const policy how : {inline_, task_per_call, serialised, pool(2)}) {
    auto doomed = std::make_unique<server>(server_loop.get());
    std::promise<reply<std::string>> owed;
    struct promising {
      std::promise<reply<std::string>>* owed;
      std::int32_t ADD(calc::pair) { return 0; }
      calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
      void DESCRIBE(reply<std::string> to, xdr::optional_data<calc::entry>) {
        owed->set_value(std::move(to));
      }
    };
    doomed->serve<v1>(promising{&owed}, {.policy = how});
    client c{client_loop, doomed->listen("tcp://127.0.0.1:0").text()};
    std::promise<std::error_code> ended;
    v1::stub{c}.DESCRIBE({}, [&](std::error_code e, const std::string&) { ended.set_value(e); });
    reply<std::string> to = owed.get_future().get();
    doomed.reset();
    EXPECT_EQ(ended.get_future().get(), errc::connection_lost);
    to("to nobody, through nothing that is gone");
  }
}

TEST(Pitfall85, AServerStopsReadingFromAPeerThatDoesNotRead) {
  testing::manual_loop loop;
  server s{loop, {.limits = {.queued_bytes = 64 * 1024}}};
  tests::calculator_record record;
  s.serve<v1>(tests::calculator{&record});
  auto [near_end, far_end] = memory_pair(loop, loop);
  s.serve_connection(loop, std::move(far_end));
  tests::scripted_peer peer{std::move(near_end)};
  peer.takes_messages = false;
  loop.run_until_idle();
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    peer.send({i, 0, 2, 0x20000101, 1, 1, 0, 0, 0, 0, 2, 3});
    if (i % 1000 == 0) loop.run_until_idle();
  }
  loop.run_until_idle();
  // What it took before it stopped fits the queues; the rest waits unread.
  const int taken = record.calls;
  EXPECT_LT(taken, 100'000);
  peer.take_up();
  loop.run_until_idle();
  EXPECT_EQ(record.calls, 200'000);
  EXPECT_EQ(peer.received.size(), 200'000U);
}

TEST(Pitfall83, CallsWaitWithoutDisturbingOthersOnTheirConnection) {
  testing::manual_loop loop;
  server s{loop};
  gatekeeper keeper;
  s.serve<v1>(std::ref(keeper));
  auto [near_end, far_end] = memory_pair(loop, loop);
  s.serve_connection(loop, std::move(far_end));
  tests::scripted_peer peer{std::move(near_end)};
  peer.send({1, 0, 2, 0x20000101, 1, 3, 0, 0, 0, 0, 0});
  peer.send({2, 0, 2, 0x20000101, 1, 3, 0, 0, 0, 0, 0});
  peer.send({3, 0, 2, 0x20000101, 1, 1, 0, 0, 0, 0, 2, 3});
  loop.run_until_idle();
  ASSERT_EQ(peer.received.size(), 1U);
  EXPECT_EQ(peer.received[0], (tests::words{3, 1, 0, 0, 0, 0, 5}));
  keeper.waiting[1]("b");
  keeper.waiting[0]("a");
  loop.run_until_idle();
  EXPECT_EQ(peer.xid_of(1), 2U);
  EXPECT_EQ(peer.xid_of(2), 1U);
}

TEST(Pitfall84, RepliesMayComeInAnyOrder) {
  testing::manual_loop loop;
  auto [near_end, far_end] = memory_pair(loop, loop);
  tests::scripted_peer peer{std::move(far_end)};
  client c{loop, std::move(near_end)};
  std::vector<std::int32_t> sums(10);
  for (std::int32_t i = 0; i < 10; ++i) {
    v1::stub{c}.ADD({i, 0}, [&sums, i](std::error_code, std::int32_t n) {
      sums[static_cast<std::size_t>(i)] = n;
    });
  }
  loop.run_until_idle();
  for (std::size_t i = 10; i-- > 0;) peer.reply(peer.xid_of(i), {static_cast<std::uint32_t>(i)});
  loop.run_until_idle();
  for (std::int32_t i = 0; i < 10; ++i) EXPECT_EQ(sums[static_cast<std::size_t>(i)], i);
}

TEST_F(Serving, DealsItsConnectionsOutToManyLoops) {
  struct where_it_runs {
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::int32_t ADD(calc::pair p) {
      const std::lock_guard lock{mutex};
      threads.insert(std::this_thread::get_id());
      return p.a;
    }
    calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
    std::string DESCRIBE(xdr::optional_data<calc::entry>) { return {}; }
  } service;
  loop_thread second;
  loop_thread third;
  server many{{&server_loop.get(), &second.get(), &third.get()}, {}};
  many.serve<v1>(std::ref(service));
  const address at = many.listen("tcp://127.0.0.1:0");
  for (std::int32_t i = 0; i < 6; ++i) {
    client c{client_loop, at.text()};
    EXPECT_EQ(v1::stub{c}.ADD({i, 0}).get(), i);
  }
  EXPECT_EQ(service.threads.size(), 3U);
  EXPECT_EQ(many.counters().accepted, 6U);
}

TEST_F(Serving, ProcedureZeroIsAlwaysThere) {
  serve(tests::calculator{});
  raw_client raw{where};
  raw.write(record_of(bytes_of({7, 0, 2, 0x20000101, 1, 0, 0, 0, 0, 0})));
  EXPECT_EQ(raw.read_record(), bytes_of({7, 1, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace tryst::rpc
