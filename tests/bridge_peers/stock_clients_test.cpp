// Stock C programs rendezvous with processes that wait in input statements: several at once, over
// TCP, over UDP and over a UDP that loses, and some of them are killed.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "bridge/bounded_buffer.hpp"
#include "bridge_peers/lock_module.hpp"
#include "support/lossy_proxy.hpp"
#include "support/peer_process.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;
using locks::LOCKS_V1;
using processes = std::vector<std::unique_ptr<test::peer_process>>;

template <class Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

struct over {
  std::string_view name;
  std::string transport;
  unsigned lost = 0;  // of a hundred datagrams
};

class StockClients : public testing::TestWithParam<over> {
protected:
  void SetUp() override {
    buffer_.start(buffer_->server(4));
    publish<BUFFER_V1>(server_, *buffer_, &bounded_buffer::deposit, &bounded_buffer::fetch);
    publish<LOCKS_V1>(server_, *locks_, &lock_module::acquire, &lock_module::release,
                      &lock_module::take, &lock_module::give_back);
    port_ = server_.listen(GetParam().transport + "://127.0.0.1:0").port;
    if (GetParam().lost == 0) return;
    constexpr unsigned seed = 11;
    relay_.emplace(port_, test::lossy_proxy::faults{GetParam().lost, 5, 2}, seed);
    port_ = relay_->port();
  }

  void TearDown() override {
    buffer_.stop();
    locks_.stop();
  }

  /// Where datagrams are lost each takes longer.
  int fewer(int calls) const { return GetParam().lost == 0 ? calls : calls / 4; }
  bool over_tcp() const { return GetParam().transport == "tcp"; }

  std::unique_ptr<test::peer_process> start(std::vector<std::string> what) const {
    what.insert(what.begin(), {STOCK_CLIENT, GetParam().transport, std::to_string(port_)});
    return std::make_unique<test::peer_process>(std::move(what));
  }
  std::unique_ptr<test::peer_process> start_lock(const std::string& name, int rounds,
                                                 bool exclusive = true) const {
    const std::string file = exclusive ? directory_ / name : std::string{};
    return start({"lock", name, std::to_string(rounds), file});
  }
  /// `lease`: how long something may be held over datagrams.
  void start_locks(loop::duration lease = 1h) {
    locks_.start(locks_->server(locks_.home(), lease));
  }
  static void kill(std::unique_ptr<test::peer_process>& victim) {
    ASSERT_EQ(::kill(victim->pid(), SIGKILL), 0);
    victim.reset();
  }
  void expect_all_given_back() {
    wait_until([&] { return locks_->held == 0; });
    locks_->close();
    locks_->join();
    EXPECT_EQ(locks_->granted, locks_->returned);
  }

  test::scratch_directory directory_;
  running<bounded_buffer> buffer_;
  running<lock_module> locks_;
  loop_thread home_;
  rpc::server server_{home_};
  std::uint16_t port_ = 0;
  std::optional<test::lossy_proxy> relay_;
};

std::vector<int> numbers_of(const std::string& said) {
  std::vector<int> numbers;
  std::istringstream lines{said};
  std::string word;
  for (int number = 0; lines >> word >> number;) {
    if (word == "got") numbers.push_back(number);
  }
  return numbers;
}

TEST_P(StockClients, FetchFromABoundedBufferWhatOthersDeposit) {
  const int each = fewer(160);
  processes producers;
  processes consumers;
  for (int i = 0; i < 3; ++i) {
    consumers.push_back(start({"consume", std::to_string(each)}));
    producers.push_back(start({"produce", std::to_string(i * each), std::to_string(each)}));
  }
  for (const auto& p : producers) p->finish();
  std::vector<int> got;
  for (const auto& c : consumers) {
    const auto some = numbers_of(c->finish());
    got.insert(got.end(), some.begin(), some.end());
  }
  std::ranges::sort(got);
  std::vector<int> all(static_cast<std::size_t>(3 * each));
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(got, all);
}

