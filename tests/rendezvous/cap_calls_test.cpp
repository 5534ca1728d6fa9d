// Every form of a call through a capability (rule C1), forwarding to one, and calls side by side
// (rule C4).
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tryst/all.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using namespace std::chrono_literals;
using rendezvous_test::stage;

struct shop : module {
  op<int(int)> square{this};
  op<void(std::string)> order{this};
  op<void()> stop{this};

  task<> server() {
    for (bool open = true; open;) {
      co_await in(
          accept(square) >> [](int n) { return n < 0 ? throw std::domain_error{"below"} : n * n; },
          accept(order) >> [](const std::string&) {}, accept(stop) >> [&] { open = false; });
    }
  }
};

TEST(RuleC1, ACapabilityHasEveryFormOfACall) {
  shop s;
  stage on;
  on.start(s, s.server());
  const cap<int(int)> square = s.square;
  const cap<void(std::string)> order = s.order;
  std::stop_source stop;
  on.run([&]() -> task<> {
    EXPECT_EQ(co_await square(3), 9);
    EXPECT_EQ(co_await square.try_call(4), 16);
    EXPECT_TRUE(co_await order.try_call("a text that owns memory of its own"));
    EXPECT_EQ(co_await square.call_for(1min, 5), 25);
    EXPECT_EQ(co_await square.call_until(loop::clock::now() + 1min, 6), 36);
    EXPECT_EQ(co_await square.call_unless(stop.get_token(), 7), 49);
  });
}

TEST(RuleC1, ACapabilityGivesUpAsItsOperationDoes) {
  shop s;  // that nobody services
  stage on{s};
  bool done = false;
  const cap<int(int)> square = s.square;
  const cap<void(std::string)> order = s.order;
  std::stop_source stop;
  stop.request_stop();
  on.run([&]() -> task<> {
    EXPECT_EQ(co_await square.try_call(1), std::nullopt);
    EXPECT_FALSE(co_await order.try_call("x"));
    EXPECT_EQ((co_await square.call_for(0ms, 1)).error(), errc::not_taken);
    EXPECT_EQ((co_await square.call_until(on.home().now(), 1)).error(), errc::not_taken);
    EXPECT_EQ((co_await square.call_unless(stop.get_token(), 1)).error(), errc::cancelled_unsent);
    done = true;
  });
  // The stage's clock stands still between these.
  for (int i = 0; i < 2; ++i) on.advance(50ms);
  EXPECT_TRUE(done);
  EXPECT_EQ(square.call_until(loop::clock::now(), 1).wait().error(), errc::not_taken);
}

TEST(RuleC1, EveryFormOfACallOfTheNoopCapabilityDoesNothing) {
  const auto noop = cap<void(std::string)>::noop();
  EXPECT_TRUE(noop.try_call("x").wait());
  EXPECT_TRUE(noop.call_until(loop::clock::now(), "x").wait());
  EXPECT_TRUE(noop.call_unless({}, "x").wait());
}

TEST(RuleS7, TheDutyToReplyIsForwardedToACapability) {
  shop s;
  stage on;
  on.start(s, s.server());
  struct relay : module {
    op<int(int)> ask{this};
  } r;
  cap<int(int)> next = s.square;
  std::vector<int> answers;
  on.begin([&]() -> task<> {
    for (int i = 0; i < 2; ++i) {
      co_await in(accept(r.ask) >> [&](call<int(int)>& c, int n) { c.forward(next, n); });
    }
  });
  on.run([&]() -> task<> {
    answers.push_back(co_await r.ask(11));
    {
      const op<int(int)> gone{&s};
      next = const_cast<op<int(int)>&>(gone);
    }
    try {
      co_await r.ask(1);
    } catch (const call_error& error) {
      EXPECT_EQ(error.code(), errc::op_closed);
    }
  });
  EXPECT_EQ(answers, std::vector{121});
}

TEST(RuleS7, ForwardingToTheNullCapabilityThrowsAndLeavesTheDuty) {
  struct relay : module {
    op<void()> ask{this};
  } r;
  stage on;
  on.begin([&]() -> task<> {
    co_await in(accept(r.ask) >> [&](call<void()>& c) {
      EXPECT_THROW(c.forward(cap<void()>{}), null_cap);
      c.forward(cap<void()>::noop());
    });
  });
  on.run([&]() -> task<> { co_await r.ask(); });
}

TEST(RuleC4, CallsSideBySideAreAllInTheQueuesAtOnce) {
  shop s;
  stage on;
  std::size_t queued = 0;
  int sum = 0;
  on.begin([&]() -> task<> {
    co_await in(accept(s.stop) >> [&] { queued = s.square.pending() + s.order.pending(); });
    co_await s.server();
  });
  on.run([&]() -> task<> {
    const cap<int(int)> square = s.square;
    const auto [a, ordered, b, stopped] = co_await all(
        square(3), s.order("a text that owns memory of its own"), s.square(5), s.stop());
    sum = a + b;
    s.stop.send();
  });
  EXPECT_EQ(queued, 3U);
  EXPECT_EQ(sum, 34);
}

TEST(RuleC4, TheFailureOfOneIsThrownWhenAllHaveEnded) {
  shop s;
  stage on;
  int other = 0;
  on.begin([&]() -> task<> {
    for (int i = 0; i < 3; ++i) {
      co_await in(
          accept(s.square).caller_only() >>
              [](int n) { return n < 0 ? throw std::domain_error{"below"} : n * n; },
          accept(s.order) >> [&](const std::string&) { ++other; });
    }
  });
  on.run([&]() -> task<> {
    EXPECT_THROW(co_await all(s.square(-1), s.order("x"), s.square(-2)), std::domain_error);
  });
  EXPECT_EQ(other, 1);
}

TEST(RuleC4, AThreadWaitsForCallsSideBySide) {
  shop s;
  loop_thread home;
  s.start(home.get(), s.server());
  const cap<int(int)> square = s.square;
  const auto [a, b] = all(s.square(6), square(7)).wait();
  EXPECT_EQ(a, 36);
  EXPECT_EQ(b, 49);
  s.close();
  s.join();
}

TEST(RuleC4, TasksRunSideBySideToo) {
  shop s;
  stage on;
  on.start(s, s.server());
  const auto twice = [&](int n) -> task<int> { co_return 2 * co_await s.square(n); };
  on.run([&]() -> task<> {
    const auto [a, b] = co_await all(twice(3), twice(4));
    EXPECT_EQ(a + b, 50);
  });
}

}  // namespace
}  // namespace tryst
