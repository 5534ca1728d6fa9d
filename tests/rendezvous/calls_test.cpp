// Invocation: call, send and the conditional call (rules I1 to I4, S3, S11, S12, F1).
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;
using strings = std::vector<std::string>;

struct counter : module {
  op<void(int)> add{this};
  op<int()> total{this};

  task<> server() {
    int sum = 0;
    for (;;) {
      co_await in(accept(add) >> [&](int n) { sum += n; }, accept(total) >> [&] { return sum; });
    }
  }
};

TEST(RuleI1, AnOperationIsCalledOrSentAndDoesNotKnowWhich) {
  counter c;
  stage on{c};
  on.start(c, c.server());
  int total = 0;
  on.run([&]() -> task<> {
    c.add.send(1);
    co_await c.add(2);
    total = co_await c.total();
  });
  EXPECT_EQ(total, 3);
}

struct log_book : module {
  op<void(std::string)> write{this};
  op<void(std::string)> urgent{this};
  op<std::string(std::string)> echo{this};
};

TEST(RuleM2, WhatComesBeforeTheProcessesIsQueuedAndNotRefused) {
  counter c;
  stage on;
  c.add.send(4);
  int total = 0;
  on.run([&]() -> task<> { total = co_await c.total(); });
  EXPECT_EQ(total, 0);
  on.start(c, c.server());
  EXPECT_EQ(total, 4);
}

TEST(RuleI2, ACallEndsWithTheBodyAndASendWhenItIsQueued) {
  log_book book;
  stage on{book};
  strings seen;
  on.run([&]() -> task<> {
    book.write.send("sent");
    seen.push_back("send over");
    co_await book.write("called");
    seen.push_back("call over");
  });
  on.run([&]() -> task<> {
    for (int i = 0; i < 2; ++i) {
      co_await in(accept(book.write) >> [&](std::string s) { seen.push_back(s); });
    }
  });
  EXPECT_EQ(seen, (strings{"send over", "sent", "called", "call over"}));
}

TEST(RuleI3, InvocationsOfOneProcessAreServicedInTheOrderIssued) {
  log_book book;
  stage on;
  strings seen;
  for (const char* text : {"a", "b", "c"}) book.write.send(text);
  on.run([&]() -> task<> {
    for (int i = 0; i < 3; ++i) {
      auto [text] = co_await receive(book.write);
      seen.push_back(text);
    }
  });
  EXPECT_EQ(seen, (strings{"a", "b", "c"}));
}

TEST(RuleS3, TheOldestInvocationIsTakenWhateverItsOperation) {
  log_book book;
  stage on;
  strings seen;
  book.urgent.send("first");
  book.write.send("second");
  book.urgent.send("third");
  on.run([&]() -> task<> {
    for (int i = 0; i < 3; ++i) {
      co_await in(
          accept(book.write) >> [&](const std::string& s) { seen.push_back(s); },
          accept(book.urgent) >> [&](const std::string& s) { seen.push_back(s); });
    }
  });
  EXPECT_EQ(seen, (strings{"first", "second", "third"}));
}

TEST(RuleS3, InOrderTakesTheFirstArmOfTheTextThatHasAnInvocation) {
  log_book book;
  stage on;
  strings seen;
  book.write.send("old");
  book.urgent.send("urgent");
  on.run([&]() -> task<> {
    for (int i = 0; i < 2; ++i) {
      co_await in_order(
          accept(book.urgent) >> [&](const std::string& s) { seen.push_back(s); },
          accept(book.write) >> [&](const std::string& s) { seen.push_back(s); });
    }
  });
  EXPECT_EQ(seen, (strings{"urgent", "old"}));
}

TEST(RuleI4, ArgumentsAndResultsAreMoved) {
  struct mover : module {
    op<std::unique_ptr<int>(std::unique_ptr<int>)> next{this};
  } m;
  stage on;
  on.begin([&]() -> task<> {
    co_await in(accept(m.next) >> [](std::unique_ptr<int> p) {
      ++*p;
      return p;
    });
  });
  int seen = 0;
  on.run([&]() -> task<> { seen = *co_await m.next(std::make_unique<int>(41)); });
  EXPECT_EQ(seen, 42);
}

TEST(RuleI4, AReferenceParameterIsTheCallersOwnVariable) {
  struct doubler : module {
    op<void(int&)> twice{this};
  } m;
  stage on;
  on.begin([&]() -> task<> { co_await in(accept(m.twice) >> [](int& n) { n *= 2; }); });
  int n = 21;
  on.run([&]() -> task<> { co_await m.twice(n); });
  EXPECT_EQ(n, 42);
}

TEST(RuleI4, TemporariesInACallAreDestroyedOnce) {
  log_book book;
  stage on;
  auto shared = std::make_shared<int>(0);
  struct holder : module {
    op<void(std::shared_ptr<int>)> hold{this};
  } m;
  on.begin([&]() -> task<> {
    for (int i = 0; i < 2; ++i) {
      co_await in(accept(m.hold) >> [&](const std::shared_ptr<int>& p) {
        EXPECT_EQ(p.use_count(), 2);
        ++*p;
      });
    }
  });
  on.run([&]() -> task<> {
    co_await m.hold(std::shared_ptr<int>{shared});
    co_await m.hold(shared);
  });
  EXPECT_EQ(*shared, 2);
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(RuleS11, PendingCountsWhatIsQueuedAndNotTaken) {
  log_book book;
  stage on;
  EXPECT_EQ(book.write.pending(), 0U);
  book.write.send("a");
  book.write.send("b");
  book.urgent.send("c");
  EXPECT_EQ(book.write.pending(), 2U);
  on.run([&]() -> task<> { co_await receive(book.write); });
  EXPECT_EQ(book.write.pending(), 1U);
  EXPECT_EQ(book.urgent.pending(), 1U);
}

TEST(RuleS12, ReceiveTakesTheArgumentsAndReleasesTheCaller) {
  struct parcel_service : module {
    op<void(int, std::string)> parcel{this};
  } m;
  stage on;
  bool over = false;
  on.begin([&]() -> task<> {
    co_await m.parcel(7, "seven");
    over = true;
  });
  on.run([&]() -> task<> {
    const auto [number, text] = co_await receive(m.parcel);
    EXPECT_EQ(number, 7);
    EXPECT_EQ(text, "seven");
  });
  EXPECT_TRUE(over);
}

TEST(RuleF1, AConditionalCallIsTakenNowOrNotAtAll) {
  log_book book;
  stage on;
  std::optional<std::string> first;
  std::optional<std::string> second;
  on.run([&]() -> task<> { first = co_await book.echo.try_call("nobody"); });
  EXPECT_EQ(first, std::nullopt);
  EXPECT_EQ(book.echo.pending(), 0U);
  on.run([&]() -> task<> { co_await in(accept(book.echo) >> [](std::string s) { return s; }); });
  on.run([&]() -> task<> { second = co_await book.echo.try_call("somebody"); });
  EXPECT_EQ(second, "somebody");
}

TEST(RuleF1, AConditionalCallThatAllGuardsRefuseIsNotQueued) {
  log_book book;
  stage on;
  bool taken = true;
  on.begin([&]() -> task<> {
    co_await in(accept(book.write).such_that([](const std::string& s) { return s == "good"; }) >>
                [](const std::string&) {});
  });
  on.run([&]() -> task<> { taken = co_await book.write.try_call("bad"); });
  EXPECT_FALSE(taken);
  EXPECT_EQ(book.write.pending(), 0U);
  on.run([&]() -> task<> { taken = co_await book.write.try_call("good"); });
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace tryst
