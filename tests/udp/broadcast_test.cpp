// One call, many servers.
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/broadcast.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"
#include "support/datagram_socket.hpp"
#include "udp/played_datagrams.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using v1 = calc::CALC_V1;
using sum = broadcast_answer<std::int32_t>;

struct Broadcast : ::testing::Test {
  // A server on a loop of its own, at a free port.
  address serve(std::string_view where, datagram_limits limits = {.jitter = 0ms}) {
    servers_.push_back(std::make_unique<server>(loop_, server_options{.datagrams = limits}));
    servers_.back()->serve<v1>(tests::calculator{&record_});
    return servers_.back()->listen(where);
  }

  tests::calculator_record record_;
  loop_thread loop_;
  loop_thread home_;
  std::vector<std::unique_ptr<server>> servers_;
};

TEST_F(Broadcast, BringsTheAnswersOfAllWhoAnswer) {
  std::vector<std::string> to;
  for (int i = 0; i < 5; ++i) to.push_back(serve("udp://127.0.0.1:0").text());
  broadcast_caller everyone{home_, 0, {.wait = 60s, .to = to}};
  std::set<std::string> from;
  const v1::stub stub{everyone};
  const auto heard = stub.ADD({2, 3},
                              [&](const sum& answer) {
                                EXPECT_EQ(answer.outcome, 5);
                                from.insert(answer.from.text());
                                return from.size() == 5;
                              })
                         .get();
  EXPECT_EQ(heard, 5U);
  EXPECT_EQ(from, std::set(to.begin(), to.end()));
}

TEST_F(Broadcast, ReachesWhoeverListensAtTheBroadcastAddress) {
  const address at = serve("udp://0.0.0.0:0");
  broadcast_caller everyone{
      home_, 0, {.wait = 60s, .to = {"udp://127.255.255.255:" + std::to_string(at.port)}}};
  const v1::stub stub{everyone};
  EXPECT_EQ(stub.ADD({2, 3}, [](const sum& answer) { return answer.outcome == 5; }).get(), 1U);
}

// A program that nobody serves.
struct unknown {
  static constexpr interface_id id{77, 1};
  struct CALL : procedure<1, void()> {
    using version = unknown;
  };
};

// A network of this process's own: two links that have IPv6 multicast, which loopback has not.
constexpr std::array links{"v0", "v1"};
bool enter_own_network() {
  const bool entered =
      ::unshare(::geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) == 0;
  return entered && std::system(
                        "ip link set lo up && ip link add v0 type veth peer name v1 &&"
                        "for i in 0 1; do"
                        "  ip link set v$i addrgenmode none && ip link set v$i up &&"
                        "  ip -6 addr add fe80::$i/64 dev v$i nodad || exit 1;"
                        "done") == 0;
}

void call_the_group_on_every_link() {
  ASSERT_TRUE(enter_own_network()) << "no network namespace with links can be made here";
  loop_thread loop;
  loop_thread home;
  server s{loop, {.datagrams = {.jitter = 0ms, .groups = {"ff02::202"}}}};
  s.serve<v1>(tests::calculator{});
  const std::string port = std::to_string(s.listen("udp://[::]:0").port);
  for (const std::string link : links) {
    const std::string group = "udp://[ff02::202%" + link + "]:" + port;
    broadcast_caller everyone{home, 0, {.wait = 60s, .to = {group}}};
    const v1::stub stub{everyone};
    EXPECT_EQ(stub.ADD({2, 3}, [](const sum& answer) { return answer.outcome == 5; }).get(), 1U);
    // It came to many: what is refused is not answered.
    const auto before = s.counters().datagrams.silenced;
    broadcast_caller briefly{home, 0, {.wait = 20ms, .to = {group}}};
    EXPECT_EQ(briefly.call<unknown::CALL>(std::tuple<>{}, [](const auto&) {}).get(), 0U);
    while (s.counters().datagrams.silenced == before) std::this_thread::yield();
  }
}

TEST(Pitfall79, AGroupOfIPv6IsCalledInterfaceByInterface) {
  // In a process of its own, whose network goes with it.
  EXPECT_EXIT(
      {
        call_the_group_on_every_link();
        std::_Exit(HasFailure() ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(Pitfall79, WithoutAddressesEveryInterfaceIsCalled) {
  loop_thread home;
  // Nobody listens at this port: what is asked is that sending to wherever there is an interface
  // does no harm.
  std::uint16_t port = 0;
  {
    const test::datagram_socket gone;
    port = gone.port();
  }
  broadcast_caller everyone{home, port, {.wait = 10ms}};
  const v1::stub stub{everyone};
  try {
    EXPECT_EQ(stub.ADD({2, 3}, [](const sum&) {}).get(), 0U);
  } catch (const call_error& none) {
    // A machine without any network but its own.
    EXPECT_EQ(none.code(), errc::connect_failed);
  }
}

TEST_F(Broadcast, TakesOneAnswerOfEachAddressAndNoMoreThanItIsTold) {
  test::datagram_socket one;
  test::datagram_socket two;
  broadcast_caller everyone{
      home_, 0, {.wait = 60s, .answers = 2, .to = {one.address(), two.address()}}};
  int answers = 0;
  const v1::stub stub{everyone};
  std::thread answering{[&] {
    const auto call = one.receive();
    if (!call) return;
    const auto reply = [&](std::string_view rest) {
      return test::bytes_of(test::hex_of(std::span{call->message}.first(4)) + std::string{rest});
    };
    const auto five = reply("00000001 0000000000000000 00000000 00000000 00000005");
    one.send_to(call->from, test::bytes_of("00000001"));
    one.send_to(call->from, reply("00000000"));
    one.send_to(call->from, reply("00000001 000000"));
    for (int i = 0; i < 10; ++i) one.send_to(call->from, five);
    // PROG_UNAVAIL: an answer all the same.
    two.send_to(call->from, reply("00000001 0000000000000000 00000000 00000001"));
  }};
  const auto heard = stub.ADD({2, 3},
                              [&](const sum& answer) {
                                ++answers;
                                if (answer.from.port == one.port()) {
                                  EXPECT_EQ(answer.outcome, 5);
                                } else {
                                  EXPECT_EQ(answer.outcome.error().code, errc::prog_unavail);
                                }
                              })
                         .get();
  answering.join();
  EXPECT_EQ(heard, 2U);
  EXPECT_EQ(answers, 2);
}

TEST_F(Broadcast, IsSentAgainAndEndsInTime) {
  test::datagram_socket silent;
  broadcast_caller everyone{home_, 0, {.wait = 60ms, .copies = 3, .to = {silent.address()}}};
  const v1::stub stub{everyone};
  const auto process = [](v1::stub<broadcast_caller> s) -> task<std::size_t> {
    co_return co_await s.ADD({2, 3}, [](const sum&) {});
  };
  EXPECT_EQ(run(home_, process(stub)), 0U);
  const auto first = silent.receive();
  for (int copy = 1; copy < 3; ++copy) EXPECT_EQ(silent.receive()->message, first->message);
  EXPECT_FALSE(silent.receive(0));
}

TEST_F(Broadcast, SaysWhyItWasNotSent) {
  broadcast_caller nowhere{home_, 0, {.to = {"tcp://127.0.0.1:1"}}};
  const v1::stub stub{nowhere};
  try {
    stub.ADD({2, 3}, [](const sum&) {}).get();
    ADD_FAILURE();
  } catch (const call_error& why) {
    EXPECT_EQ(why.code(), errc::address_invalid);
  }
}

}  // namespace
}  // namespace tryst::rpc
