// What bodies do: coroutines, early and deferred replies, forwarding, nesting, failure (rules S6 to
// S8, S13, F3).
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;
using strings = std::vector<std::string>;

struct office : module {
  op<std::string(std::string)> ask{this};
  op<std::string(int)> ask_by_number{this};
  op<void()> acquire{this};
  op<void()> release{this};
};

/// The text of what awaiting `awaitable` throws, or its result.
template <class Awaitable>
task<std::string> outcome_of(Awaitable& awaitable) {
  try {
    co_return co_await awaitable;
  } catch (const call_error& error) {
    co_return error.code().message();
  } catch (const std::exception& error) {
    co_return error.what();
  }
}

TEST(RuleS6, AnEarlyReplyReleasesTheCallerAndTheBodyGoesOn) {
  office o;
  stage on;
  strings seen;
  on.begin([&]() -> task<> {
    co_await in(accept(o.ask) >> [&](call<std::string(std::string)>& c, std::string s) -> task<> {
      c.reply(s + "!");
      co_await receive(o.release);
      seen.push_back("body over with " + s);
    });
  });
  on.run([&]() -> task<> { seen.push_back(co_await o.ask("early")); });
  EXPECT_EQ(seen, (strings{"early!"}));
  o.release.send();
  on.play();
  EXPECT_EQ(seen, (strings{"early!", "body over with early"}));
}

TEST(RuleS6, ASecondReplyIsAnError) {
  office o;
  stage on;
  bool thrown = false;
  on.begin([&]() -> task<> {
    co_await in(accept(o.ask) >> [&](call<std::string(std::string)>& c, const std::string&) {
      c.reply("once");
      try {
        c.reply("twice");
      } catch (const already_answered&) {
        thrown = true;
      }
    });
  });
  std::string answer;
  on.run([&]() -> task<> { answer = co_await o.ask("?"); });
  EXPECT_EQ(answer, "once");
  EXPECT_TRUE(thrown);
}

TEST(RuleS6, ACallMayBeKeptAndAnsweredLaterBySomebodyElse) {
  office o;
  stage on;
  std::vector<call<void()>> waiting;
  int granted = 0;
  on.begin([&]() -> task<> {
    for (int i = 0; i < 2; ++i) {
      co_await in(accept(o.acquire) >> [&](call<void()> c) { waiting.push_back(std::move(c)); });
    }
  });
  for (int i = 0; i < 2; ++i) {
    on.run([&]() -> task<> {
      co_await o.acquire();
      ++granted;
    });
  }
  EXPECT_EQ(granted, 0);
  ASSERT_EQ(waiting.size(), 2U);
  waiting[1].reply();
  on.play();
  EXPECT_EQ(granted, 1);
  waiting[0].reply();
  on.play();
  EXPECT_EQ(granted, 2);
}

TEST(RuleS6, ACallThatIsDestroyedUnansweredIsBroken) {
  office o;
  stage on;
  std::string outcome;
  on.begin([&]() -> task<> {
    co_await in(accept(o.ask) >> [](call<std::string(std::string)>, const std::string&) {});
  });
  on.run([&]() -> task<> {
    auto asked = o.ask("?");
    outcome = co_await outcome_of(asked);
  });
  EXPECT_EQ(outcome, make_error_code(errc::broken_call).message());
}

TEST(RuleS6, ABodyWithoutResultRepliesByItsEnd) {
  office o;
  stage on;
  bool over = false;
  on.begin([&]() -> task<> { co_await in(accept(o.acquire) >> [](call<void()>&) {}); });
  on.run([&]() -> task<> {
    co_await o.acquire();
    over = true;
  });
  EXPECT_TRUE(over);
}

