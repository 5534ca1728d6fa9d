// Guards and scheduling expressions: what is judged, when, and how often (rules S1, S2, S4, S5,
// S9, F6).
#include <gtest/gtest.h>

#include <stdexcept>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;
using numbers = std::vector<int>;

struct desk : module {
  op<void(int)> request{this};
  op<void(int)> control{this};
};

TEST(RuleS1, AGuardSeesTheArguments) {
  desk d;
  stage on;
  numbers seen;
  for (const int n : {1, 3, 4, 5, 6}) d.request.send(n);
  on.run([&]() -> task<> {
    for (int i = 0; i < 2; ++i) {
      co_await in(accept(d.request).such_that([](int n) { return n % 2 == 0; }) >>
                  [&](int n) { seen.push_back(n); });
    }
  });
  EXPECT_EQ(seen, (numbers{4, 6}));
  EXPECT_EQ(d.request.pending(), 3U);
}

TEST(RuleS1, OfTwoArmsForAnInvocationTheFirstInTheTextIsTried) {
  desk d;
  stage on{d};
  numbers small;
  numbers rest;
  for (const int n : {50, 1, 2}) d.request.send(n);
  on.run([&]() -> task<> {
    for (int i = 0; i < 3; ++i) {
      co_await in(
          accept(d.request).such_that([](int n) { return n < 10; }) >>
              [&](int n) { small.push_back(n); },
          accept(d.request) >> [&](int n) { rest.push_back(n); });
    }
  });
  EXPECT_EQ(small, (numbers{1, 2}));
  EXPECT_EQ(rest, (numbers{50}));
}

TEST(RuleS2, AValueIsJudgedOncePerExecution) {
  desk d;
  stage on;
  bool open = false;
  numbers seen;
  on.begin([&]() -> task<> {
    co_await in(
        accept(d.request).when(open) >> [&](int n) { seen.push_back(n); },
        accept(d.control) >> [&](int n) { seen.push_back(n); });
  });
  on.play();
  open = true;
  d.request.send(1);
  on.play();
  EXPECT_TRUE(seen.empty());
  d.control.send(2);
  on.play();
  EXPECT_EQ(seen, (numbers{2}));
}

TEST(RuleS2, WhatAStatementRefusedIsNotJudgedAgainWhenAnotherArrives) {
  desk d;
  stage on;
  int judged = 0;
  bool taken = false;
  on.begin([&]() -> task<> {
    co_await in(accept(d.request).such_that([&](int n) {
      ++judged;
      return n == 0;
    }) >> [&](int) { taken = true; });
  });
  on.play();
  for (int n = 1; n <= 100; ++n) {
    d.request.send(n);
    on.play();
  }
  EXPECT_EQ(judged, 100);
  d.request.send(0);
  on.play();
  EXPECT_TRUE(taken);
  EXPECT_EQ(judged, 101);
}

TEST(RuleS2, WhatArrivesTogetherIsJudgedOnce) {
  desk d;
  stage on;
  int judged = 0;
  on.begin([&]() -> task<> {
    co_await in(accept(d.request).such_that([&](int n) {
      ++judged;
      return n == 50;
    }) >> [](int) {});
  });
  on.play();
  for (int n = 1; n <= 100; ++n) d.request.send(n);
  on.play();
  EXPECT_EQ(judged, 50);
  EXPECT_EQ(d.request.pending(), 99U);
}

TEST(RuleS2, TheEndOfAnotherProcesssBodyMakesAWaitingStatementJudgeAgain) {
  desk d;
  stage on;
  int free = 0;
  numbers granted;
  on.begin([&]() -> task<> {
    co_await in(accept(d.request).such_that([&](int n) { return n <= free; }) >>
                [&](int n) { granted.push_back(n); });
  });
  d.request.send(5);
  on.play();
  EXPECT_TRUE(granted.empty());
  on.begin([&]() -> task<> { co_await in(accept(d.control) >> [&](int n) { free += n; }); });
  d.control.send(10);
  on.play();
  EXPECT_EQ(granted, (numbers{5}));
}

