// Stock C programs are given capabilities, and invoke them by the address and the numbers in them:
// what is gone they are told as decision 18 says (rules C1, C3).
#include <tryst/bridge/cap_exchange.hpp>
#include <tryst/bridge/publish.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>

#include "bridge_peers/stock_clients.hpp"
#include "counters.hpp"

namespace tryst::bridge_test {
namespace {

using counters::counter;
using counters::COUNTERS_V1;
using adder = std::int32_t(std::int32_t);

/// A process for each counter, whose operations are its own.
struct counter_house : module {
  op<counter()> open{this, &counter_house::do_open};
  op<std::int32_t(cap<adder>, std::int32_t)> twice{this, &counter_house::do_twice};
  std::atomic<int> refused = 0;

  explicit counter_house(std::optional<cap_exchange>& caps) : caps_{caps} {}

private:
  task<> do_open(call<counter()>& c) {
    op<adder> add{this};
    op<void()> stop{this};
    c.reply(counter{caps_->give(add), caps_->give(stop)});
    std::int32_t sum = 0;
    bool over = false;
    const auto stays_positive = [&](std::int32_t number) {
      const bool may = sum + number >= 0;
      if (!may) ++refused;
      return may;
    };
    while (!over) {
      co_await in(
          accept(add).such_that(stays_positive) >>
              [&](std::int32_t number) { return sum += number; },
          accept(stop) >> [&] { over = true; }, on_close([&] { over = true; }));
    }
  }

  task<std::int32_t> do_twice(cap<adder> add, std::int32_t number) {
    co_await add(number);
    co_return co_await add(number);
  }

  std::optional<cap_exchange>& caps_;
};

class StockHolders : public ::testing::TestWithParam<over> {
protected:
  void SetUp() override {
    serve();
    house_.start(network_.home());
  }
  void TearDown() override {
    house_.close();
    house_.join();
  }

  void serve() {
    caps_.emplace(network_.home(), network_.server());
    publish<COUNTERS_V1>(network_.server(), house_, publish_options{.caps = *caps_},
                         &counter_house::open, &counter_house::twice);
    network_.listen();
    caps_->reachable_at(network_.where());
  }

  process start(const char* what) const { return network_.start({what}, STOCK_HOLDER); }
  std::string what_says(const char* what) const { return start(what)->finish(); }

  stock_network network_{GetParam()};
  std::optional<cap_exchange> caps_;
  counter_house house_{caps_};
};

TEST_P(StockHolders, RuleC1_InvokeACapabilityInEveryForm) {
  EXPECT_EQ(what_says("count"), "sum 1\nsum 3\nsum 6\nsum 10\nsum 21\ndone 1\n");
}

TEST_P(StockHolders, RuleC1_PassACapabilityOnToItsOwner) {
  EXPECT_EQ(what_says("pass_on"), "sum 42\ndone 1\n");
}

TEST_P(StockHolders, RuleC1_AreToldWhatIsNoInvocation) {
  EXPECT_EQ(what_says("lie"),
            "told RPC: Server can't decode arguments\ntold RPC: Procedure unavailable\n"
            "told RPC: Procedure unavailable\ndone 1\n");
}

TEST_P(StockHolders, RuleC3_AreToldInEveryFormThatTheOperationHasEnded) {
  EXPECT_EQ(what_says("stop"),
            "told RPC: Procedure unavailable\ntold RPC: Procedure unavailable\n"
            "told RPC: Procedure unavailable\ndone 1\n");
}

TEST_P(StockHolders, RuleC3_AreToldWhileTheyWaitThatTheModuleHasClosed) {
  const process client = start("overdraw");
  wait_until([&] { return house_.refused > 0; });
  house_.close();
  EXPECT_EQ(client->finish(), "told RPC: Procedure unavailable\ndone 1\n");
}

TEST_P(StockHolders, RuleC3_AreToldThatTheModuleHasClosed) {
  const process client = start("wait");
  client->wait_for("held");
  house_.close();
  house_.join();
  ASSERT_EQ(::kill(client->pid(), SIGUSR1), 0);
  EXPECT_EQ(client->finish(), "told RPC: Procedure unavailable\ndone 1\n");
}

const auto transports = ::testing::Values(tcp, udp, udp_that_loses);
std::string name_of_transport(const ::testing::TestParamInfo<over>& each) {
  return std::string{each.param.name};
}

INSTANTIATE_TEST_SUITE_P(Are, StockHolders, transports, name_of_transport);

// Over TCP they see that the process has gone by the end of their connection.
using StockHoldersWithoutConnection = StockHolders;

TEST_P(StockHoldersWithoutConnection, RuleC3_AreToldThatAnotherProcessIsThere) {
  const process client = start("wait");
  client->wait_for("held");
  run_on(network_.home(), [] {});  // behind the answer that made it
  caps_.reset();
  network_.replace_server();
  serve();
  ASSERT_EQ(::kill(client->pid(), SIGUSR1), 0);
  EXPECT_EQ(client->finish(), "told RPC: Program unavailable\ndone 1\n");
}

INSTANTIATE_TEST_SUITE_P(Are, StockHoldersWithoutConnection, ::testing::Values(udp, udp_that_loses),
                         name_of_transport);

}  // namespace
}  // namespace tryst::bridge_test
