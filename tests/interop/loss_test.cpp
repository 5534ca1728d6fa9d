// Calls of libtirpc's clients to our server, and of our clients to its server, through networks
// that lose, double and reorder: every call has one outcome, and runs as often as was promised.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <coroutine>
#include <latch>
#include <set>
#include <sstream>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "interop/bad_network.hpp"
#include "tally.hpp"

namespace tryst::interop {
namespace {

using namespace std::chrono_literals;

constexpr unsigned most_calls = 2000;

// As patient as libtirpc's clients are here.
const rpc::client_options our_options{.defaults = {.deadline = 10s},
                                      .timing = {.first = 100ms, .least = 100ms, .longest = 100ms}};

std::string address_of(std::uint16_t port) { return "udp://127.0.0.1:" + std::to_string(port); }

// co_await after{loop, 100ms}
class after final : public timer {
public:
  after(loop& home, loop::duration time) : home_{home}, time_{time} {}
  bool await_ready() const { return time_ == 0ms; }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    home_.arm(*this, home_.now() + time_);
  }
  void await_resume() const {}

private:
  void expired() noexcept override { waiting_.resume(); }

  loop& home_;
  loop::duration time_;
  std::coroutine_handle<> waiting_;
};

using counts = std::array<std::atomic<unsigned>, most_calls>;

struct tally_service {
  loop& home;
  counts& executions;

  task<std::uint32_t> MARK(std::uint32_t call, std::uint32_t milliseconds) {
    ++executions.at(call);
    co_await after{home, std::chrono::milliseconds{milliseconds}};
    co_return call;
  }
  tally::tally TOTAL() {
    tally::tally all;
    for (const auto& n : executions) {
      if (n > 0) ++all.calls;
      all.executions += n;
    }
    return all;
  }
};

// How calls ended.
struct ledger {
  explicit ledger(unsigned calls) : made{calls} {}
  unsigned made;
  unsigned results = 0;
  std::set<unsigned> failed;
  std::string reasons;

  void note_failure(unsigned call, const std::string& why) {
    EXPECT_TRUE(failed.insert(call).second) << call << " ended twice";
    reasons += std::to_string(call) + ": " + why + '\n';
  }
};

class Through : public ::testing::TestWithParam<std::tuple<bad_network::made_by, unsigned>> {
protected:
  unsigned lost() const { return std::get<unsigned>(GetParam()); }
  // Where more is lost a call takes longer: more of them at a time.
  unsigned clients() const { return lost() < 10 ? 20 : lost() < 30 ? 40 : 100; }
  std::uint16_t serve() {
    server_.serve<tally::TALLY_V1>(tally_service{loop_.get(), executions_});
    return network_.to(server_.listen("udp://127.0.0.1:0").port);
  }

  // What libtirpc's clients say of their calls.
  ledger call_with_stock_clients(std::uint16_t port, unsigned calls, unsigned milliseconds = 0) {
    std::istringstream said{
        network_
            .start({TALLY_CLIENT, std::to_string(port), std::to_string(clients()),
                    std::to_string(calls), std::to_string(milliseconds)})
            ->finish()};
    ledger book{calls};
    std::string line;
    while (std::getline(said, line)) {
      std::istringstream words{line};
      std::string what;
      unsigned number = 0;
      words >> what >> number;
      if (what == "failed") book.note_failure(number, line);
      if (what == "results") book.results = number;
    }
    return book;
  }

