// Operations that procs service: the table of rule I1, and rules I2, I4, S6, S7 for procs.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <tryst/rendezvous/outside_call.hpp>
#include <vector>

#include "rendezvous/desk.hpp"
#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::desk;
using rendezvous_test::stage;
using strings = std::vector<std::string>;

/// The same operations in both, and callers that do not know which is which.
struct by_in : module {
  op<void(int)> add{this};
  op<int()> total{this};

  task<> server() {
    int sum = 0;
    for (;;) {
      co_await in(accept(add) >> [&](int n) { sum += n; }, accept(total) >> [&] { return sum; });
    }
  }
  void begin(stage& on) { on.start(*this, server()); }
};

struct by_proc : module {
  op<void(int)> add{this, &by_proc::do_add};
  op<int()> total{this, &by_proc::do_total};

  void begin(stage& on) { on.start(*this); }

private:
  task<> do_add(int n) {
    sum_ += n;
    co_return;
  }
  int do_total() const { return sum_; }

  int sum_ = 0;
};

template <class Module>
int total_after_calls(Module& m, stage& on) {
  int total = 0;
  on.run([&]() -> task<> {
    co_await m.add(1);
    co_await m.add(2);
    total = co_await m.total();
  });
  return total;
}

template <class Module>
int total_after_sends(Module& m, stage& on) {
  int total = 0;
  m.add.send(1);
  m.add.send(2);
  on.play();
  on.run([&]() -> task<> { total = co_await m.total(); });
  return total;
}

TEST(RuleI1, ACallOfAProcIsAProcedureCall) {
  by_proc m;
  stage on;
  m.begin(on);
  EXPECT_EQ(total_after_calls(m, on), 3);
}

TEST(RuleI1, ACallOfAnInputStatementIsARendezvous) {
  by_in m;
  stage on;
  m.begin(on);
  EXPECT_EQ(total_after_calls(m, on), 3);
}

TEST(RuleI1, ASendToAProcCreatesAProcess) {
  by_proc m;
  stage on;
  m.begin(on);
  EXPECT_EQ(total_after_sends(m, on), 3);
}

TEST(RuleI1, ASendToAnInputStatementIsAMessage) {
  by_in m;
  stage on;
  m.begin(on);
  EXPECT_EQ(total_after_sends(m, on), 3);
}

TEST(RuleI1, AnInputStatementCannotServiceTheOperationOfAProc) {
  by_proc m;
  EXPECT_THROW(static_cast<void>(receive(m.add)), std::logic_error);
  EXPECT_THROW(static_cast<void>(in(accept(m.add) >> [](int) {})), std::logic_error);
}

TEST(RuleI2, ACallEndsWithItsProcAndASendBefore) {
  desk d;
  stage on;
  on.start(d);
  on.run([&]() -> task<> {
    d.ask.send("a");
    d.seen.push_back("sent");
    d.seen.push_back(co_await d.ask("b"));
  });
  EXPECT_EQ(d.seen, (strings{"sent", "asked b", "asked a"}));
  d.door.send();
  d.door.send();
  on.play();
  EXPECT_EQ(d.seen.back(), "answer to b");
}

TEST(RuleI2, WhatAProcThrowsIsTheCallers) {
  desk d;
  stage on;
  on.start(d);
  on.run([&]() -> task<> {
    EXPECT_THROW(co_await d.look_up(""), std::invalid_argument);
    d.door.send();
    EXPECT_THROW(co_await d.ask("the impossible"), std::domain_error);
    EXPECT_EQ(co_await d.look_up("x"), "x?");
  });
}

TEST(RuleI2, WhatASentProcThrowsIsTheModules) {
  desk d;
  stage on;
  int told = 0;
  d.on_unhandled([&](const std::exception_ptr& why) {
    ++told;
    EXPECT_THROW(std::rethrow_exception(why), std::invalid_argument);
  });
  on.start(d);
  d.note.send("");
  d.look_up.send("");
  on.play();
  EXPECT_EQ(told, 2);
  d.close();
  d.join();
}

