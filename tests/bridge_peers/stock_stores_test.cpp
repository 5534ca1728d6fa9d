// Stock C programs call and send, to input statements and to procs, of active, monitor and
// concurrent modules: the same bounded buffer for all of them.
#include <numeric>

#include "bridge_peers/stock_clients.hpp"
#include "bridge_peers/stores.hpp"

namespace tryst::bridge_test {
namespace {

using store::STORE_V1;

class store_service {
public:
  virtual ~store_service() = default;
  virtual void serve(rpc::server& by) = 0;
  virtual void begin(loop& callers) = 0;
  virtual std::size_t waiting() = 0;
  virtual slow_once& slowly() = 0;
};

template <class Module>
class store_of final : public store_service {
public:
  ~store_of() override {
    module_.close();
    module_.join();
  }
  void serve(rpc::server& by) override {
    publish<STORE_V1>(by, module_, &Module::deposit, &Module::fetch, &Module::put, &Module::drop);
  }
  void begin(loop& callers) override { module_.begin(own_.get(), callers); }
  std::size_t waiting() override { return module_.waiting(); }
  slow_once& slowly() override { return module_.slowly; }

private:
  Module module_;
  loop_thread own_;
};

template <class Module>
std::unique_ptr<store_service> make_store() {
  return std::make_unique<store_of<Module>>();
}

class StockStores : public ::testing::TestWithParam<std::tuple<kind<store_service>, over>> {
protected:
  void SetUp() override {
    store_->serve(network_.server());
    network_.listen();
    store_->begin(network_.home());
  }
  void TearDown() override { store_.reset(); }

  process start(const char* what, int first, int count) {
    return network_.start({what, std::to_string(first), std::to_string(count)});
  }
  process start_consumer(int count) { return network_.start({"consume", std::to_string(count)}); }

  stock_network network_{std::get<1>(GetParam())};
  std::unique_ptr<store_service> store_ = std::get<0>(GetParam()).make();
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

// What all of them have fetched, in order.
std::vector<int> fetched_by(const processes& consumers) {
  std::vector<int> got;
  for (const auto& c : consumers) {
    const auto some = numbers_of(c->finish());
    got.insert(got.end(), some.begin(), some.end());
  }
  std::ranges::sort(got);
  return got;
}

std::vector<int> numbers_below(int n) {
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST_P(StockStores, GiveWhatIsDepositedAndWhatIsPutOnceEach) {
  const int each = network_.fewer(80);
  processes clients;
  processes consumers;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(start("produce", 2 * i * each, each));
    clients.push_back(start("put", (2 * i + 1) * each, each));
    consumers.push_back(start_consumer(2 * each));
  }
  for (const auto& c : clients) expect_done(*c);
  EXPECT_EQ(fetched_by(consumers), numbers_below(4 * each));
}

TEST_P(StockStores, GiveWhatIsDroppedOnceAtMost) {
  const int each = network_.fewer(40);
  const auto dropper = start("drop", 0, each);
  const auto producer = start("produce", each, each);
  processes consumers;
  // What was lost on its way nobody waits for.
  for (int i = 0; i < 2; ++i)
    consumers.push_back(start_consumer(network_.loses() ? each / 2 : each));
  expect_done(*dropper);
  const auto got = fetched_by(consumers);
  EXPECT_EQ(std::ranges::adjacent_find(got), got.end());
  EXPECT_TRUE(std::ranges::includes(numbers_below(2 * each), got));
}

const auto all_kinds = ::testing::Values(
    kind<store_service>{"ActiveByIn", make_store<active_store_by_in>},
    kind<store_service>{"ActiveByProc", make_store<active_store_by_proc>},
    kind<store_service>{"MonitorByIn", make_store<monitor_store_by_in>},
    kind<store_service>{"MonitorByProc", make_store<monitor_store_by_proc>},
    kind<store_service>{"ConcurrentByIn", make_store<concurrent_store_by_in>},
    kind<store_service>{"ConcurrentByProc", make_store<concurrent_store_by_proc>});

INSTANTIATE_TEST_SUITE_P(Are, StockStores,
                         ::testing::Combine(all_kinds,
                                            ::testing::Values(tcp, udp, udp_that_loses,
                                                              udp_of_the_kernel_that_loses)),
                         name_of<store_service>);

// Over UDP nobody finds out that they have died.
using StockConsumers = StockStores;

TEST_P(StockConsumers, ThatAreKilledWhileQueuedTakeNothing) {
  processes victims;
  for (int i = 0; i < 3; ++i) victims.push_back(start_consumer(1));
  wait_until([&] { return store_->waiting() == 3; });
  for (auto& victim : victims) kill(victim);
  wait_until([&] { return store_->waiting() == 0; });
  expect_done(*start("produce", 0, 4));
  EXPECT_EQ(numbers_of(start_consumer(4)->finish()), numbers_below(4));
}

TEST_P(StockConsumers, ThatAreKilledWhileServedTakeNothing) {
  store_->slowly().ask();
  auto victim = start_consumer(1);
  expect_done(*start("put", 0, 1));
  wait_until([&] { return store_->slowly().serving(); });
  kill(victim);
  wait_until([&] { return store_->slowly().caller_is_gone(); });
  store_->slowly().finish();
  processes consumers;
  consumers.push_back(start_consumer(3));
  expect_done(*start("produce", 1, 2));
  EXPECT_EQ(fetched_by(consumers), numbers_below(3));
}

INSTANTIATE_TEST_SUITE_P(Of, StockConsumers, ::testing::Combine(all_kinds, ::testing::Values(tcp)),
                         name_of<store_service>);

}  // namespace
}  // namespace tryst::bridge_test
