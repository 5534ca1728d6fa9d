// Capabilities whose operation, module or process is gone, and names that are lies (rules C1, C3).
#include <gtest/gtest.h>

#include "bridge/far_desk.hpp"
#include "bridge/gate_module.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;

template <class F>
std::error_code failure_of(F invoke) {
  try {
    invoke();
  } catch (const call_error& error) {
    return error.code();
  }
  return {};
}

TEST(RuleC3, ACapabilityOfAnOperationThatIsGoneFailsAsAtHome) {
  desk d;
  exchanging near;
  exchanging far;
  std::optional<op<int(int)>> own{&d};
  const capability name = near.caps.give(*own);
  const auto there = far.caps.take<int(int)>(name, near.where).value();
  own.emplace(&d);  // at the same address
  EXPECT_EQ(failure_of([&] { there(1).wait(); }), errc::op_closed);
  EXPECT_EQ(there.call_for(1min, 1).wait().error(), errc::op_closed);
  EXPECT_EQ(failure_of([&] { there.try_call(1).wait(); }), errc::op_closed);
  EXPECT_EQ(own->pending(), 0U);
  // Home again, it is of an operation that is gone.
  const auto back = near.caps.take<int(int)>(name, far.where).value();
  EXPECT_EQ(failure_of([&] { back(1).wait(); }), errc::op_closed);
}

TEST(RuleC3, ASendToAnOperationThatIsGoneIsTold) {
  desk d;
  exchanging near;
  std::atomic<int> told = 0;
  exchanging far{"tcp://127.0.0.1:0", {.on_send_failed = [&](std::error_code why) {
                   told = why == errc::op_closed ? 1 : -1;
                 }}};
  std::optional<op<void()>> own{&d};
  const auto there = far.caps.take<void()>(near.caps.give(*own), near.where).value();
  own.reset();
  there.send();
  while (told == 0) std::this_thread::yield();
  EXPECT_EQ(told, 1);
}

TEST(RuleC3, ACallThatIsQueuedWhenItsOperationEndsIsTold) {
  desk d;
  exchanging near;
  exchanging far;
  for (int i = 0; i < 20; ++i) {
    std::optional<op<int(int)>> own{&d};
    const auto there = far.caps.take<int(int)>(near.caps.give(*own), near.where).value();
    std::error_code ended;
    std::jthread caller{[&] { ended = failure_of([&] { there(1).wait(); }); }};
    while (own->pending() == 0) std::this_thread::yield();
    own.reset();
    caller.join();
    EXPECT_EQ(ended, errc::op_closed);
  }
}

TEST(RuleC3, ACallOfAModuleThatIsClosedFailsAsAtHome) {
  desk d;
  exchanging near;
  exchanging far;
  const auto there = far.caps.take<int(int)>(near.caps.give(d.square), near.where).value();
  d.close();
  EXPECT_EQ(failure_of([&] { there(1).wait(); }), errc::op_closed);
}

TEST(RuleC3, CallsThatWaitWhenTheirLimitIsReachedAreNoLongerQueued) {
  desk d;
  exchanging near{"tcp://127.0.0.1:0", {.serving = {.max_wait = 1ms}}};
  exchanging far;
  const auto there = far.caps.take<int(int)>(near.caps.give(d.square), near.where).value();
  EXPECT_EQ(failure_of([&] { there(1).wait(); }), errc::system_err);
  EXPECT_EQ(d.square.pending(), 0U);
}

TEST(RuleC3, AnotherProcessAtTheSameAddressDoesNotKnowIt) {
  desk d;
  std::optional<exchanging> first{std::in_place};
  const std::string where = first->where.text();
  const capability name = first->caps.give(d.square);
  exchanging far;
  const auto there = far.caps.take<int(int)>(name, first->where).value();
  first.reset();
  EXPECT_EQ(failure_of([&] { there(1).wait(); }), errc::connect_failed);
  first.emplace(where);
  EXPECT_EQ(failure_of([&] { there(1).wait(); }), errc::op_closed);
  EXPECT_EQ(d.square.pending(), 0U);
}

TEST(RuleC3, CapabilitiesOutliveTheExchangeThatTheyCameThrough) {
  desk d;
  exchanging near;
  std::optional<exchanging> far{std::in_place};
  const auto there = far->caps.take<int(int)>(near.caps.give(d.square), near.where).value();
  far.reset();
  EXPECT_EQ(failure_of([&] { there(1).wait(); }), errc::closed);
}

TEST(RuleC1, ANameThatMakesNoSenseIsRefused) {
  desk d;
  exchanging near;
  exchanging far;
  const operation_name good = *near.caps.give(d.square).operation();
  const auto why = [&](auto change) {
    operation_name name = good;
    change(name);
    const auto taken = far.caps.take<int(int)>(name, near.where);
    return taken ? std::error_code{} : taken.error();
  };
  EXPECT_EQ(why([](auto&) {}), std::error_code{});
  EXPECT_EQ(why([](auto& n) { n.netid = "sctp"; }), errc::address_invalid);
  EXPECT_EQ(why([](auto& n) { n.netid = "local"; }), errc::address_invalid);
  for (const char* bad : {"", "127.0.0.1", "0.0.0.0.8.1", "127.0.0.1.0.0", "127.0.0.1.999.1",
                          "host.example.8.1", "/tmp/x"}) {
    EXPECT_EQ(why([&](auto& n) { n.address = bad; }), errc::address_invalid) << bad;
  }
  for (const std::size_t length : {108U, 109U, 128U}) {
    const auto path = [&](auto& n) {
      n.netid = "local", n.address = '/' + std::string(length - 1, 'x');
    };
    EXPECT_EQ(why(path), errc::address_invalid) << length;
  }
  EXPECT_EQ(why([](auto& n) { n.netid = "local", n.address = '/' + std::string(106, 'x'); }),
            std::error_code{});
  EXPECT_EQ(why([](auto& n) { n.program = 100003; }), errc::address_invalid);
  EXPECT_EQ(why([](auto& n) { n.version = 2; }), errc::address_invalid);
  EXPECT_EQ(why([](auto& n) { n.procedure = 2; }), errc::address_invalid);
  EXPECT_EQ(why([](auto& n) { n.object = 0, n.procedure = 0; }), errc::address_invalid);
}

