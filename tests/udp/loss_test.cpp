// Calls through a network that loses, doubles and reorders: every call ends exactly once.
#include <gtest/gtest.h>

#include <future>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"
#include "support/ledger.hpp"
#include "support/lossy_proxy.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;

using tests::ledger;

constexpr retransmission_timing impatient{.first = 10ms, .least = 10ms, .longest = 40ms};

class Loss : public ::testing::TestWithParam<unsigned> {
protected:
  // `count` calls, `width` of them at a time, each ends once or the test does.
  ledger call(int count, int width, call_options how) {
    test::lossy_proxy network{at_.port, {.lost = GetParam(), .doubled = 5, .late = 10}, 42};
    loop_thread home;
    client caller{home, network.address(), {.timing = impatient}};
    ledger book;
    const auto one_after_the_other = [&](int from, int to) -> task<void> {
      calc::CALC_V1::stub stub{caller};
      for (int i = from; i < to; ++i) {
        ++book.started;
        const auto got = book.note(co_await stub.ADD({i, 1}, how, as_result));
        if (got) {
          EXPECT_EQ(*got, i + 1);
        }
      }
    };
    std::vector<std::future<void>> all;
    for (int w = 0; w < width; ++w) {
      const int from = count / width * w;
      all.push_back(std::async(std::launch::async, [&, from] {
        run(home, one_after_the_other(from, from + count / width));
      }));
    }
    for (auto& f : all) f.get();
    return book;
  }

  tests::calculator_record record_;
  loop_thread loop_;
  server server_{loop_};
  address at_ = [this] {
    server_.serve<calc::CALC_V1>(tests::calculator{&record_});
    return server_.listen("udp://127.0.0.1:0");
  }();
};

TEST_P(Loss, RepeatedCallsAllBringTheirResults) {
  const ledger book = call(600, 20, {.deadline = 60s});
  EXPECT_EQ(book.started, 600);
  EXPECT_EQ(book.results, 600);
  EXPECT_GE(record_.calls, 600);
}

TEST_P(Loss, CallsThatAreSentOnceBalanceToo) {
  const ledger book = call(200, 20, {.deadline = 200ms, .repeat = retransmission::never});
  EXPECT_EQ(book.started, 200);
  EXPECT_TRUE(book.balances());
  EXPECT_EQ(book.refused + book.not_executed, 0);
}

INSTANTIATE_TEST_SUITE_P(OfAHundredDatagrams, Loss, ::testing::Values(0U, 1U, 10U, 30U),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace tryst::rpc
