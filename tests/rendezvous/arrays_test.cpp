// Arrays of operations (rule S10).
#include <tryst/rendezvous/op_array.hpp>

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;
using strings = std::vector<std::string>;

struct table : module {
  op_array<std::string(int)> seat{this, 4};
  op<std::string(int)> door{this};
  std::array<bool, 4> busy{};
  strings served;

  std::string serve(std::size_t i, int who) {
    served.push_back(std::to_string(i) + ":" + std::to_string(who));
    return served.back();
  }
};

TEST(RuleS10, AnElementIsInvokedAndServicedLikeAnOperation) {
  table t;
  stage on{t};
  std::string got;
  on.run([&]() -> task<> { got = co_await t.seat[2](7); });
  t.seat[1].send(8);
  EXPECT_EQ(t.seat[2].pending(), 1U);
  EXPECT_EQ(t.seat[1].pending(), 1U);
  EXPECT_EQ(t.seat[0].pending(), 0U);
  EXPECT_EQ(t.seat.pending(), 2U);
  on.run([&]() -> task<> {
    co_await in(accept(t.seat[2]) >> [&](int who) { return t.serve(2, who); });
  });
  EXPECT_EQ(got, "2:7");
  EXPECT_EQ(t.seat[2].pending(), 0U);
  EXPECT_EQ(t.seat.pending(), 1U);
}

TEST(RuleS10, AnArmOverAllElementsGetsTheIndexFirst) {
  table t;
  stage on{t};
  strings got(2);
  on.run([&]() -> task<> { got[0] = co_await t.seat[3](1); });
  on.run([&]() -> task<> { got[1] = co_await t.seat[0](2); });
  on.run([&]() -> task<> {
    for (int n = 0; n < 2; ++n) {
      co_await in(accept(each(t.seat)) >> [&](std::size_t i, int who) { return t.serve(i, who); });
    }
  });
  EXPECT_EQ(got, (strings{"3:1", "0:2"}));
}

TEST(RuleS10, TheOldestOfTheWholeArrayIsTakenFirst) {
  table t;
  stage on{t};
  t.seat[3].send(1);
  t.door.send(2);
  t.seat[0].send(3);
  t.seat[3].send(4);
  on.run([&]() -> task<> {
    for (int n = 0; n < 4; ++n) {
      co_await in(
          accept(each(t.seat)) >> [&](int i, int who) { return t.serve(i, who); },
          accept(t.door) >> [&](int who) { return t.serve(9, who); });
    }
  });
  EXPECT_EQ(t.served, (strings{"3:1", "9:2", "0:3", "3:4"}));
}

TEST(RuleS10, GuardsSeeTheIndexAndTheArguments) {
  table t;
  stage on{t};
  t.busy[1] = true;
  t.seat[1].send(1);
  t.seat[2].send(2);
  t.seat[3].send(30);
  t.seat[3].send(3);
  on.begin([&]() -> task<> {
    for (int n = 0; n < 3; ++n) {
      co_await in(accept(each(t.seat))
                      .when([&](std::size_t i) { return !t.busy[i]; })
                      .such_that([&](std::size_t, int who) { return who < 10; }) >>
                  [&](std::size_t i, int who) { return t.serve(i, who); });
    }
  });
  on.play();
  EXPECT_EQ(t.served, (strings{"2:2", "3:3"}));
  t.busy[1] = false;
  t.reconsider();
  on.play();
  EXPECT_EQ(t.served.back(), "1:1");
  EXPECT_EQ(t.seat.pending(), 1U);
}

TEST(RuleS10, TheLeastKeyOfTheWholeArrayIsTaken) {
  table t;
  stage on{t};
  t.seat[3].send(1);
  t.seat[1].send(5);
  t.seat[0].send(9);
  t.seat[1].send(2);
  on.run([&]() -> task<> {
    for (int n = 0; n < 4; ++n) {
      co_await in(accept(each(t.seat)).by([](std::size_t i, int) { return i; }) >>
                  [&](std::size_t i, int who) { return t.serve(i, who); });
    }
  });
  EXPECT_EQ(t.served, (strings{"0:9", "1:5", "1:2", "3:1"}));
}

