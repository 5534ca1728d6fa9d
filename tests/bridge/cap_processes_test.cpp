// Capabilities that pass to another process and are invoked there (rules C1, C3, S7).
#include <gtest/gtest.h>
#include <unistd.h>

#include <tryst/bridge/publish.hpp>
#include <tryst/bridge/remote_operation.hpp>

#include "bridge/far_desk.hpp"
#include "errands.hpp"
#include "support/peer_process.hpp"

namespace tryst::bridge_test {
namespace {

using errands::ERRANDS_V1;
using number = std::int32_t;

struct far_worker : remote_module<ERRANDS_V1> {
  using remote_module::remote_module;
  remote_op<ERRANDS_V1::SQUARE> square{this};
  remote_op<ERRANDS_V1::RUN> run{this};
  remote_op<ERRANDS_V1::COUNTER> counter{this};
  remote_op<ERRANDS_V1::CLOSE> close{this};
  remote_op<ERRANDS_V1::ECHO> echo{this};
  remote_op<ERRANDS_V1::ASK> ask{this};
  remote_op<ERRANDS_V1::RELAY> relay{this};
};

/// This process, and a worker in another one; both reached over one kind of transport.
struct pair_of_processes {
  explicit pair_of_processes(const std::string& at)
      : mine{at == "unix:@" ? name("mine") : at},
        program{{ERRAND_WORKER, at == "unix:@" ? name("theirs") : at}},
        there{rpc::address::parse(program.wait_for("at ")).value()},
        client{mine.home.get(), there.text()} {}

  static std::string name(std::string_view whose) {
    return "unix:@tryst-caps-" + std::to_string(::getpid()) + "-" + std::string{whose};
  }

  exchanging mine;
  test::peer_process program;
  rpc::address there;
  rpc::client client;
  far_worker worker{client};
};

class BetweenProcesses : public ::testing::TestWithParam<const char*> {
protected:
  pair_of_processes both{GetParam()};
};

TEST_P(BetweenProcesses, RuleC1_APrivateOperationSentAlongGetsTheAnswer) {
  desk d;
  op<void(number)> answer{&d};
  both.worker.square(12, both.mine.caps.give(answer)).wait();
  EXPECT_EQ(receive(answer).wait(), std::tuple{144});
  const capability same = both.mine.caps.give(answer);
  both.worker.run(errands::errands{{2, same}, {3, same}, {4, capability::noop()}}).wait();
  EXPECT_EQ(receive(answer).wait(), std::tuple{4});
  EXPECT_EQ(receive(answer).wait(), std::tuple{9});
}

TEST_P(BetweenProcesses, RuleC1_ACapabilityThatIsAResultIsInvokedHere) {
  const auto add =
      both.mine.caps.take<number(number)>(both.worker.counter().wait(), both.there).value();
  EXPECT_EQ(add(3).wait(), 3);
  EXPECT_EQ(add(4).wait(), 7);
  // The worker calls its own operation, which has come home; a capability of it is the same one.
  EXPECT_EQ(both.worker.ask(both.mine.caps.give(add), 5).wait(), 12);
  EXPECT_EQ(both.mine.caps.take<number(number)>(both.worker.counter().wait(), both.there).value(),
            add);
}

TEST_P(BetweenProcesses, RuleC1_ACapabilityThatComesBackIsLocalAgain) {
  desk d;
  op<void(number)> own{&d};
  const capability name = both.mine.caps.give(own);
  const capability back = both.worker.echo(name).wait();
  EXPECT_EQ(back, name);
  EXPECT_EQ(both.mine.caps.take<void(number)>(back, both.there).value(), cap<void(number)>{own});
  EXPECT_EQ(both.worker.echo(capability{}).wait(), capability{});
  EXPECT_EQ(both.worker.echo(capability::noop()).wait(), capability::noop());
}

TEST_P(BetweenProcesses, RuleC3_WhatIsClosedThereFailsHereAsAtHome) {
  const auto add =
      both.mine.caps.take<number(number)>(both.worker.counter().wait(), both.there).value();
  EXPECT_EQ(add(1).wait(), 1);
  both.worker.close().wait();
  EXPECT_EQ(add.call_for(test::patience, 1).wait().error(), errc::op_closed);
}

TEST_P(BetweenProcesses, RuleC3_WhatIsClosedHereFailsThereAsAtHome) {
  desk d;
  capability name;
  {
    op<number(number)> own{&d};
    name = both.mine.caps.give(own);
  }
  EXPECT_EQ(both.worker.ask(name, 1).wait(), -static_cast<number>(errc::op_closed));
}

TEST_P(BetweenProcesses, RuleS7_ACallIsForwardedFromTheOtherProcess) {
  open_desk d;
  EXPECT_EQ(both.worker.relay(both.mine.caps.give(d->square), 9).wait(), 81);
}

TEST_P(BetweenProcesses, RuleC1_APublishedOperationTravelsUnderItsProcedure) {
  // A worker of this process, whose operation the other one calls by its program.
  struct squares : module {
    op<void(number, cap<void(number)>)> square{this};
    task<> server() {
      for (;;) {
        co_await in(accept(square) >> [](number n, const cap<void(number)>& answer) {
          if (answer) answer.send(n * n);
        });
      }
    }
  } s;
  loop_thread home;
  rpc::server server{home};
  cap_exchange caps{home.get(), server};
  publish<ERRANDS_V1>(server, s, publish_options{.caps = caps},
                      exported<ERRANDS_V1::SQUARE>(&squares::square));
  const rpc::address where = server.listen("tcp://127.0.0.1:0");
  caps.reachable_at(where);
  s.start(home.get(), s.server());
  const capability name = caps.give(s.square);
  ASSERT_NE(name.operation(), nullptr);
  EXPECT_EQ(name.operation()->program, ERRANDS_V1::id.program);
  EXPECT_EQ(name.operation()->procedure, ERRANDS_V1::SQUARE::number);
  EXPECT_EQ(name.operation()->object, 0U);
  const auto square = both.mine.caps.take<void(number, cap<void(number)>)>(name, where).value();
  desk d;
  op<void(number)> answer{&d};
  square(6, answer).wait();
  EXPECT_EQ(receive(answer).wait(), std::tuple{36});
  EXPECT_THROW(static_cast<void>(square.try_call(1, {}).wait()), call_error);
  s.close();
  s.join();
}

INSTANTIATE_TEST_SUITE_P(EveryTransport, BetweenProcesses,
                         ::testing::Values("unix:@", "tcp://127.0.0.1:0", "udp://127.0.0.1:0"));

}  // namespace
}  // namespace tryst::bridge_test
