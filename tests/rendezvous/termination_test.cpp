// Modules that end when nobody is left who could call them (rule F5).
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <tryst/testing/manual_loop.hpp>
#include <utility>
#include <vector>

namespace tryst {
namespace {

struct counter : module {
  op<void(int)> add{this};
  op<int()> total{this};
  op<void()> never{this};
  op<void()> door{this};
  op<void()> work{this, &counter::do_work};
  int sum = 0;
  std::vector<std::string> ended;

  task<> serve(std::string name, bool open = true) {
    try {
      for (;;) {
        co_await in(
            accept(add).when(open) >> [&](int n) { sum += n; },
            accept(total) >> [&] { return sum; }, or_terminate());
      }
    } catch (const call_error& e) {
      EXPECT_EQ(e.code(), errc::op_closed);
      ended.push_back(name);
      throw;
    }
  }
  task<> do_work() { co_await receive(door); }
};

TEST(RuleF5, AModuleEndsWhenTheLastCapabilityIsGone) {
  counter c;
  testing::manual_loop home;
  std::optional<cap<void(int)>> add{c.add};
  std::optional<cap<int()>> total{c.total};
  c.start(home, c.serve("a"));
  home.run_until_idle();
  add->send(2);
  home.run_until_idle();
  auto copy = add;
  add.reset();
  total.reset();
  home.run_until_idle();
  EXPECT_TRUE(c.ended.empty());
  copy->send(3);
  copy.reset();
  home.run_until_idle();
  EXPECT_EQ(c.sum, 5);
  EXPECT_EQ(c.ended, (std::vector<std::string>{"a"}));
  EXPECT_FALSE(c.add.send_if_open(1));
  c.join();
}

TEST(RuleF5, ACapabilityThatIsMadeAnewKeepsTheModule) {
  counter c;
  testing::manual_loop home;
  std::optional<cap<void(int)>> add{c.add};
  c.start(home, c.serve("a"));
  home.run_until_idle();
  std::optional<cap<int()>> total{c.total};
  add.reset();
  add.emplace(c.add);
  total.reset();
  home.run_until_idle();
  EXPECT_TRUE(c.ended.empty());
  add.reset();
  home.run_until_idle();
  EXPECT_EQ(c.ended.size(), 1U);
  c.join();
}

TEST(RuleF5, AllProcessesMustWaitForTheEndOrHaveEnded) {
  counter c;
  testing::manual_loop home;
  std::optional<cap<void(int)>> add{c.add};
  c.start(home, c.serve("a"));
  c.start(home, c.serve("b", false));
  c.start(home, [](counter& of) -> task<> { co_await receive(of.door); }(c));
  home.run_until_idle();
  add.reset();
  home.run_until_idle();
  EXPECT_TRUE(c.ended.empty());
  c.door.send();
  home.run_until_idle();
  EXPECT_EQ(c.ended, (std::vector<std::string>{"a", "b"}));
  c.join();
}

TEST(RuleF5, WhatIsQueuedKeepsTheModule) {
  counter c;
  testing::manual_loop home;
  c.never.send();
  c.start(home, c.serve("a"));
  home.run_until_idle();
  EXPECT_TRUE(c.ended.empty());
  c.close();
  home.run_until_idle();
  EXPECT_EQ(c.ended.size(), 1U);
  c.join();
}

TEST(RuleF5, ACallThatGivesUpLetsTheModuleEnd) {
  counter c;
  testing::manual_loop home;
  std::optional<std::error_code> how;
  spawn(home,
        [](counter& of, std::optional<std::error_code>& ended) -> task<> {
          ended = (co_await of.never.call_for(std::chrono::milliseconds{10})).error();
        }(c, how),
        {});
  home.run_until_idle();
  c.start(home, c.serve("a"));
  home.run_until_idle();
  EXPECT_TRUE(c.ended.empty());
  home.advance(std::chrono::milliseconds{20});
  EXPECT_EQ(how, errc::not_taken);
  EXPECT_EQ(c.ended.size(), 1U);
  c.join();
}

TEST(RuleF5, AProcThatRunsKeepsTheModule) {
  counter c;
  testing::manual_loop home;
  c.start(home);
  c.work.send();
  c.start(home, c.serve("a"));
  home.run_until_idle();
  EXPECT_TRUE(c.ended.empty());
  c.door.send();
  home.run_until_idle();
  EXPECT_EQ(c.ended.size(), 1U);
  c.join();
}

TEST(RuleF5, AnArmThatCanBeTakenIsTakenFirst) {
  counter c;
  testing::manual_loop home;
  for (int n = 1; n <= 3; ++n) c.add.send(n);
  c.start(home, c.serve("a"));
  home.run_until_idle();
  EXPECT_EQ(c.sum, 6);
  EXPECT_EQ(c.ended.size(), 1U);
  c.join();
}

TEST(RuleF5, ThreadsDropTheirCapabilitiesAndTheModuleEndsOnce) {
  for (int round = 0; round < 50; ++round) {
    counter c;
    loop_thread home;
    loop_thread other;
    std::atomic<int> sent = 0;
    {
      const cap<void(int)> add{c.add};
      c.start(home.get(), [](counter& of) -> task<> {
        for (;;) co_await in(accept(of.add) >> [&](int n) { of.sum += n; }, or_terminate());
      }(c));
      c.start(other.get(), [](counter& of) -> task<> {
        for (;;) co_await in(accept(of.total) >> [] { return 0; }, or_terminate());
      }(c));
      std::vector<std::jthread> threads;
      for (int t = 0; t < 3; ++t) {
        threads.emplace_back([mine = add, &sent] {
          for (int n = 0; n < 20; ++n) {
            mine.send(1);
            ++sent;
          }
        });
      }
    }
    c.join();
    EXPECT_EQ(c.sum, sent.load());
  }
}

}  // namespace
}  // namespace tryst
