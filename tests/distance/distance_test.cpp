// One test body at every distance, in every form of waiting, under every policy: the caller cannot
// tell them apart, except by time and by failure (architecture, principle 7).

#include <gtest/gtest.h>
#include <unistd.h>

#include <asio/use_future.hpp>
#include <future>
#include <stop_token>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/local_caller.hpp>
#include <tryst/rpc/memory_transport.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"
#include "support/ledger.hpp"

namespace tryst::rpc {
namespace {

enum class distance { local, memory, unix_socket, tcp_v4, tcp_v6, udp_v4, udp_v6 };
enum class form { blocking, coroutine, callback, future };

std::string address_for(distance d) {
  switch (d) {
    case distance::unix_socket:
      return "unix:@tryst-distance-" + std::to_string(::getpid());
    case distance::tcp_v6:
      return "tcp://[::1]:0";
    case distance::udp_v4:
      return "udp://127.0.0.1:0";
    case distance::udp_v6:
      return "udp://[::1]:0";
    default:
      return "tcp://127.0.0.1:0";
  }
}

template <class P, class Caller>
std::expected<typename P::result, failure> call(Caller& caller, loop& home, form how,
                                                typename P::arguments values,
                                                call_options options = {}) {
  using result = typename P::result;
  switch (how) {
    case form::blocking:
      return caller.template call<P>(std::move(values), options, as_result).get();
    case form::coroutine: {
      const auto process = [](Caller& c, typename P::arguments v,
                              call_options o) -> task<std::expected<result, failure>> {
        co_return co_await c.template call<P>(std::move(v), std::move(o), as_result);
      };
      return run(home, process(caller, std::move(values), options));
    }
    case form::callback: {
      std::promise<std::expected<result, failure>> ended;
      caller.template call<P>(std::move(values), options, [&](std::error_code why, result value) {
        if (why) return ended.set_value(std::unexpected{failure{why}});
        ended.set_value(std::move(value));
      });
      return ended.get_future().get();
    }
    case form::future:
      try {
        return caller.template call<P>(std::move(values), options, asio::use_future).get();
      } catch (const std::system_error& e) {
        return std::unexpected{failure{e.code()}};
      }
  }
  return std::unexpected{failure{}};
}

// `silence` stops the calls that are never answered.
template <class Caller>
void the_body(Caller& caller, loop& home, form how, std::stop_token silence) {
  using v1 = calc::CALC_V1;
  tests::ledger book;
  const auto ask = [&]<class P>(P, typename P::arguments values, call_options options = {}) {
    ++book.started;
    return book.note(call<P>(caller, home, how, std::move(values), std::move(options)));
  };

  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(v1::ADD{}, {calc::pair{i, 2}}), i + 2);
  const auto divided = ask(v1::DIVIDE{}, {7, 2, calc::UP});
  ASSERT_TRUE(divided) << divided.error().text();
  EXPECT_EQ(*divided->value(), 4);
  const auto by_zero = ask(v1::DIVIDE{}, {7, 0, calc::DOWN});
  ASSERT_TRUE(by_zero);
  EXPECT_EQ(*by_zero->reason(), "division by zero");

  EXPECT_EQ(ask(v1::DIVIDE{}, {7, -1, calc::DOWN}).error().code, errc::auth_too_weak);
  EXPECT_EQ(ask(v1::DIVIDE{}, {7, -2, calc::DOWN}).error().code, errc::system_err);

  xdr::optional_data<calc::entry> list;
  list.emplace().label = "a";
  list->next.emplace().label = "b";
  EXPECT_EQ(ask(v1::DESCRIBE{}, {list}), "a;b;");

  list->numbers.resize(17);  // the .x allows 16
  EXPECT_EQ(ask(v1::DESCRIBE{}, {list}).error().code, errc::arguments_invalid);
  const auto undeclared = static_cast<calc::rounding>(9);
  EXPECT_EQ(ask(v1::DIVIDE{}, {7, 2, undeclared}).error().code, errc::arguments_invalid);

  list.emplace().label = "silence";
  const auto unanswered = ask(v1::DESCRIBE{}, {list}, {.stop = std::move(silence)});
  EXPECT_EQ(unanswered.error().code, outcome::unknown);

  EXPECT_EQ(book.started, 28);
  EXPECT_EQ(book.results, 23);
  EXPECT_EQ(book.refused, 2);
  EXPECT_EQ(book.not_executed, 2);
  EXPECT_EQ(book.unknown, 1);
  EXPECT_TRUE(book.balances());
}

using parameters = std::tuple<distance, form, policy>;

struct Distance : ::testing::TestWithParam<parameters> {};

TEST_P(Distance, ChangesNothingForTheCaller) {
  const auto [far, how, policy_of_service] = GetParam();
  tests::calculator_record record;
  loop_thread server_loop;
  loop_thread client_loop;
  const service_options options{.policy = policy_of_service};
  const auto service = make_service<calc::CALC_V1>(tests::calculator{&record}, options);

  if (far == distance::local) {
    local_caller caller{server_loop.get(), service};
    the_body(caller, server_loop, how, record.silence.get_token());
  } else {
    server s{server_loop};
    s.serve(service);
    if (far == distance::memory) {
      auto [near_end, far_end] = memory_pair(client_loop, server_loop);
      s.serve_connection(server_loop, std::move(far_end));
      client caller{client_loop, std::move(near_end)};
      the_body(caller, client_loop, how, record.silence.get_token());
    } else {
      const address where = s.listen(address_for(far));
      client caller{client_loop, where.text()};
      the_body(caller, client_loop, how, record.silence.get_token());
    }
  }
  record.join();
  EXPECT_EQ(record.inside, 0);
  // Two of the 28 calls never reached a handler.
  EXPECT_EQ(record.calls, 26);
}

std::string name_of(const ::testing::TestParamInfo<parameters>& info) {
  static constexpr std::array distances{"local", "memory", "unix", "tcp4", "tcp6", "udp4", "udp6"};
  static constexpr std::array forms{"blocking", "coroutine", "callback", "future"};
  static constexpr std::array policies{"inline", "task", "pool", "serialised"};
  return std::string{distances[static_cast<std::size_t>(std::get<0>(info.param))]} + "_" +
         forms[static_cast<std::size_t>(std::get<1>(info.param))] + "_" +
         policies[static_cast<std::size_t>(std::get<2>(info.param).how)];
}

INSTANTIATE_TEST_SUITE_P(
    Everywhere, Distance,
    ::testing::Combine(
        ::testing::Values(distance::local, distance::memory, distance::unix_socket,
                          distance::tcp_v4, distance::tcp_v6, distance::udp_v4, distance::udp_v6),
        ::testing::Values(form::blocking, form::coroutine, form::callback, form::future),
        ::testing::Values(inline_, task_per_call, serialised, pool(3))),
    name_of);

}  // namespace
}  // namespace tryst::rpc