  // What becomes of the calls of as many clients of ours.
  ledger call_with_our_clients(std::uint16_t port, unsigned calls, unsigned milliseconds = 0) {
    ledger book{calls};  // the loop's thread writes it
    const auto make_calls = [&](rpc::client& by, unsigned first) -> task<void> {
      tally::TALLY_V1::stub stub{by};
      for (unsigned call = first; call < calls; call += clients()) {
        const auto got =
            co_await stub.MARK(call, milliseconds, rpc::call_options{}, rpc::as_result);
        if (!got) {
          book.note_failure(call, got.error().code.message());
        } else if (*got != call) {
          book.note_failure(call, "another call's result");
        } else {
          ++book.results;
        }
      }
    };
    std::vector<std::unique_ptr<rpc::client>> callers;
    std::latch all_ended{clients()};
    for (unsigned first = 0; first < clients(); ++first) {
      callers.push_back(std::make_unique<rpc::client>(loop_, address_of(port), our_options));
      spawn(loop_.get(), make_calls(*callers.back(), first),
            [&](const std::exception_ptr&) { all_ended.count_down(); });
    }
    all_ended.wait();
    return book;
  }

  void expect_balance(const ledger& book) const {
    EXPECT_EQ(book.results + book.failed.size(), book.made) << book.reasons;
    if (lost() <= 10) {
      EXPECT_EQ(book.results, book.made) << book.reasons;
    }
  }

  // Those with a result ran once, the others once or not at all.
  void expect_at_most_once(const ledger& book) const {
    for (unsigned call = 0; call < book.made; ++call) {
      EXPECT_LE(executions_[call], 1U) << call;
      if (!book.failed.contains(call)) {
        EXPECT_EQ(executions_[call], 1U) << call;
      }
    }
  }

  bad_network network_{std::get<bad_network::made_by>(GetParam()), lost()};
  counts executions_{};
  loop_thread loop_;
  rpc::server server_{loop_};
};

TEST_P(Through, StockClientsGetWhatOurServerRanAtMostOnce) {
  const ledger book = call_with_stock_clients(serve(), most_calls);
  expect_balance(book);
  expect_at_most_once(book);
  const auto met = server_.counters().replies;
  EXPECT_GT(met.doubled, 0U);
  if (lost() > 0) {
    EXPECT_GT(met.hits, 0U);  // answers that were lost
  }
}

// 150 ms where libtirpc's clients ask again after 100 ms, and ours too as long as they know no
// better.
TEST_P(Through, StockClientsGetWhatRanForLongerThanTheyWait) {
  const ledger book = call_with_stock_clients(serve(), 200, 150);
  expect_balance(book);
  expect_at_most_once(book);
  EXPECT_GT(server_.counters().replies.in_progress, 0U);
}

TEST_P(Through, OurClientsGetWhatOurServerRanAtMostOnce) {
  const ledger book = call_with_our_clients(serve(), most_calls);
  expect_balance(book);
  expect_at_most_once(book);
}

TEST_P(Through, OurClientsGetWhatRanForLongerThanTheyWait) {
  const ledger book = call_with_our_clients(serve(), 200, 150);
  expect_balance(book);
  expect_at_most_once(book);
  EXPECT_GT(server_.counters().replies.in_progress, 0U);
}

TEST_P(Through, OurClientsGetWhatAStockServerRan) {
  const auto server = network_.start({TALLY_SERVER});
  const auto port = network_.to(static_cast<std::uint16_t>(std::stoi(server->wait_for("READY "))));
  const ledger book = call_with_our_clients(port, most_calls);
  expect_balance(book);
  rpc::client asks{loop_, address_of(port), our_options};
  const tally::tally all = tally::TALLY_V1::stub{asks}.TOTAL().get();
  EXPECT_GE(all.calls, book.results);
  EXPECT_GE(all.executions, all.calls);  // it has no reply cache
}

INSTANTIATE_TEST_SUITE_P(ANetworkThatLoses, Through,
                         ::testing::Combine(::testing::Values(bad_network::made_by::proxy,
                                                              bad_network::made_by::nftables),
                                            ::testing::Values(0U, 1U, 10U, 30U)),
                         [](const auto& each) {
                           return std::to_string(std::get<1>(each.param)) + "OfAHundredMadeBy" +
                                  (std::get<0>(each.param) == bad_network::made_by::proxy
                                       ? "AProxy"
                                       : "Nftables");
                         });

}  // namespace
}  // namespace tryst::interop
