// How procs are run: rules I5, I6, F1, M2 and M4 for procs.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rendezvous/desk.hpp"
#include "rendezvous/stage.hpp"
#include "support/allocation_meter.hpp"

namespace tryst {
namespace {

using rendezvous_test::desk;
using rendezvous_test::stage;
using strings = std::vector<std::string>;

TEST(RuleI5, ACallOnTheModulesLoopHasNoQueueAndNoProcess) {
  struct adder : module {
    op<int(int)> plain{this, &adder::do_plain};
    op<int(int)> coroutine{this, &adder::do_coroutine};
    int do_plain(int n) { return n + 1; }
    task<int> do_coroutine(int n) { co_return n + 1; }
  } m;
  stage on;
  on.start(m);
  on.run([&]() -> task<> {
    int n = co_await m.coroutine(0);  // the frame pool has one of its size now
    const test::allocation_meter meter;
    for (int i = 0; i < 100; ++i) n = co_await m.coroutine(co_await m.plain(n));
    EXPECT_EQ(meter.peak(), 0U);
    EXPECT_EQ(n, 201);
  });
}

TEST(RuleI5, AMillionCallsTakeNoStack) {
  desk d;
  stage on;
  on.start(d);
  on.run([&]() -> task<> {
    for (int i = 0; i < 1'000'000; ++i) co_await d.count(1);
  });
  EXPECT_EQ(d.counted, 1'000'000);
}

TEST(RuleI6, BeyondMaxActiveInvocationsQueue) {
  struct bounded : desk {
    op<std::string(std::string)> two{this, &desk::do_ask, {.max_active = 2}};
  } d;
  stage on;
  on.start(d);
  for (const char* who : {"a", "b", "c", "d"}) d.two.send(who);
  on.play();
  EXPECT_EQ(d.two.pending(), 2U);
  std::optional<std::string> answer;
  on.run([&]() -> task<> { answer = co_await d.two("e"); });
  EXPECT_EQ(d.two.pending(), 3U);
  for (int i = 0; i < 5; ++i) d.door.send();
  on.play();
  EXPECT_EQ(answer, "answer to e");
  EXPECT_EQ(d.most_at_once, 2);
  EXPECT_EQ(d.seen.back(), "asked e");
}

TEST(RuleF1, AConditionalCallOfAProcBeginsNowOrNotAtAll) {
  struct single : desk {
    op<std::string(std::string)> one{this, &desk::do_ask, {.max_active = 1}};
  } d;
  stage on;
  std::optional<std::string> answer{"none yet"};
  on.run([&]() -> task<> { answer = co_await d.one.try_call("before start"); });
  EXPECT_EQ(answer, std::nullopt);
  on.start(d);
  on.begin([&]() -> task<> { answer = co_await d.one.try_call("first"); });
  on.run([&]() -> task<> { EXPECT_EQ(co_await d.one.try_call("second"), std::nullopt); });
  d.door.send();
  on.play();
  EXPECT_EQ(answer, "answer to first");
}

TEST(RuleM2, ProcsRunWhenTheModuleHasStarted) {
  desk d;
  stage on;
  d.note.send("sent before");
  std::optional<std::string> answer;
  on.run([&]() -> task<> { answer = co_await d.look_up("before"); });
  EXPECT_EQ(answer, std::nullopt);
  EXPECT_EQ(d.note.pending(), 1U);
  on.start(d);
  EXPECT_EQ(answer, "before?");
  EXPECT_EQ(d.seen, strings{"sent before"});
  EXPECT_EQ(d.note.pending(), 0U);
}

template <class Op, class... A>
task<errc> ended_by(Op& operation, A... arguments) {
  try {
    co_await operation(arguments...);
  } catch (const call_error& error) {
    EXPECT_EQ(error.code(), errc::op_closed);
    co_return errc::op_closed;
  }
  co_return errc{};
}

TEST(RuleM4, ClosingRefusesWhatQueuesForAProcAndFinishesWhatRuns) {
  struct single : desk {
    op<std::string(std::string)> one{this, &desk::do_ask, {.max_active = 1}};
    op<void()> other_door{this};
    op<void(std::string)> patient{this, &single::do_patient};
    task<> do_patient(std::string what) {
      try {
        co_await receive(other_door);
      } catch (const call_error&) {
        seen.push_back("cleared up " + what);
      }
    }
  } d;
  stage on;
  on.start(d);
  std::optional<errc> running;
  std::optional<errc> queued;
  std::optional<errc> late;
  on.run([&]() -> task<> { running = co_await ended_by(d.patient, "a"); });
  d.one.send("b");
  on.run([&]() -> task<> { queued = co_await ended_by(d.one, "c"); });
  EXPECT_EQ(queued, std::nullopt);
  d.close();
  on.play();
  on.run([&]() -> task<> { late = co_await ended_by(d.note, "d"); });
  EXPECT_EQ(running, errc{});
  EXPECT_EQ(queued, errc::op_closed);
  EXPECT_EQ(late, errc::op_closed);
  EXPECT_THROW(d.note.send("e"), call_error);
  EXPECT_EQ(d.one.pending(), 0U);
  d.join();
  EXPECT_EQ(d.seen, (strings{"asked b", "cleared up a"}));
}

TEST(RuleM4, SendsThatWaitForTheStartAreFreedByClosing) {
  const auto witness = std::make_shared<int>(0);
  struct box : module {
    op<void(std::shared_ptr<int>)> put{this, &box::do_put};
    void do_put(const std::shared_ptr<int>&) {}
  } b;
  for (int i = 0; i < 3; ++i) b.put.send(witness);
  EXPECT_EQ(witness.use_count(), 4);
  b.close();
  EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace tryst
