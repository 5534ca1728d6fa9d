// Calls that are forwarded and requeued, and whose callers have limits (rules S7, F1, F2).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/op_array.hpp>
#include <tryst/rendezvous/outside_call.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using namespace std::chrono_literals;
using rendezvous_test::stage;
using words = std::expected<std::string, std::error_code>;
using ask_call = call<std::string(std::string)>;

struct desk : module {
  op<std::string(std::string)> ask{this};
  op<std::string(std::string)> later{this};
  op<std::string(std::string)> clerk{this, &desk::do_clerk, {.max_active = 1}};
  op_array<std::string(std::string)> window{this, 2};
  op<void()> door{this};

  task<std::string> do_clerk(std::string what) {
    co_await receive(door);
    co_return what + "!";
  }
};

TEST(RuleS7, ARequeuedCallHasItsArgumentsStill) {
  desk d;
  stage on{d};
  std::string got;
  on.run([&]() -> task<> { got = co_await d.ask(std::string(50, 'x')); });
  on.run([&]() -> task<> {
    co_await in(accept(d.ask) >> [&](ask_call& c) {
      EXPECT_EQ(std::get<0>(c.arguments()).size(), 50U);
      c.requeue(d.later);
    });
  });
  EXPECT_EQ(d.later.pending(), 1U);
  on.run([&]() -> task<> {
    co_await in(accept(d.later) >> [](std::string what) { return what + "."; });
  });
  EXPECT_EQ(got, std::string(50, 'x') + ".");
}

TEST(RuleS7, ABodyThatTookTheArgumentsCannotRequeueThem) {
  desk d;
  stage on{d};
  std::string got;
  on.run([&]() -> task<> { got = co_await d.ask("a"); });
  on.run([&]() -> task<> {
    co_await in(accept(d.ask) >> [&](ask_call& c, const std::string& what) {
      EXPECT_THROW(c.requeue(d.later), std::logic_error);
      c.reply(what);
      EXPECT_THROW(c.requeue(d.later), already_answered);
    });
  });
  EXPECT_EQ(got, "a");
}

TEST(RuleS7, ACallIsKeptAndRequeuedLaterAndOverAnArray) {
  desk d;
  stage on{d};
  std::vector<ask_call> kept;
  std::string got;
  on.run([&]() -> task<> { got = co_await d.window[1]("b"); });
  on.run([&]() -> task<> {
    co_await in(accept(each(d.window)) >> [&](ask_call c, std::size_t i) {
      EXPECT_EQ(i, 1U);
      kept.push_back(std::move(c));
    });
  });
  kept.front().requeue(d.ask);
  on.run([&]() -> task<> { co_await in(accept(d.ask) >> [](std::string what) { return what; }); });
  EXPECT_EQ(got, "b");
}

// Takes a call of `ask` and hands it on.
template <class... Mode>
task<> hand_on(desk& d, op<std::string(std::string)>& to, Mode... mode) {
  co_await in(accept(d.ask) >>
              [&](ask_call& c, std::string what) { c.forward(mode..., to, what); });
}

TEST(RuleS7, AForwardedCallIsTakenBackWhereItIsQueued) {
  desk d;
  stage on{d};
  std::optional<words> got;
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, "a"); });
  on.run([&]() -> task<> { co_await hand_on(d, d.later); });
  EXPECT_EQ(d.later.pending(), 1U);
  on.advance(60ms);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::not_taken);
  EXPECT_EQ(d.later.pending(), 0U);
}

TEST(RuleS7, AForwardedCallOfAStatementThatWaitedIsTakenBackToo) {
  desk d;
  stage on{d};
  std::optional<words> got;
  std::stop_source stop;
  on.begin([&]() -> task<> { co_await hand_on(d, d.later); });
  on.play();
  on.run([&]() -> task<> { got = co_await d.ask.call_unless(stop.get_token(), "a"); });
  EXPECT_EQ(d.later.pending(), 1U);
  stop.request_stop();
  on.play();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::cancelled_unsent);
  EXPECT_EQ(d.later.pending(), 0U);
}

