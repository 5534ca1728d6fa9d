// Results that are larger than a message of their transport: nothing is cut, the caller is told,
// and the procedure is not run again.
#include <gtest/gtest.h>

#include <algorithm>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"
#include "support/datagram_socket.hpp"
#include "support/lossy_proxy.hpp"
#include "support/raw_client.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;

// Its descriptions fit in no message; as it is asked for nothing, and for something, it answers
// from the loop, and from another thread.
struct verbose_calculator : tests::calculator {
  void DESCRIBE(reply<std::string> to, xdr::optional_data<calc::entry> e) {
    ++record->calls;
    constexpr std::size_t size = std::size_t{2} << 20;
    if (!e) return to(std::string(size, 'x'));
    const std::lock_guard lock{record->mutex};
    record->answering.emplace_back([](reply<std::string> owed) { owed(std::string(size, 'y')); },
                                   std::move(to));
  }
};

struct served {
  explicit served(std::string_view at, server_options how = {}) : serving{home, std::move(how)} {
    serving.serve<calc::CALC_V1>(verbose_calculator{{&record}}, {.cache_stream_replies = true});
    where = serving.listen(at);
  }
  ~served() { record.join(); }

  tests::calculator_record record;
  loop_thread home;
  server serving;
  address where;
};

xdr::optional_data<calc::entry> something() {
  xdr::optional_data<calc::entry> e;
  e.emplace();
  return e;
}

class OversizedResult : public testing::TestWithParam<const char*> {};

TEST_P(OversizedResult, IsAClearErrorAtItsCallerAndIsCounted) {
  served s{GetParam()};
  loop_thread home;
  client c{home, s.where.text()};
  const calc::CALC_V1::stub calculator{c};
  const auto from_the_loop = calculator.DESCRIBE({}, call_options{}, as_result).get();
  ASSERT_FALSE(from_the_loop);
  EXPECT_EQ(from_the_loop.error().code, errc::system_err);
  const auto from_a_thread = calculator.DESCRIBE(something(), call_options{}, as_result).get();
  ASSERT_FALSE(from_a_thread);
  EXPECT_EQ(from_a_thread.error().code, errc::system_err);
  EXPECT_EQ(calculator.ADD({2, 3}).get(), 5);
  EXPECT_EQ(s.record.calls, 3);
  EXPECT_EQ(s.serving.counters().oversized, 2U);
}
INSTANTIATE_TEST_SUITE_P(Over, OversizedResult,
                         testing::Values("tcp://127.0.0.1:0", "udp://127.0.0.1:0"),
                         [](const auto& at) { return std::string{at.param}.substr(0, 3); });

TEST(Pitfall23, ACallWhoseResultIsTooLargeIsRefusedAgainAndNotRunAgain) {
  served s{"udp://127.0.0.1:0", {.replies = {.doubled_within = 0ms}}};
  test::datagram_socket peer;
  const auto call = tests::bytes_of({8, 0, 2, 0x20000101, 1, 3, 0, 0, 0, 0, 0});
  const auto refused = tests::bytes_of({8, 1, 0, 0, 0, 5});  // SYSTEM_ERR
  for (int i = 0; i < 3; ++i) {
    peer.send_to(test::loopback(s.where.port), std::as_bytes(std::span{call}));
    const auto answer = peer.receive().value().message;
    EXPECT_TRUE(std::ranges::equal(answer, std::as_bytes(std::span{refused})));
  }
  EXPECT_EQ(s.record.calls, 1);
  EXPECT_EQ(s.serving.counters().oversized, 1U);
  EXPECT_EQ(s.serving.counters().replies.hits, 2U);
}

TEST(AtMostOnce, HoldsForResultsThatAreTooLargeThroughANetworkThatLosesAndDoubles) {
  served s{"udp://127.0.0.1:0"};
  test::lossy_proxy network{s.where.port, {.lost = 20, .doubled = 20, .late = 10}, 7};
  loop_thread home;
  client caller{
      home, network.address(), {.timing = {.first = 10ms, .least = 10ms, .longest = 40ms}}};
  for (int i = 0; i < 40; ++i) {
    const auto got =
        calc::CALC_V1::stub{caller}.DESCRIBE({}, call_options{.deadline = 60s}, as_result).get();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::system_err);
  }
  EXPECT_EQ(s.record.calls, 40);
  EXPECT_EQ(s.serving.counters().oversized, 40U);
}

}  // namespace
}  // namespace tryst::rpc
