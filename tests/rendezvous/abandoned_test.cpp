// Operations whose callers may leave a body that runs (rule F2).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <expected>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <tryst/rendezvous/op_array.hpp>
#include <utility>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using namespace std::chrono_literals;
using rendezvous_test::stage;
using words = std::expected<std::string, std::error_code>;
using ask_call = call<std::string(std::string)>;

struct desk : module {
  op<std::string(std::string)> ask{this, {.abandonable = true}};
  op<std::string(std::string)> other{this};
  op_array<std::string(std::string)> window{this, 2, {.abandonable = true}};
  op<void()> door{this};
  std::vector<std::string> seen;
};

// Services one call, which is answered when the door opens.
task<> serve(desk& d) {
  co_await in(accept(d.ask) >> [&](std::string what) -> task<std::string> {
    d.seen.push_back(what);
    co_await receive(d.door);
    d.seen.push_back(what + " is done");
    co_return what + "!";
  });
}

TEST(RuleF2, TheCallerOfAnAbandonableOperationLeavesABodyThatRuns) {
  desk d;
  stage on{d};
  std::optional<words> timed;
  on.run([&]() -> task<> { co_await serve(d); });
  on.run([&]() -> task<> { timed = co_await d.ask.call_for(50ms, std::string(40, 'a')); });
  on.advance(60ms);
  ASSERT_TRUE(timed);
  EXPECT_EQ(timed->error(), errc::call_abandoned);
  EXPECT_EQ(timed->error(), outcome::unknown);
  EXPECT_EQ(d.seen.size(), 1U);
  d.door.send();
  on.play();
  EXPECT_EQ(d.seen.back(), std::string(40, 'a') + " is done");
}

TEST(RuleF2, AStopMakesTheCallerLeaveToo) {
  desk d;
  stage on{d};
  std::stop_source stop;
  std::optional<words> got;
  on.run([&]() -> task<> { co_await serve(d); });
  on.run([&]() -> task<> { got = co_await d.ask.call_unless(stop.get_token(), "a"); });
  EXPECT_FALSE(got);
  stop.request_stop();
  on.play();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::call_abandoned);
}

TEST(RuleF2, AnAbandonableCallIsAnsweredLikeAnyOther) {
  desk d;
  stage on{d};
  std::optional<words> got;
  bool thrown = false;
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, "a"); });
  on.run([&]() -> task<> { co_await serve(d); });
  d.door.send();
  on.play();
  EXPECT_EQ(got->value(), "a!");
  on.run([&]() -> task<> {
    try {
      static_cast<void>(co_await d.ask.call_for(50ms, "b"));
    } catch (const std::domain_error&) {
      thrown = true;
    }
  });
  on.run([&]() -> task<> {
    co_await in(accept(d.ask).caller_only() >>
                    [](std::string what) -> std::string { throw std::domain_error{what}; });
  });
  EXPECT_TRUE(thrown);
  on.advance(1s);
}

TEST(RuleF2, AnAbandonableCallThatIsQueuedIsTakenBack) {
  desk d;
  stage on{d};
  std::optional<words> got;
  std::optional<words> late;
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, "a"); });
  EXPECT_EQ(d.ask.pending(), 1U);
  on.advance(60ms);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::not_taken);
  EXPECT_EQ(d.ask.pending(), 0U);
  d.close();
  on.run([&]() -> task<> { late = co_await d.ask.call_for(50ms, "a"); });
  EXPECT_EQ(late->error(), errc::op_closed);
}

TEST(RuleF2, TheBodySeesThatItsCallerHasLeftAndUndoesWhatItGrants) {
  desk d;
  stage on{d};
  std::optional<words> got;
  std::optional<ask_call> kept;
  int stops = 0;
  int undone = 0;
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, "a"); });
  on.run([&]() -> task<> {
    co_await in(accept(d.ask) >> [&](ask_call c, std::string) { kept.emplace(std::move(c)); });
  });
  const std::stop_callback seen{kept->stop_token(), [&] { ++stops; }};
  kept->on_undelivered([&] { ++undone; });
  EXPECT_EQ(stops, 0);
  on.advance(60ms);
  EXPECT_EQ(got->error(), errc::call_abandoned);
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(undone, 0);
  kept->reply("granted");
  EXPECT_EQ(undone, 1);
}