TEST_P(StockClients, HaveALockOneAtATime) {
  start_locks();
  const int rounds = fewer(40);
  processes clients;
  for (int i = 0; i < 4; ++i) clients.push_back(start_lock("door", rounds));
  clients.push_back(start_lock("window", rounds));
  for (const auto& c : clients) EXPECT_TRUE(c->finish().ends_with("done 1\n"));
  expect_all_given_back();
  EXPECT_EQ(locks_->granted, static_cast<std::uint32_t>(5 * rounds));
}

TEST_P(StockClients, HaveNoMoreUnitsThanThereAre) {
  start_locks();
  const int rounds = fewer(40);
  processes clients;
  for (const char* units : {"1", "3", "5", "8"}) {
    clients.push_back(start({"pool", units, std::to_string(rounds)}));
  }
  for (const auto& c : clients) EXPECT_TRUE(c->finish().ends_with("done 1\n"));
  expect_all_given_back();
  EXPECT_EQ(locks_->granted, static_cast<std::uint32_t>(4 * rounds));
  EXPECT_LE(locks_->most_at_once, lock_module::units);
}

TEST_P(StockClients, ThatAreKilledWhileQueuedDoNotKeepWhatTheyAskedFor) {
  start_locks(100ms);
  auto holder = start({"hold", "door"});
  holder->wait_for("held");
  auto queued = start({"hold", "door"});
  // Where datagrams get lost the lease may end before it has come to the queue.
  wait_until([&] { return locks_->acquire.pending() == 1 || locks_->held == 0; });
  kill(queued);
  // Over datagrams nobody can know: it is granted, and the lease ends that.
  if (over_tcp()) wait_until([&] { return locks_->acquire.pending() == 0; });
  kill(holder);
  EXPECT_TRUE(start_lock("door", 1, over_tcp())->finish().ends_with("done 1\n"));
  expect_all_given_back();
  EXPECT_GE(locks_->granted, 2U);
  EXPECT_LE(locks_->granted, over_tcp() ? 2U : 3U);
}

TEST_P(StockClients, ThatAreKilledWhileTheyHoldSomethingDoNotKeepIt) {
  start_locks(100ms);
  auto units = start({"grab", "6"});
  units->wait_for("held");
  auto waiting = start({"pool", "8", "1"});
  wait_until([&] { return locks_->take.pending() == 1 || locks_->held == 0; });
  kill(units);
  EXPECT_TRUE(waiting->finish().ends_with("done 1\n"));
  expect_all_given_back();
}

TEST_P(StockClients, ThatAreKilledAtAnyTimeLeaveTheOthersGoingOn) {
  start_locks(100ms);
  processes clients;
  processes victims;
  // A lease may end while the answer that grants it is on its way.
  for (int i = 0; i < 3; ++i) clients.push_back(start_lock("door", 20, over_tcp()));
  for (int i = 0; i < 6; ++i) victims.push_back(start({"hold", "door"}));
  // Some hold it, and some wait for one that does.
  for (auto& victim : victims) {
    victim->wait_for("connected");
    kill(victim);
  }
  for (const auto& c : clients) EXPECT_TRUE(c->finish().ends_with("done 1\n"));
  wait_until([&] { return locks_->acquire.pending() == 0; });
  expect_all_given_back();
}

INSTANTIATE_TEST_SUITE_P(Over, StockClients,
                         testing::Values(over{"Tcp", "tcp"}, over{"Udp", "udp"},
                                         over{"AUdpThatLosesTenOfAHundred", "udp", 10}),
                         [](const auto& each) { return std::string{each.param.name}; });

using StockConsumers = StockClients;

TEST_P(StockConsumers, ThatAreKilledWhileQueuedTakeNothingFromTheBuffer) {
  processes victims;
  for (int i = 0; i < 3; ++i) victims.push_back(start({"consume", "1"}));
  wait_until([&] { return buffer_->fetch.pending() == 3; });
  for (auto& victim : victims) kill(victim);
  wait_until([&] { return buffer_->fetch.pending() == 0; });
  start({"produce", "0", "4"})->finish();
  EXPECT_EQ(numbers_of(start({"consume", "4"})->finish()), (std::vector<int>{0, 1, 2, 3}));
}

INSTANTIATE_TEST_SUITE_P(Over, StockConsumers, testing::Values(over{"Tcp", "tcp"}),
                         [](const auto& each) { return std::string{each.param.name}; });

}  // namespace
}  // namespace tryst::bridge_test
