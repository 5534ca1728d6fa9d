#include <gtest/gtest.h>

#include <asio/use_future.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/local_caller.hpp>
#include <tryst/rpc/server.hpp>

#include "compiler/golden/calc.hpp"

namespace tryst::rpc {
namespace {

struct calculator {
  std::int32_t ADD(calc::pair p) { return p.a + p.b; }
  task<calc::quotient> DIVIDE(std::int32_t a, std::int32_t b, calc::rounding) {
    calc::quotient q;
    if (b == 0) {
      q.set_reason("division by zero");
    } else {
      q.set_value(a / b);
    }
    co_return q;
  }
  void DESCRIBE(reply<std::string> to, xdr::optional_data<calc::entry> e) {
    to(e ? e->label : "nothing");
  }
};

TEST(FirstCall, IsAnsweredOverTcpInEveryForm) {
  loop_thread server_loop;
  loop_thread client_loop;
  server s{server_loop};
  s.serve<calc::CALC_V1>(calculator{});
  const address where = s.listen("tcp://127.0.0.1:0");
  client c{client_loop, where.text()};
  calc::CALC_V1::stub stub{c};
  EXPECT_EQ(stub.ADD({2, 3}).get(), 5);
  EXPECT_EQ(*stub.DIVIDE(7, 2, calc::DOWN).get().value(), 3);
  EXPECT_EQ(*stub.DIVIDE(7, 0, calc::DOWN).get().reason(), "division by zero");
  EXPECT_EQ(stub.DESCRIBE({}).get(), "nothing");
  EXPECT_EQ(stub.ADD({4, 5}, asio::use_future).get(), 9);
  const auto process = [](calc::CALC_V1::stub<client> st) -> task<int> {
    int sum = 0;
    for (int i = 0; i < 1000; ++i) sum += co_await st.ADD({i, 1});
    co_return sum;
  };
  EXPECT_EQ(run(client_loop, process(stub)), 500500);
}

TEST(FirstCall, IsAnsweredWithinTheProcess) {
  loop_thread home;
  for (const policy how : {inline_, task_per_call, serialised, pool(2)}) {
    const auto service = make_service<calc::CALC_V1>(calculator{}, {.policy = how});
    local_caller caller{home.get(), service};
    calc::CALC_V1::stub stub{caller};
    EXPECT_EQ(stub.ADD({2, 3}).get(), 5);
    EXPECT_EQ(*stub.DIVIDE(7, 2, calc::DOWN).get().value(), 3);
    EXPECT_EQ(stub.DESCRIBE({}).get(), "nothing");
    calc::entry too_long;
    too_long.numbers.resize(17);
    const auto refused = stub.DESCRIBE(too_long, as_result).get();
    EXPECT_EQ(refused.error().code, errc::arguments_invalid);
  }
}

}  // namespace
}  // namespace tryst::rpc