TEST(RuleS2, ReconsiderMakesAWaitingStatementJudgeAgain) {
  desk d;
  stage on;
  bool open = false;
  bool taken = false;
  on.begin([&]() -> task<> {
    co_await in(accept(d.request).when([&] { return open; }) >> [&](int) { taken = true; });
  });
  d.request.send(1);
  on.play();
  open = true;
  on.play();
  EXPECT_FALSE(taken);
  d.reconsider();
  on.play();
  EXPECT_TRUE(taken);
}

TEST(RuleS2, AGuardThatThrowsLeavesTheStatementAndTakesNothing) {
  desk d;
  stage on;
  bool thrown = false;
  d.request.send(1);
  on.run([&]() -> task<> {
    try {
      co_await in(accept(d.request).such_that([](int) -> bool {
        throw std::runtime_error{"no opinion"};
      }) >> [](int) {});
    } catch (const std::runtime_error&) {
      thrown = true;
    }
  });
  EXPECT_TRUE(thrown);
  EXPECT_EQ(d.request.pending(), 1U);
  on.run([&]() -> task<> { co_await receive(d.request); });
  EXPECT_EQ(d.request.pending(), 0U);
}

TEST(RuleS11, AGuardOverPendingIsAFunctionAndSeesLaterArrivals) {
  desk d;
  stage on;
  numbers seen;
  const auto serve = [&]() -> task<> {
    for (int i = 0; i < 3; ++i) {
      co_await in(
          accept(d.request).when([&] { return d.control.pending() == 0; }) >>
              [&](int n) { seen.push_back(n); },
          accept(d.control) >> [&](int n) { seen.push_back(n); });
    }
  };
  d.request.send(1);
  d.control.send(10);
  d.request.send(2);
  on.run(serve);
  EXPECT_EQ(seen, (numbers{10, 1, 2}));
}

TEST(RuleS4, TheLeastKeyOfTheOperationIsTakenAndOfEqualOnesTheOldest) {
  struct disk : module {
    op<void(int, int)> seek{this};
  } d;
  stage on;
  numbers seen;
  d.seek.send(30, 1);
  d.seek.send(10, 2);
  d.seek.send(20, 3);
  d.seek.send(10, 4);
  on.run([&]() -> task<> {
    for (int i = 0; i < 4; ++i) {
      co_await in(accept(d.seek).by([](int cylinder, int) { return cylinder; }) >>
                  [&](int, int number) { seen.push_back(number); });
    }
  });
  EXPECT_EQ(seen, (numbers{2, 4, 3, 1}));
}

TEST(RuleS4, TheKeyOfASingleCandidateIsNotAskedFor) {
  desk d;
  stage on;
  int asked = 0;
  const auto serve = [&]() -> task<> {
    co_await in(accept(d.request).by([&](int n) {
      ++asked;
      return n;
    }) >> [](int) {});
  };
  d.request.send(1);
  on.run(serve);
  EXPECT_EQ(asked, 0);
}

TEST(RuleS4, OnlyAcceptableInvocationsCompete) {
  desk d;
  stage on;
  numbers seen;
  for (const int n : {9, 1, 4, 6}) d.request.send(n);
  on.run([&]() -> task<> {
    co_await in(accept(d.request).such_that([](int n) { return n > 3; }).by([](int n) {
      return n;
    }) >> [&](int n) { seen.push_back(n); });
  });
  EXPECT_EQ(seen, (numbers{4}));
}

TEST(RuleS5, OtherwiseIsTakenWhenNothingIsAcceptableNow) {
  desk d;
  stage on;
  numbers seen;
  const auto poll = [&]() -> task<> {
    co_await in(
        accept(d.request).such_that([](int n) { return n > 0; }) >>
            [&](int n) { seen.push_back(n); },
        otherwise([&] { seen.push_back(0); }));
  };
  on.run(poll);
  d.request.send(-1);
  on.run(poll);
  d.request.send(1);
  on.run(poll);
  EXPECT_EQ(seen, (numbers{0, 0, 1}));
}

