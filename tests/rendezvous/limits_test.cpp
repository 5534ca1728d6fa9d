// Calls that give up while they are queued (rules F1, F2, F4).
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using namespace std::chrono_literals;
using rendezvous_test::stage;
using answer = std::expected<int, std::error_code>;

struct desk : module {
  op<int(int)> ask{this};
  op<void()> go_on{this};
};

// Answers `calls` calls, each of them only when somebody says go_on.
task<> serve(desk& d, int calls) {
  for (int i = 0; i < calls; ++i) {
    co_await in(accept(d.ask) >> [&](int n) -> task<int> {
      co_await receive(d.go_on);
      co_return 2 * n;
    });
  }
}

TEST(RuleF1, ATimedCallEndsWhenItIsStillQueuedAtItsTime) {
  desk d;
  stage on;
  std::optional<answer> got;
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, 1); });
  on.advance(40ms);
  EXPECT_FALSE(got);
  EXPECT_EQ(d.ask.pending(), 1U);
  on.advance(30ms);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::not_taken);
  EXPECT_EQ(got->error(), outcome::not_executed);
  EXPECT_EQ(got->error(), std::errc::timed_out);
  EXPECT_EQ(d.ask.pending(), 0U);
}

TEST(RuleF1, ATimedCallThatWasTakenIsWaitedForBeyondItsTime) {
  desk d;
  stage on;
  std::optional<answer> got;
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, 21); });
  on.run([&]() -> task<> { co_await serve(d, 1); });
  on.advance(10s);
  EXPECT_FALSE(got);
  d.go_on.send();
  on.play();
  EXPECT_TRUE(got && *got == 42);
}

TEST(RuleF1, ATimedCallOfAStatementThatWaitsNeedsNoTimer) {
  desk d;
  stage on{d};
  std::optional<answer> got;
  on.begin([&]() -> task<> { co_await serve(d, 1); });
  on.play();
  d.go_on.send();
  on.run([&]() -> task<> { got = co_await d.ask.call_until(on.home().now(), 21); });
  EXPECT_TRUE(got && *got == 42);
}

TEST(RuleF1, WhatGaveUpIsNotSeenByGuardsNorTaken) {
  desk d;
  stage on;
  std::vector<int> judged;
  on.run([&]() -> task<> { co_await d.ask.call_for(50ms, 1); });
  on.begin([&]() -> task<> { co_await d.ask(2); });
  on.advance(100ms);
  on.run([&]() -> task<> {
    co_await in(accept(d.ask).such_that([&](int n) {
      judged.push_back(n);
      return true;
    }) >> [](int n) { return n; });
  });
  EXPECT_EQ(judged, (std::vector<int>{2}));
}

TEST(RuleF1, ATimedCallGetsWhatTheBodyThrew) {
  desk d;
  stage on;
  bool thrown = false;
  on.begin([&]() -> task<> {
    co_await in(accept(d.ask).caller_only() >> [](int) -> int { throw std::runtime_error{"no"}; });
  });
  on.run([&]() -> task<> {
    try {
      co_await d.ask.call_for(1s, 1);
    } catch (const std::runtime_error&) {
      thrown = true;
    }
  });
  EXPECT_TRUE(thrown);
}

TEST(RuleF1, ATimedCallOfAClosedModuleSaysSo) {
  desk d;
  stage on;
  std::optional<answer> queued;
  std::optional<answer> late;
  on.run([&]() -> task<> { queued = co_await d.ask.call_for(1s, 1); });
  d.close();
  on.run([&]() -> task<> { late = co_await d.ask.call_for(1s, 1); });
  ASSERT_TRUE(queued && late);
  EXPECT_EQ(queued->error(), errc::op_closed);
  EXPECT_EQ(late->error(), errc::op_closed);
  on.advance(2s);
}

TEST(RuleF1, ATimedCallMayOutliveItsOperation) {
  desk d;
  stage on;
  auto own = std::make_unique<op<int(int)>>(&d);
  std::optional<answer> got;
  on.run([&]() -> task<> { got = co_await own->call_for(50ms, 1); });
  own.reset();
  on.advance(1s);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::op_closed);
}

TEST(RuleF2, ACallIsTakenBackWhenAStopIsRequestedWhileItIsQueued) {
  desk d;
  stage on;
  std::stop_source stop;
  std::optional<answer> got;
  on.run([&]() -> task<> { got = co_await d.ask.call_unless(stop.get_token(), 1); });
  EXPECT_FALSE(got);
  stop.request_stop();
  on.play();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::cancelled_unsent);
  EXPECT_EQ(d.ask.pending(), 0U);
  got.reset();
  on.run([&]() -> task<> { got = co_await d.ask.call_unless(stop.get_token(), 1); });
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::cancelled_unsent);
}

TEST(RuleF2, ACallThatWasTakenIsWaitedForThoughAStopIsRequested) {
  desk d;
  stage on;
  std::stop_source stop;
  std::optional<answer> got;
  on.run([&]() -> task<> { got = co_await d.ask.call_unless(stop.get_token(), 21); });
  on.run([&]() -> task<> { co_await serve(d, 1); });
  stop.request_stop();
  on.play();
  EXPECT_FALSE(got);
  d.go_on.send();
  on.play();
  EXPECT_TRUE(got && *got == 42);
}

// `select ... then abort` without a primitive: what is done meanwhile takes back the call.
TEST(RuleF4, WorkThatIsDoneFirstTakesBackACallThatIsStillQueued) {
  desk d;
  stage on{d};
  std::stop_source work_is_done;
  std::optional<answer> got;
  op<void()> work{&d};
  on.run([&]() -> task<> { got = co_await d.ask.call_unless(work_is_done.get_token(), 1); });
  on.run([&]() -> task<> {
    co_await receive(work);
    work_is_done.request_stop();
  });
  EXPECT_FALSE(got);
  work.send();
  on.play();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::cancelled_unsent);
  EXPECT_EQ(d.ask.pending(), 0U);
}

}  // namespace
}  // namespace tryst
