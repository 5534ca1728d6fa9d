// When a server's replies to datagrams leave.
#include "rpc/datagram_peer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tryst/testing/manual_loop.hpp>
#include <vector>

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;

struct counting_outlet final : datagram_peer::outlet {
  int asked = 0;
  void send_soon(datagram_peer&) override { ++asked; }
  bool blocked() const noexcept override { return false; }
  void left(datagram_peer&) noexcept override {}
};

TEST(Pitfall87, RepliesToBroadcastsLeaveAtRandomTimes) {
  std::vector<int> left_by_then;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    testing::manual_loop home{seed};
    counting_outlet out;
    datagram_peer many{home, out, {.family = AF_INET, .to_many = true}, {}, 100ms};
    many.flush_soon();
    many.flush_soon();
    EXPECT_EQ(out.asked, 0);
    home.advance(50ms);
    left_by_then.push_back(out.asked);
    home.advance(60ms);
    EXPECT_EQ(out.asked, 1);
  }
  const auto early = std::ranges::count(left_by_then, 1);
  EXPECT_GT(early, 10);
  EXPECT_LT(early, 40);
}

TEST(Pitfall87, RepliesToOneCallerLeaveAtOnce) {
  testing::manual_loop home;
  counting_outlet out;
  datagram_peer one{home, out, {.family = AF_INET}, {}, 100ms};
  one.flush_soon();
  EXPECT_EQ(out.asked, 1);
}

}  // namespace
}  // namespace tryst::rpc
