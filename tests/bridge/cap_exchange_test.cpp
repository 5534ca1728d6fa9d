// Capabilities that leave the process and come back (rule C1).
#include <gtest/gtest.h>
#include <unistd.h>

#include <tryst/rpc/memory_transport.hpp>

#include "bridge/far_desk.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

class Across : public ::testing::TestWithParam<const char*> {
protected:
  static std::string address() {
    std::string where = GetParam();
    if (where == "unix:@") where += "tryst-caps-" + std::to_string(::getpid());
    return where;
  }
};

TEST_P(Across, RuleC1_ACapabilityIsInvokedWhereItWasTaken) {
  open_desk d;
  exchanging near{address()};
  exchanging far;
  const auto square = far.caps.take<int(int)>(near.caps.give(d->square), near.where).value();
  const auto note = far.caps.take<void(std::string)>(near.caps.give(d->note), near.where).value();
  EXPECT_EQ(square(12).wait(), 144);
  note("called").wait();
  note.send("sent");
  while (d->noted != 2) std::this_thread::yield();
  const auto in_a_task = [](cap<int(int)> c) -> task<int> { co_return co_await c(5); };
  EXPECT_EQ(run(far.home.get(), in_a_task(square)), 25);
}

TEST_P(Across, RuleC1_EveryFormOfACallGoesFar) {
  open_desk d;
  exchanging near{address()};
  exchanging far;
  const auto square = far.caps.take<int(int)>(near.caps.give(d->square), near.where).value();
  const auto note = far.caps.take<void(std::string)>(near.caps.give(d->note), near.where).value();
  square(1).wait();  // the process waits now
  std::optional<int> tried;
  while (!tried) tried = square.try_call(7).wait();
  EXPECT_EQ(tried, 49);
  while (!note.try_call("x").wait()) {
  }
  EXPECT_EQ(square.call_for(1min, 8).wait(), 64);
  EXPECT_EQ(square.call_until(loop::clock::now() + 1min, 9).wait(), 81);
  EXPECT_EQ(square.call_unless({}, 10).wait(), 100);
}

TEST_P(Across, RuleC1_AProcessSendsAPrivateOperationAlongForTheAnswer) {
  open_desk d;
  exchanging near{address()};
  exchanging far;
  const auto errand =
      far.caps.take<void(int, cap<void(int)>)>(near.caps.give(d->errand), near.where).value();
  desk mine;
  op<void(int)> answer{&mine};
  errand.send(41, answer);
  EXPECT_EQ(receive(answer).wait(), std::tuple{42});
  errand(1, answer).wait();
  EXPECT_EQ(receive(answer).wait(), std::tuple{2});
}

INSTANTIATE_TEST_SUITE_P(EveryTransport, Across,
                         ::testing::Values("unix:@", "tcp://127.0.0.1:0", "tcp://[::1]:0",
                                           "udp://127.0.0.1:0"));

TEST(RuleC1, ACapabilityThatComesHomeIsLocalAgain) {
  desk d;
  exchanging near;
  exchanging far;
  const cap<int(int)> own = d.square;
  const capability name = near.caps.give(own);
  const auto there = far.caps.take<int(int)>(name, near.where).value();
  EXPECT_NE(there, own);
  EXPECT_EQ(near.caps.take<int(int)>(far.caps.give(there), far.where).value(), own);
}

TEST(RuleC1, CapabilitiesOfOneOperationElsewhereAreEqual) {
  desk d;
  exchanging near;
  exchanging far;
  const auto a = far.caps.take<int(int)>(near.caps.give(d.square), near.where).value();
  const auto b = far.caps.take<int(int)>(near.caps.give(d.square), near.where).value();
  op<int(int)> other{&d};
  const auto c = far.caps.take<int(int)>(near.caps.give(other), near.where).value();
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_NE(a, (cap<int(int)>{}));
}

