// Many datagrams in one turn of a loop: they travel together where the system can, and arrive each
// as itself.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <set>
#include <thread>
#include <tryst/rpc/client.hpp>

#include "udp/served.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using v1 = calc::CALC_V1;

// Calls that all begin in one turn, and how many of them brought what they should.
struct burst {
  explicit burst(std::size_t calls) : pending{static_cast<std::ptrdiff_t>(calls)} {}
  std::latch pending;
  std::atomic<int> right = 0;
  std::atomic<int> too_late = 0;
};

xdr::optional_data<calc::entry> labelled(const std::string& label) {
  xdr::optional_data<calc::entry> e;
  e.emplace().label = label;
  return e;
}

void describe(client& c, loop& home, burst& b, const std::vector<std::string>& labels,
              call_options how) {
  run_on(home, [&] {
    for (const std::string& label : labels) {
      v1::stub{c}.DESCRIBE(labelled(label), how,
                           [&b, label](std::error_code why, std::string text) {
                             if (!why && text == label + ";") ++b.right;
                             if (why == errc::timed_out) ++b.too_late;
                             b.pending.count_down();
                           });
    }
  });
  b.pending.wait();
}

TEST(Burst, BringsEachCallItsOwnAnswer) {
  const test::served_datagrams s;
  loop_thread home;
  client c{home, s.where.text()};
  // Runs of one size, ends of runs, runs that are too long, and sizes that alternate.
  std::vector<std::string> labels;
  for (int i = 0; i < 900; ++i) {
    const int size = i < 300 ? 20 : i < 600 ? 4 + (i % 7) * 8 : 8 + i % 2 * 40;
    std::string label = std::to_string(i);
    label.resize(static_cast<std::size_t>(size), 'x');
    labels.push_back(label);
  }
  for (int round = 0; round < 3; ++round) {
    burst b{labels.size()};
    describe(c, home, b, labels, {.deadline = 60s});
    EXPECT_EQ(b.right, 900);
  }
}

TEST(Burst, ArrivesAsTheDatagramsThatItConsistsOf) {
  test::datagram_socket peer;
  loop_thread home;
  client c{home, peer.address(), {.defaults = {.repeat = retransmission::never}}};
  burst b{150};
  std::vector<std::string> labels(150, "all of one size");
  auto calling =
      std::async(std::launch::async, [&] { describe(c, home, b, labels, {.deadline = 300ms}); });
  std::set<test::bytes> xids;
  std::size_t size = 0;
  for (int i = 0; i < 150; ++i) {
    const auto call = peer.receive();
    ASSERT_TRUE(call);
    if (i == 0) size = call->message.size();
    EXPECT_EQ(call->message.size(), size);
    xids.insert(test::bytes(call->message.begin(), call->message.begin() + 4));
  }
  EXPECT_EQ(xids.size(), 150U);
  calling.get();
  EXPECT_EQ(b.too_late, 150);
}

TEST(Burst, IsHeldToTheLimitOfADatagramEachByItself) {
  const test::served_datagrams s{"udp://127.0.0.1:0", {.datagrams = {.max_bytes = 128}}};
  loop_thread home;
  client c{home, s.where.text(), {.defaults = {.repeat = retransmission::never}}};
  std::vector<std::string> labels;
  for (int i = 0; i < 60; ++i) labels.push_back(std::string(i % 20 < 19 ? 40 : 100, 'y'));
  // The first makes the sockets ready for many.
  for (int round = 0; round < 2; ++round) {
    burst b{labels.size()};
    describe(c, home, b, labels, {.deadline = 200ms});
    EXPECT_EQ(b.right + b.too_late, 60);
    EXPECT_GE(b.too_late, 3);
  }
  while (s.served.counters().datagrams.too_large < 6) std::this_thread::yield();
}

}  // namespace
}  // namespace tryst::rpc