TEST(RuleF2, WhatWasNotGrantedIsNotUndone) {
  desk d;
  stage on{d};
  int undone = 0;
  std::vector<ask_call> kept;
  for (int n = 0; n < 2; ++n) {
    on.run([&]() -> task<> { static_cast<void>(co_await d.ask.call_for(50ms, "a")); });
    on.run([&]() -> task<> {
      co_await in(accept(d.ask) >> [&](ask_call c, std::string) { kept.push_back(std::move(c)); });
    });
    kept.back().on_undelivered([&] { ++undone; });
  }
  kept[0].reply("in time");
  on.play();
  on.advance(60ms);
  kept.clear();  // broken, and nobody is left to see it
  EXPECT_EQ(undone, 0);
}

TEST(RuleF2, AnAbandonedCallThatIsForwardedEndsThere) {
  desk d;
  stage on{d};
  std::optional<words> got;
  std::optional<ask_call> kept;
  on.run([&]() -> task<> { got = co_await d.window[1].call_for(50ms, "a"); });
  on.run([&]() -> task<> {
    co_await in(accept(each(d.window)) >>
                [&](ask_call c, std::size_t, std::string) { kept.emplace(std::move(c)); });
  });
  on.advance(60ms);
  EXPECT_EQ(got->error(), errc::call_abandoned);
  kept->forward(d.other, "a");
  EXPECT_EQ(d.other.pending(), 0U);
}

TEST(RuleF2, AnOperationWithReferencesIsNotAbandonable) {
  desk d;
  EXPECT_THROW((op<void(int&)>{&d, {.abandonable = true}}), std::logic_error);
  EXPECT_NO_THROW((op<void(int&)>{&d}));
}

struct account : monitor_module {
  op<int(int)> withdraw{this, &account::do_withdraw, {.abandonable = true}};
  op<void(int)> deposit{this, &account::do_deposit};
  condition enough{this};
  int balance = 0;
  int turned_away = 0;

  task<> do_withdraw(call<int(int)>& c, int m) {
    try {
      while (balance < m) co_await enough.wait(c.stop_token(), m);
    } catch (const call_error&) {
      ++turned_away;
      throw;
    }
    balance -= m;
    c.reply(m);
  }
  void do_deposit(int m) {
    balance += m;
    enough.signal_all();
  }
};

TEST(RuleF2, AProcThatWaitsInAConditionForACallerWhoHasLeftEnds) {
  account a;
  stage on;
  on.start(a);
  std::optional<std::expected<int, std::error_code>> got;
  on.run([&]() -> task<> { got = co_await a.withdraw.call_for(50ms, 10); });
  on.advance(60ms);
  EXPECT_EQ(got->error(), errc::call_abandoned);
  EXPECT_EQ(a.turned_away, 1);
  EXPECT_TRUE(a.enough.empty());
  on.run([&]() -> task<> { co_await a.deposit(10); });
  EXPECT_EQ(a.balance, 10);
}

TEST(RuleF2, ThreadsLeaveOrGetTheirReplyWhateverTheOthersDo) {
  constexpr int calls = 1500;
  desk d;
  loop_thread home;
  std::atomic<int> granted = 0;
  std::atomic<int> undone = 0;
  d.start(home.get(), [](desk& of, std::atomic<int>& grants, std::atomic<int>& undos) -> task<> {
    for (;;) {
      co_await in(accept(of.ask) >> [&](ask_call& c, std::string what) {
        c.on_undelivered([&] { ++undos; });
        ++grants;
        c.reply(std::move(what));
      });
    }
  }(d, granted, undone));
  int got = 0;
  int left = 0;
  int taken_back = 0;
  for (int n = 0; n < calls; ++n) {
    std::stop_source stop;
    std::jthread stopper{[&] { stop.request_stop(); }};
    const words answer = d.ask.call_unless(stop.get_token(), std::string(40, 'x')).wait();
    if (answer) {
      ++got;
    } else if (answer.error() == errc::call_abandoned) {
      ++left;
    } else {
      EXPECT_EQ(answer.error(), errc::cancelled_unsent);
      ++taken_back;
    }
  }
  d.close();
  d.join();
  EXPECT_EQ(got + left + taken_back, calls);
  EXPECT_EQ(granted, got + left);
  EXPECT_EQ(undone, left);
}

}  // namespace
}  // namespace tryst