TEST(RuleS7, ACallWhoseTimeWasOverWhenItIsForwardedEndsThen) {
  desk d;
  stage on{d};
  std::optional<words> got;
  std::optional<ask_call> kept;
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, "a"); });
  on.run([&]() -> task<> {
    co_await in(accept(d.ask) >> [&](ask_call c, std::string) { kept.emplace(std::move(c)); });
  });
  on.advance(60ms);
  EXPECT_FALSE(got);
  kept->forward(d.later, "a");
  on.play();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::not_taken);
  EXPECT_EQ(d.later.pending(), 0U);
}

TEST(RuleS7, ACallThatIsForwardedWithoutCancellingIsWaitedFor) {
  desk d;
  stage on{d};
  std::optional<words> got;
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, "a"); });
  on.run([&]() -> task<> { co_await hand_on(d, d.later, no_cancel); });
  on.advance(1h);
  EXPECT_FALSE(got);
  EXPECT_EQ(d.later.pending(), 1U);
  on.run([&]() -> task<> { co_await in(accept(d.later) >> [](std::string) { return "c"; }); });
  ASSERT_TRUE(got);
  EXPECT_EQ(got->value(), "c");
}

TEST(RuleS7, AForwardedCallIsTakenBackBeforeAProc) {
  desk d;
  stage on;
  on.start(d);
  std::string first;
  std::optional<words> got;
  on.run([&]() -> task<> { first = co_await d.clerk("x"); });
  on.run([&]() -> task<> { got = co_await d.ask.call_for(50ms, "a"); });
  on.run([&]() -> task<> { co_await hand_on(d, d.clerk); });
  EXPECT_EQ(d.clerk.pending(), 1U);
  on.advance(60ms);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::not_taken);
  EXPECT_EQ(d.clerk.pending(), 0U);
  d.door.send();
  on.play();
  EXPECT_EQ(first, "x!");
}

/// One from outside of the program.
class letter final : public outside_call<std::string(std::string)> {
public:
  explicit letter(op<std::string(std::string)>& to) : outside_call{to, "l"} {}
  std::optional<std::error_code> how;

private:
  void ended() noexcept override {
    try {
      static_cast<void>(result());
      how.emplace();
    } catch (const call_error& e) {
      how = e.code();
    }
  }
};

TEST(RuleS7, ACallFromOutsideIsTakenBackWhereItWasForwardedTo) {
  desk d;
  stage on{d};
  letter one{d.ask};
  EXPECT_EQ(one.arrive(), errc{});
  on.run([&]() -> task<> { co_await hand_on(d, d.later); });
  EXPECT_FALSE(one.how);
  one.give_up(errc::cancelled);
  EXPECT_EQ(one.how, errc::cancelled);
  EXPECT_EQ(d.later.pending(), 0U);
}

TEST(RuleS7, AForwardedCallIsServedOrGivenUpWhateverTheThreadsDo) {
  constexpr int calls = 2000;
  desk d;
  loop_thread forwarders;
  loop_thread servers;
  d.start(forwarders.get(), [](desk& of) -> task<> {
    for (;;) co_await hand_on(of, of.later);
  }(d));
  d.start(servers.get(), [](desk& of) -> task<> {
    for (;;) co_await in(accept(of.later) >> [](std::string what) { return what; });
  }(d));
  int served = 0;
  int given_up = 0;
  for (int n = 0; n < calls; ++n) {
    std::stop_source stop;
    std::jthread stopper{[&] { stop.request_stop(); }};
    const words got = d.ask.call_unless(stop.get_token(), std::string(40, 'a')).wait();
    if (got) {
      ++served;
      EXPECT_EQ(got->size(), 40U);
    } else {
      ++given_up;
      EXPECT_EQ(got.error(), errc::cancelled_unsent);
    }
  }
  EXPECT_EQ(served + given_up, calls);
  d.close();
  d.join();
}

}  // namespace
}  // namespace tryst
