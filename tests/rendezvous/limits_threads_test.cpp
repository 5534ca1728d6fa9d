// Limits that are reached on one thread while another takes, closes or destroys (rules F1, F2, S5).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <vector>

namespace tryst {
namespace {

using namespace std::chrono_literals;

struct desk : module {
  op<int(int)> ask{this};
  op<void()> never{this};
};

task<> serve(desk& d, std::atomic<int>& served) {
  for (;;) {
    co_await in(accept(d.ask) >> [&](int n) {
      ++served;
      return n;
    });
  }
}

TEST(RuleF1, ACallIsEitherServedOrGivenUpWhateverTheThreadsDo) {
  desk d;
  loop_thread home;
  std::atomic<int> served = 0;
  std::atomic<int> answered = 0;
  d.start(home, serve(d, served));
  const auto count = [&](const std::expected<int, std::error_code>& got) {
    if (got) {
      ++answered;
    } else {
      EXPECT_EQ(got.error(), errc::not_taken);
    }
  };
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&] {
        for (int k = 0; k < 500; ++k)
          count(d.ask.call_for(std::chrono::microseconds{k % 50}, k).wait());
      });
    }
    callers.emplace_back([&] {
      loop_thread own;
      run(own, [](desk& m, auto& tell) -> task<> {
        for (int k = 0; k < 500; ++k) {
          tell(co_await m.ask.call_for(std::chrono::microseconds{k % 50}, k));
        }
      }(d, count));
    });
  }
  d.close();
  d.join();
  EXPECT_EQ(answered, served);
}

TEST(RuleF2, AStopFromAnotherThreadMeetsATakingOrTheOperationsEnd) {
  for (int round = 0; round < 200; ++round) {
    desk d;
    auto own = std::make_unique<op<int(int)>>(&d);
    op<int(int)>& of = *own;
    std::stop_source stop;
    std::error_code ended;
    {
      loop_thread home;
      std::jthread caller{[&] {
        run(home, [](op<int(int)>& o, std::stop_token s, std::error_code& e) -> task<> {
          auto asked = o.call_unless(std::move(s), 1);
          e = (co_await asked).error();
        }(of, stop.get_token(), ended));
      }};
      while (of.pending() == 0) std::this_thread::yield();
      std::jthread stopper{[&] { stop.request_stop(); }};
      own.reset();
    }
    EXPECT_TRUE(ended == errc::op_closed || ended == errc::cancelled_unsent) << ended.message();
  }
}

TEST(RuleF2, AThreadsCallIsTakenBackByAnotherThread) {
  desk d;
  std::stop_source stop;
  std::jthread stopper{[&] {
    while (d.ask.pending() == 0) std::this_thread::yield();
    stop.request_stop();
  }};
  EXPECT_EQ(d.ask.call_unless(stop.get_token(), 1).wait().error(), errc::cancelled_unsent);
}

TEST(RuleS5, AnArrivalAndTheTimeOfAStatementRaceAndOneWins) {
  desk d;
  loop_thread home;
  std::atomic<int> served = 0;
  int silences = 0;
  d.start(home, [](desk& m, auto& s, int& silent) -> task<> {
    for (;;) {
      co_await in(
          accept(m.ask).such_that([](int n) { return n >= 0; }) >>
              [&](int n) {
                ++s;
                return n;
              },
          after(0ms, [&] { ++silent; }));
      // One whose time always comes.
      co_await in(accept(m.never) >> [] {}, after(0ms, [] {}));
      if (s == 60) co_return;
    }
  }(d, served, silences));
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&] {
        for (int k = 0; k < 30; ++k) EXPECT_EQ(d.ask(k).wait(), k);
      });
    }
  }
  d.join();
  EXPECT_EQ(served, 60);
}

TEST(RuleS5, AThreadsStatementEndsAtItsTime) {
  desk d;
  int silences = 0;
  in(accept(d.ask) >> [](int n) { return n; }, after(1ms, [&] { ++silences; })).wait();
  in(
      accept(d.ask).such_that([](int) { return false; }) >> [](int n) { return n; },
      until(loop::clock::now(), [&] { ++silences; }))
      .wait();
  EXPECT_EQ(silences, 2);
}

}  // namespace
}  // namespace tryst
