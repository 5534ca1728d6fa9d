// A server's side of UDP, against sockets that the test holds.
#include <gtest/gtest.h>

#include <deque>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/connection.hpp>
#include <tryst/rpc/server.hpp>

#include "dispatch/calls.hpp"
#include "udp/served.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using test::bytes;
using test::datagram_socket;
using v1 = calc::CALC_V1;

using Served = test::served_datagrams;
using test::answer;

TEST(DatagramServer, AnswersFromTheSocketThatWasCalled) {
  const Served s;
  datagram_socket caller;
  caller.send_to(s.address(), test::call{}.message());
  const auto reply = caller.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(test::hex_of(reply->message), test::five());
  EXPECT_EQ(ntohs(reply->from.sin_port), s.where.port);
}

TEST(Pitfall23, AReplyThatNoDatagramMayHoldIsASystemError) {
  const Served s{"udp://127.0.0.1:0", {.datagrams = {.max_bytes = 100}}};
  loop_thread home;
  client c{home, s.where.text()};
  xdr::optional_data<calc::entry> one;
  one.emplace().label = std::string(20, 'a');
  EXPECT_EQ(v1::stub{c}.DESCRIBE(one).get(), std::string(20, 'a') + ";");
  // The arguments fit into a hundred bytes, and the reply does; one more entry and neither would.
  datagram_socket caller;
  bytes large = test::call{}.message();
  large.resize(101);
  caller.send_to(s.address(), large);
  caller.send_to(s.address(), test::call{}.message());
  EXPECT_EQ(answer(caller), test::five());
  EXPECT_EQ(s.served.counters().datagrams.too_large, 1U);
}

struct lengthy {
  std::int32_t ADD(calc::pair p) { return p.a + p.b; }
  calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
  std::string DESCRIBE(xdr::optional_data<calc::entry>) { return std::string(70'000, 'x'); }
};

TEST(Pitfall23, AReplyOfMoreThanADatagramIsNeverCut) {
  loop_thread server_loop;
  server s{server_loop};
  s.serve<v1>(lengthy{});
  const address where = s.listen("udp://127.0.0.1:0");
  loop_thread home;
  client c{home, where.text()};
  EXPECT_EQ(v1::stub{c}.DESCRIBE({}, as_result).get().error().code, errc::system_err);
  EXPECT_EQ(v1::stub{c}.ADD({2, 3}).get(), 5);
}

TEST(Pitfall24, AReplyLeavesFromTheAddressThatWasCalled) {
  const Served s{"udp://0.0.0.0:0"};
  datagram_socket caller;
  for (const std::uint32_t host : {INADDR_LOOPBACK, INADDR_LOOPBACK + 1, INADDR_LOOPBACK + 77}) {
    caller.send_to(s.address(host), test::call{}.message());
    const auto reply = caller.receive();
    ASSERT_TRUE(reply);
    EXPECT_EQ(ntohl(reply->from.sin_addr.s_addr), host);
    EXPECT_EQ(test::hex_of(reply->message), test::five());
  }
  EXPECT_EQ(s.served.counters().datagrams.peers, 3U);
}

TEST(Pitfall24, AClientOfEachAddressGetsItsReplies) {
  for (const std::string_view any : {"udp://0.0.0.0:0", "udp://[::]:0"}) {
    const Served s{any};
    const bool v6 = s.where.host == "::";
    for (const std::string_view host : {v6 ? "[::1]" : "127.0.0.1", v6 ? "[::1]" : "127.0.0.2"}) {
      loop_thread home;
      client c{home, "udp://" + std::string{host} + ":" + std::to_string(s.where.port)};
      EXPECT_EQ(v1::stub{c}.ADD({2, 3}).get(), 5);
    }
  }
}

TEST(Pitfall25, CallersThatAreGoneDoNotDisturbTheServer) {
  const Served s;
  for (int i = 0; i < 200; ++i) {
    datagram_socket gone;
    gone.send_to(s.address(), test::call{}.message());
  }
  datagram_socket caller;
  for (int i = 0; i < 20; ++i) {
    caller.send_to(s.address(), test::call{}.message());
    EXPECT_EQ(answer(caller), test::five());
  }
}

TEST(Pitfall26, BroadcastCallsAreAnsweredWithResultsAndWithNothingElse) {
  const Served s{"udp://0.0.0.0:0", {.datagrams = {.jitter = 0ms}}};
  datagram_socket caller;
  constexpr int on = 1;
  ::setsockopt(caller.descriptor(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  const sockaddr_in all = s.address(0x7fff'ffff);  // 127.255.255.255
  for (const test::call& c :
       {test::call{.program = 77}, test::call{.version = 9}, test::call{.procedure = 9},
        test::call{.rpcvers = 3}, test::call{.flavor = 99}, test::call{.arguments = "00"}}) {
    caller.send_to(all, c.message());
    // To us alone it is answered.
    caller.send_to(s.address(), c.message());
    const auto refusal = caller.receive();
    ASSERT_TRUE(refusal);
    EXPECT_EQ(ntohl(refusal->from.sin_addr.s_addr), INADDR_LOOPBACK);
  }
  caller.send_to(all, test::call{}.message());
  const auto reply = caller.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(test::hex_of(reply->message), test::five());
  EXPECT_EQ(ntohl(reply->from.sin_addr.s_addr), INADDR_LOOPBACK);
  EXPECT_EQ(s.served.counters().datagrams.silenced, 6U);
}

struct caller_back {
  std::int32_t ADD(calc::pair p) { return p.a + p.b; }
  calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
  task<std::string> DESCRIBE(const call_info& info, xdr::optional_data<calc::entry>) {
    connection back = info.connection();
    co_return std::to_string(co_await v1::stub{back}.ADD({40, 2}));
  }
};

TEST(DatagramServer, MayCallItsCallers) {
  loop_thread server_loop;
  server s{server_loop};
  s.serve<v1>(caller_back{});
  const address where = s.listen("udp://127.0.0.1:0");
  dispatcher at_client;
  at_client.add(make_service<v1>(tests::calculator{}));
  loop_thread home;
  client c{home, where.text(), {.services = &at_client}};
  EXPECT_EQ(v1::stub{c}.DESCRIBE({}).get(), "42");
}

TEST(DatagramServer, HasASocketForEachOfItsLoops) {
  loop_thread one;
  loop_thread two;
  loop_thread three;
  tests::calculator_record record;
  server s{{&one.get(), &two.get(), &three.get()}, {}};
  s.serve<v1>(tests::calculator{&record});
  const address where = s.listen("udp://127.0.0.1:0");
  loop_thread home;
  // All at a time: the next one may be given the port of one that is gone.
  std::deque<client> clients;
  for (int i = 0; i < 40; ++i) {
    client& c = clients.emplace_back(home, where.text());
    EXPECT_EQ(v1::stub{c}.ADD({i, 1}).get(), i + 1);
  }
  EXPECT_EQ(record.calls, 40);
  EXPECT_EQ(s.counters().datagrams.peers, 40U);
}

}  // namespace
}  // namespace tryst::rpc
