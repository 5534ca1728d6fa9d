// What callers over UDP may cost a server, and what it leaves unanswered.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
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

TEST(DatagramServer, SaysNothingToGarbage) {
  const Served s;
  datagram_socket caller;
  std::uint64_t sent = 0;
  for (const std::string_view hex :
       {"", "00", "deadbeef", "deadbeef 000000", "deadbeef 00000002", "deadbeef ffffffff",
        // A reply, and nobody asked.
        "deadbeef 00000001 00000000 00000000 00000000 00000000"}) {
    caller.send_to(s.address(), test::bytes_of(hex));
    ++sent;
  }
  caller.send_to(s.address(), test::call{}.message());
  EXPECT_EQ(answer(caller), test::five());
  EXPECT_EQ(s.served.counters().datagrams.invalid, sent);
  EXPECT_EQ(s.served.counters().datagrams.received, sent + 1);
}

TEST(DatagramServer, NeverRefusesWithMoreBytesThanItWasAsked) {
  const Served s;
  datagram_socket caller;
  const bytes null_call = test::call{.procedure = 0, .arguments = ""}.message();
  for (const test::call& c :
       {test::call{.program = 77, .arguments = ""}, test::call{.version = 9, .arguments = ""},
        test::call{.procedure = 9, .arguments = ""}, test::call{.rpcvers = 3, .arguments = ""},
        test::call{.flavor = 99, .arguments = ""}, test::call{.arguments = ""}}) {
    const bytes request = c.message();
    EXPECT_EQ(request.size(), null_call.size());
    caller.send_to(s.address(), request);
    const auto refusal = caller.receive();
    ASSERT_TRUE(refusal);
    EXPECT_LE(refusal->message.size(), request.size());
  }
  // What is cut is not answered at all.
  for (std::size_t size = 0; size < null_call.size(); ++size) {
    caller.send_to(s.address(), std::span{null_call}.first(size));
  }
  caller.send_to(s.address(), test::call{}.message());
  EXPECT_EQ(answer(caller), test::five());
  EXPECT_EQ(s.served.counters().datagrams.invalid, null_call.size());
}

TEST(DatagramServer, ServesItsCallersWhileItIsFloodedWithGarbage) {
  const Served s;
  std::atomic<bool> enough = false;
  std::jthread flood{[&] {
    datagram_socket hostile;
    const bytes garbage = test::some_bytes(300);
    while (!enough) {
      ::sendto(hostile.descriptor(), garbage.data(), garbage.size(), MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&s.at), sizeof s.at);
    }
  }};
  loop_thread home;
  client c{home, s.where.text(), {.timing = {.first = 10ms, .least = 10ms, .longest = 20ms}}};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(v1::stub{c}.ADD({i, 1}).get(), i + 1);
  enough = true;
  EXPECT_GT(s.served.counters().datagrams.invalid, 0U);
}

TEST(DatagramServer, RemembersNoMoreCallersThanItMay) {
  const Served s{"udp://127.0.0.1:0", {.datagrams = {.peers = 4}}};
  for (int i = 0; i < 100; ++i) {
    datagram_socket caller;
    caller.send_to(s.address(), test::call{}.message());
    EXPECT_EQ(answer(caller), test::five());
  }
  EXPECT_EQ(s.served.counters().datagrams.peers, 4U);
  EXPECT_EQ(s.served.counters().datagrams.overload, 0U);
}

// Holds calls until the test lets them go.
struct gatekeeper {
  struct gate {
    std::mutex mutex;
    std::vector<reply<std::string>> waiting;
    std::latch arrived{1};
  };
  gate* at;

  std::int32_t ADD(calc::pair p) { return p.a + p.b; }
  calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
  void DESCRIBE(reply<std::string> to, xdr::optional_data<calc::entry>) {
    const std::lock_guard lock{at->mutex};
    at->waiting.push_back(std::move(to));
    at->arrived.count_down();
  }
};

TEST(DatagramServer, DoesNotForgetACallerWhoseCallRuns) {
  gatekeeper::gate gate;
  loop_thread server_loop;
  server s{server_loop, {.datagrams = {.peers = 1}}};
  s.serve<v1>(gatekeeper{&gate});
  const address where = s.listen("udp://127.0.0.1:0");
  loop_thread home;
  client first{home, where.text(), {.defaults = {.repeat = retransmission::never}}};
  client second{home, where.text(), {.timing = {.first = 10ms, .least = 10ms, .longest = 10ms}}};
  auto held = std::async(std::launch::async, [&] { return v1::stub{first}.DESCRIBE({}).get(); });
  gate.arrived.wait();
  auto sum = std::async(std::launch::async, [&] { return v1::stub{second}.ADD({2, 3}).get(); });
  while (s.counters().datagrams.overload < 3) std::this_thread::yield();
  gate.waiting.front()("at last");
  EXPECT_EQ(held.get(), "at last");
  EXPECT_EQ(sum.get(), 5);
}

TEST(DatagramServer, DrainsByAnsweringWhatRuns) {
  gatekeeper::gate gate;
  loop_thread server_loop;
  server s{server_loop};
  s.serve<v1>(gatekeeper{&gate});
  const address where = s.listen("udp://127.0.0.1:0");
  loop_thread home;
  client c{home, where.text(), {.defaults = {.repeat = retransmission::never}}};
  auto held = std::async(std::launch::async, [&] { return v1::stub{c}.DESCRIBE({}).get(); });
  gate.arrived.wait();
  std::promise<std::uint64_t> cut_off;
  s.drain(60s, [&](std::uint64_t left) { cut_off.set_value(left); });
  gate.waiting.front()("before the end");
  EXPECT_EQ(held.get(), "before the end");
  EXPECT_EQ(cut_off.get_future().get(), 0U);
}

}  // namespace
}  // namespace tryst::rpc