TEST(RuleS7, ForwardHandsTheDutyToReplyToAnotherOperation) {
  office o;
  stage on;
  strings seen;
  on.begin([&]() -> task<> {
    co_await in(accept(o.ask) >> [&](call<std::string(std::string)>& c, std::string s) {
      c.forward(o.ask_by_number, static_cast<int>(s.size()));
      seen.push_back("forwarder over");
    });
    co_await in(accept(o.ask_by_number) >> [](int n) { return std::to_string(n); });
  });
  on.run([&]() -> task<> { seen.push_back(co_await o.ask("four")); });
  EXPECT_EQ(seen, (strings{"forwarder over", "4"}));
}

TEST(RuleS7, AForwardedCallStandsBehindWhatIsQueued) {
  office o;
  stage on;
  std::vector<int> seen;
  on.begin([&]() -> task<> { co_await o.ask_by_number(1); });
  on.begin([&]() -> task<> { co_await o.ask("forwarded"); });
  on.play();
  on.run([&]() -> task<> {
    co_await in(accept(o.ask) >> [&](call<std::string(std::string)>& c, const std::string&) {
      c.forward(o.ask_by_number, 2);
    });
    for (int i = 0; i < 2; ++i) {
      co_await in(accept(o.ask_by_number) >> [&](int n) {
        seen.push_back(n);
        return std::string{};
      });
    }
  });
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

TEST(RuleS8, ABodyMayExecuteAnotherStatementAndHoldTwoCallersAtOnce) {
  office o;
  stage on;
  strings seen;
  on.begin([&]() -> task<> {
    co_await in(accept(o.ask) >> [&](std::string mine) -> task<std::string> {
      std::string yours;
      co_await in(accept(o.ask) >> [&](std::string s) {
        yours = s;
        return mine;
      });
      co_return yours;
    });
  });
  for (const char* word : {"left", "right"}) {
    on.run([&, word]() -> task<> { seen.push_back(word + (" got " + co_await o.ask(word))); });
  }
  EXPECT_EQ(seen, (strings{"right got left", "left got right"}));
}

TEST(RuleS13, AFailureOfTheBodyReachesTheCallerAndTheServicer) {
  office o;
  stage on;
  std::string at_servicer;
  std::string at_caller;
  const auto serve = [&](auto body) {
    return [&, body]() -> task<> {
      try {
        co_await in(accept(o.ask) >> body);
      } catch (const std::exception& error) {
        at_servicer = error.what();
      }
    };
  };
  const auto ask = [&]() -> task<> {
    auto asked = o.ask("?");
    at_caller = co_await outcome_of(asked);
  };
  on.run(serve([](const std::string&) -> std::string { throw std::runtime_error{"plain"}; }));
  on.run(ask);
  EXPECT_EQ(at_servicer, "plain");
  EXPECT_EQ(at_caller, "plain");
  on.run(serve([](const std::string&) -> task<std::string> {
    throw std::runtime_error{"coroutine"};
    co_return "";
  }));
  on.run(ask);
  EXPECT_EQ(at_servicer, "coroutine");
  EXPECT_EQ(at_caller, "coroutine");
  on.run(serve([](call<std::string(std::string)>&, const std::string&) {
    throw std::runtime_error{"with the call"};
  }));
  on.run(ask);
  EXPECT_EQ(at_servicer, "with the call");
  EXPECT_EQ(at_caller, "with the call");
}

TEST(RuleS13, AnArmForTheCallerOnlyKeepsTheFailureFromTheServicer) {
  office o;
  stage on;
  strings outcomes;
  on.begin([&]() -> task<> {
    for (int i = 0; i < 2; ++i) {
      co_await in(accept(o.ask).caller_only() >> [](std::string s) {
        if (s == "bad") throw std::runtime_error{"refused"};
        return s;
      });
    }
  });
  on.run([&]() -> task<> {
    for (const char* word : {"bad", "good"}) {
      auto asked = o.ask(word);
      outcomes.push_back(co_await outcome_of(asked));
    }
  });
  EXPECT_EQ(outcomes, (strings{"refused", "good"}));
}

}  // namespace
}  // namespace tryst
