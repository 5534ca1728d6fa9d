// A lock server and an allocator in each of the three disciplines, for stock C programs, some of
// which are killed.
#include "bridge_peers/lock_modules.hpp"
#include "bridge_peers/stock_clients.hpp"

namespace tryst::bridge_test {
namespace {

using namespace std::chrono_literals;
using locks::LOCKS_V1;

class lock_service {
public:
  virtual ~lock_service() = default;
  virtual void serve(rpc::server& by) = 0;
  virtual void begin(loop& callers, loop::duration lease) = 0;
  virtual void end() = 0;
  virtual loop& home() = 0;
  virtual const lock_books& books() = 0;
  virtual std::size_t waiting() = 0;
  virtual slow_once& slowly() = 0;
};

template <class Module>
class locks_of final : public lock_service {
public:
  ~locks_of() override { end(); }
  void serve(rpc::server& by) override {
    publish<LOCKS_V1>(
        by, module_, exported<LOCKS_V1::ACQUIRE>(&Module::acquire, {.max_pending = 10'000}),
        exported<LOCKS_V1::RELEASE>(&Module::release), exported<LOCKS_V1::TAKE>(&Module::take),
        exported<LOCKS_V1::GIVE_BACK>(&Module::give_back));
  }
  void begin(loop& callers, loop::duration lease) override {
    module_.begin(own_.get(), callers, lease);
  }
  void end() override {
    module_.close();
    module_.join();
  }
  loop& home() override { return own_.get(); }
  const lock_books& books() override { return *module_.books; }
  std::size_t waiting() override { return module_.waiting(); }
  slow_once& slowly() override { return module_.slowly; }

private:
  Module module_;
  loop_thread own_;
};

template <class Module>
std::unique_ptr<lock_service> make_locks() {
  return std::make_unique<locks_of<Module>>();
}

class StockLocks : public ::testing::TestWithParam<std::tuple<kind<lock_service>, over>> {
protected:
  void SetUp() override {
    locks_->serve(network_.server());
    network_.listen();
  }
  void TearDown() override { locks_->end(); }

  /// `lease`: how long something may be held over datagrams.
  void begin(loop::duration lease = 1h) { locks_->begin(network_.home(), lease); }
  process start(std::vector<std::string> what) const { return network_.start(std::move(what)); }
  process start_lock(const std::string& name, int rounds, bool exclusive = true) const {
    const std::string file = exclusive ? directory_ / name : std::string{};
    return start({"lock", name, std::to_string(rounds), file});
  }
  const lock_books& books() { return locks_->books(); }
  void expect_all_given_back() {
    wait_until([&] { return is_at_rest(); });
    locks_->end();
    EXPECT_EQ(books().granted(), books().returned());
  }
  // All clients have gone. What they had said is read, what is read is taken or cancelled, and the
  // bodies of what was taken have ended: then nothing more can be granted. Each lets its loop have
  // a turn behind the one that it is in.
  bool is_at_rest() {
    for (int turns = 0; turns < 2; ++turns) run_on(network_.home(), [] {});
    if (locks_->waiting() != 0) return false;
    for (int turns = 0; turns < 2; ++turns) run_on(locks_->home(), [] {});
    return books().held() == 0;
  }
  // Where datagrams get lost the lease may end before the next client has come.
  void wait_for_one_waiting() {
    wait_until([&] { return locks_->waiting() == 1 || books().held() == 0; });
  }

  // The one that waits for what another has is killed, and then that one.
  void kill_one_that_waits(const std::vector<std::string>& has,
                           const std::vector<std::string>& wants) {
    auto holder = start(has);
    holder->wait_for("held");
    auto queued = start(wants);
    wait_for_one_waiting();
    kill(queued);
    // Over datagrams nobody can know: it is granted, and the lease ends that.
    if (network_.over_tcp()) wait_until([&] { return locks_->waiting() == 0; });
    kill(holder);
  }
  void kill_one_that_is_served(const std::vector<std::string>& wants) {
    locks_->slowly().ask();
    auto victim = start(wants);
    wait_until([&] { return locks_->slowly().serving(); });
    kill(victim);
    if (network_.over_tcp()) wait_until([&] { return locks_->slowly().caller_is_gone(); });
    locks_->slowly().finish();
  }

  test::scratch_directory directory_;
  stock_network network_{std::get<1>(GetParam())};
  std::unique_ptr<lock_service> locks_ = std::get<0>(GetParam()).make();
};

TEST_P(StockLocks, AreHadByOneAtATime) {
  begin();
  const int rounds = network_.fewer(40);
  processes clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(start_lock(i % 2 == 0 ? "door" : "window", rounds));
  }
  for (const auto& c : clients) expect_done(*c);
  expect_all_given_back();
  EXPECT_EQ(books().granted(), static_cast<std::uint32_t>(4 * rounds));
}

TEST_P(StockLocks, HaveNoMoreUnitsThanThereAre) {
  begin();
  const int rounds = network_.fewer(40);
  processes clients;
  for (const char* units : {"1", "3", "5", "8"}) {
    clients.push_back(start({"pool", units, std::to_string(rounds)}));
  }
  for (const auto& c : clients) expect_done(*c);
  expect_all_given_back();
  EXPECT_EQ(books().granted(), static_cast<std::uint32_t>(4 * rounds));
  EXPECT_LE(books().most_at_once(), lock_books::units);
}

TEST_P(StockLocks, AreNotKeptByWhoIsKilledWhileQueued) {
  begin(100ms);
  kill_one_that_waits({"hold", "door"}, {"hold", "door"});
  expect_done(*start_lock("door", 1, network_.over_tcp()));
  expect_all_given_back();
  EXPECT_GE(books().granted(), 2U);
  EXPECT_LE(books().granted(), network_.over_tcp() ? 2U : 3U);
}

TEST_P(StockLocks, AreNotKeptByWhoIsKilledWhileServed) {
  begin(100ms);
  kill_one_that_is_served({"hold", "door"});
  expect_done(*start_lock("door", 1, network_.over_tcp()));
  expect_all_given_back();
  EXPECT_EQ(books().granted(), 2U);
}

TEST_P(StockLocks, GiveUnitsToNobodyWhoIsKilledWhileQueued) {
  begin(100ms);
  kill_one_that_waits({"grab", "6"}, {"grab", "4"});
  expect_done(*start({"pool", "8", "1"}));
  expect_all_given_back();
}

TEST_P(StockLocks, GiveUnitsToNobodyWhoIsKilledWhileServed) {
  begin(100ms);
  kill_one_that_is_served({"grab", "6"});
  expect_done(*start({"pool", "8", "1"}));
  expect_all_given_back();
}

TEST_P(StockLocks, AreNotKeptByWhoIsKilledWhileHoldingThem) {
  begin(100ms);
  auto units = start({"grab", "6"});
  units->wait_for("held");
  auto waiting = start({"pool", "8", "1"});
  wait_for_one_waiting();
  kill(units);
  expect_done(*waiting);
  expect_all_given_back();
}

TEST_P(StockLocks, GoRoundWhileOthersAreKilledAtAnyTime) {
  begin(100ms);
  processes clients;
  processes victims;
  // A lease may end while the answer that grants it is on its way.
  for (int i = 0; i < 3; ++i) {
    clients.push_back(start_lock("door", network_.fewer(20), network_.over_tcp()));
  }
  for (int i = 0; i < 4; ++i) victims.push_back(start({"hold", "door"}));
  // Some hold it, and some wait for one that does.
  for (auto& victim : victims) {
    victim->wait_for("connected");
    kill(victim);
  }
  for (const auto& c : clients) expect_done(*c);
  wait_until([&] { return locks_->waiting() == 0; });
  expect_all_given_back();
}

const auto all_kinds =
    ::testing::Values(kind<lock_service>{"Active", make_locks<active_locks>},
                      kind<lock_service>{"Monitor", make_locks<monitor_locks>},
                      kind<lock_service>{"Concurrent", make_locks<concurrent_locks>});

INSTANTIATE_TEST_SUITE_P(Are, StockLocks,
                         ::testing::Combine(all_kinds,
                                            ::testing::Values(tcp, udp, udp_that_loses,
                                                              udp_of_the_kernel_that_loses)),
                         name_of<lock_service>);

using StockFloods = StockLocks;

// More than a connection may have waiting: those beyond are refused, and the release is read.
TEST_P(StockFloods, OfAcquiresLetTheReleaseThrough) {
  begin();
  expect_done(*start({"flood", "door", "1100"}));
  expect_all_given_back();
  EXPECT_GE(books().granted(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Of, StockFloods, ::testing::Combine(all_kinds, ::testing::Values(tcp)),
                         name_of<lock_service>);

}  // namespace
}  // namespace tryst::bridge_test