TEST(RuleC1, ANameOfWhatIsNotThereFailsWhenItIsInvoked) {
  desk d;
  exchanging near;
  exchanging far;
  const operation_name good = *near.caps.give(d.square).operation();
  const auto why = [&](auto change) {
    operation_name name = good;
    change(name);
    const auto taken = far.caps.take<int(int)>(name, near.where).value();
    return failure_of([&] { taken(1).wait(); });
  };
  EXPECT_EQ(why([](auto& n) { ++n.object; }), errc::op_closed);
  EXPECT_EQ(why([](auto& n) { n.program ^= 1; }), errc::op_closed);
  EXPECT_EQ(why([](auto& n) { n.object = 0, n.program = 100003; }), errc::op_closed);
}

TEST(RuleC1, NobodyMakesUsCallThirdParties) {
  exchanging far;
  const auto taken = [&](const char* netid, const char* address, const char* from) {
    const operation_name name{
        .netid = netid, .address = address, .program = 9, .version = 1, .procedure = 1};
    return far.caps.take<void()>(name, rpc::address::parse(from).value());
  };
  const auto refused = make_error_code(errc::auth_too_weak);
  EXPECT_EQ(taken("tcp", "192.0.2.7.0.80", "tcp://192.0.2.9:700").error(), refused);
  EXPECT_EQ(taken("tcp", "127.0.0.1.0.80", "tcp://192.0.2.9:700").error(), refused);
  EXPECT_EQ(taken("local", "/run/x.sock", "tcp://192.0.2.9:700").error(), refused);
  EXPECT_EQ(taken("tcp", "192.0.2.9.0.80", "unix:@x").error(), refused);
  EXPECT_TRUE(taken("tcp", "192.0.2.9.3.80", "tcp://192.0.2.9:700"));
  EXPECT_TRUE(taken("udp", "192.0.2.9.3.80", "tcp://[::ffff:192.0.2.9]:700"));
  EXPECT_TRUE(taken("tcp6", "::1.3.80", "unix:@x"));

  exchanging choosy{"tcp://127.0.0.1:0", {.allow = [](const rpc::address& at, const rpc::address&) {
                      return at.port == 80;
                    }}};
  const operation_name third{
      .netid = "tcp", .address = "192.0.2.7.0.80", .program = 9, .version = 1, .procedure = 1};
  EXPECT_TRUE(choosy.caps.take<void()>(third, choosy.where));
}

TEST(RuleC1, ACapabilityOfOtherTypesIsGarbageToItsOperation) {
  open_desk d;
  exchanging near;
  exchanging far;
  const capability name = near.caps.give(d->square);
  EXPECT_EQ(near.caps.take<int(std::string)>(name, far.where).error(), errc::garbage_args);
  const auto wrong = far.caps.take<int(std::string)>(name, near.where).value();
  EXPECT_EQ(failure_of([&] { wrong("a text").wait(); }), errc::garbage_args);
  const auto wrong_result = far.caps.take<std::string(int)>(name, near.where).value();
  EXPECT_EQ(failure_of([&] { wrong_result(12).wait(); }), errc::result_invalid);
}

TEST(RuleC1, ABadCapabilityAmongTheArgumentsRefusesTheCall) {
  open_desk d;
  exchanging near;
  exchanging far{"tcp://127.0.0.1:0", {.allow = [](const auto&, const auto&) { return true; }}};
  const auto errand =
      far.caps.take<void(int, cap<void(int)>)>(near.caps.give(d->errand), near.where).value();
  const operation_name third{
      .netid = "tcp", .address = "192.0.2.7.0.80", .program = 9, .version = 1, .procedure = 1};
  const auto far_away = far.caps.take<void(int)>(third, far.where).value();
  EXPECT_EQ(failure_of([&] { errand(1, far_away).wait(); }), errc::auth_too_weak);
  errand(1, cap<void(int)>::noop()).wait();
  // Whoever writes names by himself may write any.
  const auto forged =
      far.caps.take<void(int, capability)>(near.caps.give(d->errand), near.where).value();
  const operation_name too_long{.netid = "local",
                                .address = '/' + std::string(107, 'x'),
                                .program = 9,
                                .version = 1,
                                .procedure = 1};
  EXPECT_EQ(failure_of([&] { forged(1, too_long).wait(); }), errc::garbage_args);
  forged(1, capability{}).wait();
}

TEST(RuleC1, AnOperationThatIsGoneMakesRoomUnderEachOfItsNames) {
  loop_thread home;
  std::optional<rpc::server> server{std::in_place, home.get()};
  cap_exchange caps{home.get(), *server, {.max_exports = 2}};
  std::optional<gate_module> gone{std::in_place};
  publish<GATE_V1>(*server, *gone, {.caps = caps}, exported<GATE_V1::PASS>(&gate_module::pass),
                   exported<GATE_V1::HOLD>(&gate_module::pass));
  caps.reachable_at(server->listen("tcp://127.0.0.1:0"));
  server.reset();
  gone.reset();
  desk d;
  static_cast<void>(caps.give(d.square));
  EXPECT_NO_THROW(static_cast<void>(caps.give(d.note)));
}

}  // namespace
}  // namespace tryst::bridge_test
