// Callers who are neither coroutines nor threads of the program.
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <thread>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/outside_call.hpp>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;

struct desk : module {
  op<int(int)> ask{this};
  op<int(int)> other{this};
};

/// Keeps how it ended.
class asked final : public outside_call<int(int)> {
public:
  asked(op<int(int)>& of, int value) : outside_call{of, value} {}

  std::string told;
  bool undo_it() { return undo(); }
  std::stop_source nobody_waits;

private:
  void ended() noexcept override {
    try {
      told = ended_by(errc::cancelled) ? "cancelled" : std::to_string(result());
    } catch (const std::exception& e) {
      told = e.what();
    }
  }
  std::stop_token stop_token() const override { return nobody_waits.get_token(); }
};

TEST(RuleF2, AnOutsideCallIsTakenBackWhileItIsQueuedAndNotLater) {
  desk d;
  stage s;
  asked one{d.ask, 1};
  asked two{d.ask, 2};
  EXPECT_EQ(one.arrive(), errc{});
  EXPECT_EQ(two.arrive(), errc{});
  one.give_up(errc::cancelled);
  EXPECT_EQ(one.told, "cancelled");
  EXPECT_EQ(d.ask.pending(), 1U);
  std::optional<call<int(int)>> kept;
  s.start(d, [](desk& of, std::optional<call<int(int)>>& keep) -> task<> {
    co_await in(accept(of.ask) >> [&](call<int(int)> c, int) { keep.emplace(std::move(c)); });
  }(d, kept));
  two.give_up(errc::cancelled);
  EXPECT_EQ(two.told, "");
  kept->reply(5);
  EXPECT_EQ(two.told, "5");
}

TEST(RuleF2, AnOutsideCallThatItsModuleRefusesIsNotTakenBackToo) {
  std::optional<desk> d{std::in_place};
  asked one{d->ask, 1};
  asked two{d->other, 2};
  EXPECT_EQ(one.arrive(), errc{});
  EXPECT_EQ(two.arrive(), errc{});
  d->close();
  EXPECT_EQ(one.told, two.told);
  one.give_up(errc::cancelled);
  EXPECT_NE(one.told, "cancelled");
  EXPECT_EQ(d->ask.pending(), 0U);
  asked three{d->ask, 3};
  EXPECT_EQ(three.arrive(), errc::op_closed);
}

TEST(RuleS13, WhatAnOutsideCallMakesGuardsKeysAndBodiesThrowDoesNotLeaveTheStatement) {
  desk d;
  stage s;
  asked guard{d.ask, 1};
  asked key{d.ask, 2};
  asked body{d.ask, 3};
  asked good{d.ask, 4};
  for (asked* each : {&guard, &key, &body, &good}) EXPECT_EQ(each->arrive(), errc{});
  s.start(d, [](desk& of) -> task<> {
    const auto must_not_be = [](int n, int bad, const char* who) {
      if (n == bad) throw std::runtime_error{who};
      return n;
    };
    for (;;) {
      co_await in(accept(of.ask)
                      .such_that([&](int n) { return must_not_be(n, 1, "guard") > 0; })
                      .by([&](int n) { return must_not_be(n, 2, "key"); }) >>
                  [&](int n) { return must_not_be(n, 3, "body"); });
    }
  }(d));
  EXPECT_EQ(guard.told, "guard");
  EXPECT_EQ(key.told, "key");
  EXPECT_EQ(body.told, "body");
  EXPECT_EQ(good.told, "4");
}

TEST(RuleS7, AForwardedCallIsOneFromOutsideStill) {
  desk d;
  stage s;
  asked one{d.ask, 1};
  EXPECT_EQ(one.arrive(), errc{});
  s.start(d, [](desk& of) -> task<> {
    for (;;) {
      co_await in(
          accept(of.ask) >> [&](call<int(int)>& c, int n) { c.forward(of.other, n); },
          accept(of.other) >> [](int) -> int { throw std::runtime_error{"other"}; });
    }
  }(d));
  EXPECT_EQ(one.told, "other");
  asked two{d.other, 2};
  EXPECT_EQ(two.arrive(), errc{});
  s.play();
  EXPECT_EQ(two.told, "other");
}

TEST(RuleF2, ABodySeesThatNobodyWaitsAndSaysHowItsGrantIsUndone) {
  desk d;
  stage s;
  asked one{d.ask, 1};
  EXPECT_EQ(one.arrive(), errc{});
  bool undone = false;
  bool saw = false;
  s.start(d, [](desk& of, bool& undo, bool& seen, std::stop_source source) -> task<> {
    co_await in(accept(of.ask) >> [&](call<int(int)>& c, int n) {
      c.on_undelivered([&undo] { undo = true; });
      source.request_stop();
      seen = c.stop_token().stop_requested();
      c.reply(n);
    });
  }(d, undone, saw, one.nobody_waits));
  EXPECT_EQ(one.told, "1");
  EXPECT_TRUE(saw);
  EXPECT_FALSE(undone);
  EXPECT_TRUE(one.undo_it());
  EXPECT_TRUE(undone);
  EXPECT_FALSE(one.undo_it());
}

}  // namespace
}  // namespace tryst