TEST(RuleS5, AStatementThatCanNeverGoOnThrows) {
  desk d;
  stage on;
  bool thrown = false;
  on.run([&]() -> task<> {
    try {
      co_await in(accept(d.request).when(false) >> [](int) {});
    } catch (const no_open_arm&) {
      thrown = true;
    }
  });
  EXPECT_TRUE(thrown);
}

TEST(RuleS9, EachInvocationGoesToOneOfSeveralServicersTheLongestWaitingFirst) {
  desk d;
  stage on{d};
  numbers servicers;
  const auto serve = [&](int who) {
    return [&, who]() -> task<> {
      co_await in(accept(d.request) >> [&](int) { servicers.push_back(who); });
    };
  };
  for (const int who : {1, 2, 3}) on.run(serve(who));
  d.request.send(0);
  d.request.send(0);
  on.play();
  EXPECT_EQ(servicers, (numbers{1, 2}));
}

TEST(RuleS9, AServicerThatRefusesPassesTheInvocationOn) {
  desk d;
  stage on{d};
  numbers judged;
  numbers servicers;
  const auto serve = [&](int who) {
    return [&, who]() -> task<> {
      co_await in(accept(d.request).such_that([&](int n) {
        judged.push_back(who);
        return n == who;
      }) >> [&](int) { servicers.push_back(who); });
    };
  };
  for (const int who : {1, 2, 3}) on.run(serve(who));
  d.request.send(2);
  on.play();
  EXPECT_EQ(servicers, (numbers{2}));
  EXPECT_EQ(judged, (numbers{1, 2}));
}

// There are no priorities of threads: urgency is an argument, and the servicer's to judge.
TEST(RuleF6, TheMoreUrgentOfTwoCallersIsServedFirstByBy) {
  desk d;
  stage on;
  numbers seen;
  for (const int urgency : {1, 9, 5}) d.request.send(urgency);
  on.run([&]() -> task<> {
    for (int i = 0; i < 3; ++i) {
      co_await in(accept(d.request).by([](int urgency) { return -urgency; }) >>
                  [&](int urgency) { seen.push_back(urgency); });
    }
  });
  EXPECT_EQ(seen, (numbers{9, 5, 1}));
}

// Executions of a statement whose guard looks at arguments only do not judge the same twice.
struct even_first : module {
  op<int(int)> ask{this};
  op<void()> odd_too{this};
  static inline int judged = 0;

  task<> server() {
    for (;;) {
      bool odd = false;
      co_await in(
          accept(ask).such_that(arguments_only([](int n) { return ++judged, n % 2 == 0; })) >>
              [](int n) { return n; },
          accept(odd_too) >> [&] { odd = true; });
      if (odd) co_await in(accept(ask) >> [](int n) { return n; });
    }
  }
};

TEST(RuleS2, WhatAGuardOverArgumentsOnlyHasRefusedIsNotJudgedAgain) {
  even_first e;
  stage on;
  for (int i = 0; i < 1000; ++i) e.ask.send(1);
  on.start(e, e.server());
  EXPECT_EQ(even_first::judged, 1000);
  on.run([&]() -> task<> {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(co_await e.ask(2 * i), 2 * i);
  });
  EXPECT_EQ(even_first::judged, 1010);
  EXPECT_EQ(e.ask.pending(), 1000U);
  // Another statement takes from what was refused, and the guard goes on where it was.
  on.run([&]() -> task<> {
    co_await e.odd_too();
    EXPECT_EQ(co_await e.ask(4), 4);
  });
  EXPECT_EQ(even_first::judged, 1011);
  EXPECT_EQ(e.ask.pending(), 999U);
}

}  // namespace
}  // namespace tryst