TEST(RuleC1, AnotherProcessIsConnectedToAsTheExchangeIsTold) {
  open_desk d;
  exchanging near;
  loop_thread home;
  std::vector<rpc::address> connected_to;
  const auto by_memory = [&](const rpc::address& at) {
    connected_to.push_back(at);
    auto [ours, theirs] = rpc::memory_pair(home.get(), near.home.get());
    near.server.serve_connection(near.home.get(), std::move(theirs));
    return std::move(ours);
  };
  cap_exchange far{home.get(), {.connect = by_memory}};
  const auto square = far.take<int(int)>(near.caps.give(d->square), near.where).value();
  const auto note = far.take<void(std::string)>(near.caps.give(d->note), near.where).value();
  EXPECT_EQ(square(12).wait(), 144);
  note("by the same connection").wait();
  EXPECT_EQ(connected_to, std::vector{near.where});
}

TEST(RuleC1, NullAndNoopTravelAsWhatTheyAre) {
  open_desk d;
  exchanging near;
  exchanging far;
  using sink = cap<void(int)>;
  EXPECT_EQ(far.caps.take<void(int)>(near.caps.give(sink{}), near.where), sink{});
  EXPECT_EQ(far.caps.take<void(int)>(near.caps.give(sink::noop()), near.where), sink::noop());
  EXPECT_EQ(far.caps.take<int(int)>(capability::noop(), near.where).error(), errc::garbage_args);
  const auto errand =
      far.caps.take<void(int, cap<void(int)>)>(near.caps.give(d->errand), near.where).value();
  errand(1, sink::noop()).wait();
  errand(1, sink{}).wait();
}

TEST(RuleC1, WhatIsNotTakenAtOnceIsNotTaken) {
  desk d;  // that nobody services
  exchanging near;
  exchanging far;
  const auto square = far.caps.take<int(int)>(near.caps.give(d.square), near.where).value();
  EXPECT_EQ(square.try_call(1).wait(), std::nullopt);
  EXPECT_EQ(d.square.pending(), 0U);
  EXPECT_FALSE(square.call_for(1ms, 1).wait());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(square.call_unless(stop.get_token(), 1).wait());
}

TEST(RuleC1, WhatTheBodyThrowsIsSystemErrAtTheCaller) {
  open_desk d;
  exchanging near;
  exchanging far;
  const auto square = far.caps.take<int(int)>(near.caps.give(d->square), near.where).value();
  EXPECT_EQ(square.call_for(1min, -1).wait().error(), errc::system_err);
  EXPECT_EQ(square(3).wait(), 9);
}

TEST(RuleC1, AModuleMayKeepItsOperationsToItself) {
  struct safe : module {
    safe() { keep_to_itself(); }
    op<int()> secret{this};
  } s;
  exchanging near;
  EXPECT_THROW(near.caps.give(s.secret), export_refused);
}

TEST(RuleC1, ExportsAreBoundedAndThoseThatAreGoneDoNotCount) {
  desk d;
  exchanging near{"tcp://127.0.0.1:0", {.max_exports = 2}};
  for (int i = 0; i < 10; ++i) {
    op<void()> one{&d};
    op<void()> two{&d};
    EXPECT_NE(near.caps.give(one), near.caps.give(two));
    EXPECT_EQ(near.caps.give(one), near.caps.give(one));
    op<void()> three{&d};
    EXPECT_THROW(near.caps.give(three), export_refused);
  }
}

TEST(RuleC1, NothingIsGivenAwayBeforeOthersCanReachIt) {
  desk d;
  loop_thread home;
  cap_exchange caps{home};
  EXPECT_THROW(caps.give(d.square), export_refused);
  for (const char* nowhere : {"tcp://0.0.0.0:700", "tcp://host.example:7", "tcp://127.0.0.1:0"}) {
    EXPECT_THROW(caps.reachable_at(rpc::address::parse(nowhere).value()), std::invalid_argument);
  }
}

TEST(RuleS7, TheDutyToReplyIsForwardedToAnotherProcess) {
  open_desk d;
  exchanging near;
  exchanging far;
  const auto square = far.caps.take<int(int)>(near.caps.give(d->square), near.where).value();
  struct relay : module {
    op<int(int)> ask{this};
  } r;
  std::jthread servicer{[&] {
    for (int i = 0; i < 2; ++i) {
      in(accept(r.ask) >> [&](call<int(int)>& c, int n) { c.forward(square, n); }).wait();
    }
  }};
  EXPECT_EQ(r.ask(6).wait(), 36);
  EXPECT_EQ(near.caps.take<int(int)>(far.caps.give(r.ask), far.where).value()(7).wait(), 49);
}

}  // namespace
}  // namespace tryst::bridge_test