TEST(RuleI2, WithoutAHandlerJoinSaysWhatASentProcThrew) {
  desk d;
  stage on;
  on.start(d);
  d.note.send("");
  on.run([&]() -> task<> { co_await d.note("still open"); });
  EXPECT_EQ(d.seen, strings{"still open"});
  d.close();
  EXPECT_THROW(d.join(), std::invalid_argument);
}

TEST(RuleI4, ArgumentsOfAProcAreMovedAndReferencesAreTheCallersOwn) {
  struct mover : module {
    op<std::unique_ptr<int>(std::unique_ptr<int>)> next{this, &mover::do_next};
    op<void(int&)> twice{this, &mover::do_twice};
    task<std::unique_ptr<int>> do_next(std::unique_ptr<int> p) {
      ++*p;
      co_return p;
    }
    void do_twice(int& n) { n *= 2; }
  } m;
  stage on;
  on.start(m);
  int n = 21;
  on.run([&]() -> task<> {
    EXPECT_EQ(*co_await m.next(std::make_unique<int>(41)), 42);
    co_await m.twice(n);
  });
  EXPECT_EQ(n, 42);
}

struct clerk : module {
  op<int(int)> early{this, &clerk::do_early};
  op<void()> kept{this, &clerk::do_kept};
  op<int(int)> passed{this, &clerk::do_passed};
  op<int(int)> target{this, &clerk::do_target};
  op<void()> go_on{this};
  std::vector<call<void()>> waiting;
  bool over = false;

  task<> do_early(call<int(int)>& c, int n) {
    c.reply(n + 1);
    co_await receive(go_on);
    over = true;
  }
  void do_kept(call<void()> c) { waiting.push_back(std::move(c)); }
  void do_passed(call<int(int)>& c, int n) { c.forward(target, n * 10); }
  int do_target(int n) { return n; }
};

TEST(RuleS6, AProcThatTakesTheCallRepliesEarlyOrLater) {
  clerk c;
  stage on;
  on.start(c);
  bool released = false;
  on.run([&]() -> task<> {
    EXPECT_EQ(co_await c.early(1), 2);
    EXPECT_FALSE(c.over);
    co_await c.kept();
    released = true;
  });
  EXPECT_FALSE(released);
  c.waiting.front().reply();
  c.go_on.send();
  on.play();
  EXPECT_TRUE(released);
  EXPECT_TRUE(c.over);
}

TEST(RuleS7, ACallIsForwardedToAProc) {
  clerk c;
  stage on;
  on.start(c);
  int seen = 0;
  on.run([&]() -> task<> { seen = co_await c.passed(4); });
  EXPECT_EQ(seen, 40);
}

struct outsider : outside_call<std::string(std::string)> {
  outsider(op<std::string(std::string)>& of, std::string what)
      : outside_call{of, std::move(what)} {}
  void ended() noexcept override { over = true; }
  using outside_call::result;
  bool over = false;
};

TEST(RuleI1, ACallFromOutsideTheProgramRunsAProcToo) {
  desk d;
  stage on;
  on.start(d);
  outsider sound{d.look_up, "x"};
  outsider faulty{d.look_up, ""};
  outsider running{d.ask, "y"};
  ASSERT_EQ(sound.arrive(), errc{});
  ASSERT_EQ(faulty.arrive(), errc{});
  ASSERT_EQ(running.arrive(), errc{});
  on.play();
  EXPECT_EQ(sound.result(), "x?");
  EXPECT_THROW(faulty.result(), std::invalid_argument);
  running.give_up(errc::not_taken);
  EXPECT_FALSE(running.over);
  d.door.send();
  on.play();
  EXPECT_EQ(running.result(), "answer to y");
  d.close();
  outsider late{d.look_up, "z"};
  EXPECT_EQ(late.arrive(), errc::op_closed);
}

}  // namespace
}  // namespace tryst
