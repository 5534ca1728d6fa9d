// Calls through a network that loses, doubles and reorders: every call ends exactly once.
#include <gtest/gtest.h>

#include <future>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"
#include "support/lossy_proxy.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;

// How calls ended.
struct ledger {
  int results = 0;
  int wrong = 0;
  int refused = 0;
  int not_executed = 0;
  int unknown = 0;
  int ended() const { return results + refused + not_executed + unknown; }
};

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
        const auto got = co_await stub.ADD({i, 1}, how, as_result);
        if (got) {
          ++book.results;
          if (*got != i + 1) ++book.wrong;
        } else if (got.error().code == outcome::refused) {
          ++book.refused;
        } else if (got.error().code == outcome::not_executed) {
          ++book.not_executed;
        } else if (got.error().code == outcome::unknown) {
          ++book.unknown;
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
  EXPECT_EQ(book.results, 600);
  EXPECT_EQ(book.wrong, 0);
  EXPECT_EQ(book.ended(), 600);
  EXPECT_GE(record_.calls, 600);
}

TEST_P(Loss, CallsThatAreSentOnceBalanceToo) {
  const ledger book = call(200, 20, {.deadline = 200ms, .repeat = retransmission::never});
  EXPECT_EQ(book.ended(), 200);
  EXPECT_EQ(book.wrong, 0);
  EXPECT_EQ(book.refused + book.not_executed, 0);
}

INSTANTIATE_TEST_SUITE_P(OfAHundredDatagrams, Loss, ::testing::Values(0U, 1U, 10U, 30U),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace tryst::rpc