TEST(RuleS10, OfAnArmForOneElementAndOneForAllTheFirstInTheTextIsTried) {
  table t;
  stage on{t};
  t.seat[0].send(1);
  t.seat[1].send(2);
  on.run([&]() -> task<> {
    for (int n = 0; n < 2; ++n) {
      co_await in(
          accept(t.seat[1]) >> [&](int who) { return t.serve(100, who); },
          accept(each(t.seat)) >> [&](int i, int who) { return t.serve(i, who); });
    }
  });
  EXPECT_EQ(t.served, (strings{"0:1", "100:2"}));
}

TEST(RuleS10, AnArrivalWakesTheServicerOfItsElementOnly) {
  table t;
  stage on{t};
  for (const std::size_t i : {0U, 1U, 2U}) {
    on.begin([&t, i]() -> task<> {
      co_await in(accept(t.seat[i]) >> [&](int who) { return t.serve(i, who); });
    });
  }
  on.play();
  t.seat[2].send(5);
  on.play();
  t.seat[0].send(6);
  on.play();
  EXPECT_EQ(t.served, (strings{"2:5", "0:6"}));
}

TEST(RuleS10, ABodyMayTakeTheCallTheIndexAndTheArgumentsAndWait) {
  table t;
  stage on{t};
  strings got(3);
  for (const std::size_t i : {0U, 1U, 2U}) {
    on.begin([&, i]() -> task<> { got[i] = co_await t.seat[i](10); });
  }
  on.play();
  std::vector<call<std::string(int)>> kept;
  on.run([&]() -> task<> {
    co_await in(accept(each(t.seat)) >> [&](call<std::string(int)>& c, std::size_t i, int who) {
      c.reply(t.serve(i, who));
    });
    co_await in(accept(each(t.seat)) >>
                [&](call<std::string(int)> c, std::size_t, int) { kept.push_back(std::move(c)); });
    co_await in(accept(each(t.seat)) >> [&](std::size_t i, int who) -> task<std::string> {
      co_await in(accept(t.door) >> [&](int n) { return std::to_string(n); });
      co_return t.serve(i, who);
    });
  });
  EXPECT_EQ(got, (strings{"0:10", "", ""}));
  t.door.send(1);
  kept.front().reply("late");
  on.play();
  EXPECT_EQ(got, (strings{"0:10", "late", "2:10"}));
}

TEST(RuleS10, AnElementHasCapabilitiesAndLimits) {
  table t;
  stage on{t};
  const cap<std::string(int)> second = t.seat[1];
  EXPECT_TRUE(second == cap<std::string(int)>{t.seat[1]});
  EXPECT_FALSE(second == cap<std::string(int)>{t.seat[0]});
  std::error_code why;
  on.run([&]() -> task<> {
    auto got = co_await t.seat[1].call_for(std::chrono::milliseconds{10}, 1);
    why = got.error();
  });
  on.advance(std::chrono::seconds{1});
  EXPECT_EQ(why, errc::not_taken);
  EXPECT_EQ(t.seat.pending(), 0U);
}

TEST(RuleS10, TheEndOfAnArrayRefusesWhatItsOperationsHaveQueued) {
  table t;
  stage on{t};
  auto own = std::make_unique<op_array<void(int)>>(&t, 3);
  int refused = 0;
  for (const std::size_t i : {2U, 0U, 2U}) {
    on.run([&, i]() -> task<> {
      try {
        co_await (*own)[i](1);
      } catch (const call_error&) {
        ++refused;
      }
    });
  }
  EXPECT_EQ(own->pending(), 3U);
  own.reset();
  on.play();
  EXPECT_EQ(refused, 3);
}

}  // namespace
}  // namespace tryst
