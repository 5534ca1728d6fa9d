// Calls of one session whose deadlines are not in the order in which they began.
#include <gtest/gtest.h>

#include <algorithm>
#include <tryst/error.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/memory_transport.hpp>
#include <tryst/testing/manual_loop.hpp>
#include <vector>

#include "compiler/golden/calc.hpp"
#include "support/scripted_peer.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;

struct end {
  std::chrono::seconds deadline;
  std::error_code why;
  loop::duration after;
};

TEST(Deadlines, OfEveryLengthAreKeptSideBySideOnOneSession) {
  testing::manual_loop home;
  auto [near_end, far_end] = memory_pair(home, home);
  tests::scripted_peer peer{std::move(far_end)};
  client c{home, std::move(near_end)};
  std::vector<end> ends;
  const auto begin = home.now();
  // Long ones and short ones in turn; the seventh is answered, so that a gap must be passed over.
  for (const auto deadline : {60s, 1s, 3600s, 30s, 2s, 1s, 5s, 25s}) {
    calc::CALC_V1::stub{c}.ADD({2, 3}, call_options{.deadline = deadline},
                               [&, deadline](std::error_code why, std::int32_t) {
                                 ends.push_back({deadline, why, home.now() - begin});
                               });
  }
  home.run_until_idle();
  ASSERT_EQ(peer.received.size(), 8U);
  peer.reply(peer.xid_of(6), {5});
  home.run_until_idle();
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_FALSE(ends[0].why);
  for (int i = 0; i < 3700; ++i) home.advance(1s);
  ASSERT_EQ(ends.size(), 8U);
  EXPECT_TRUE(std::ranges::is_sorted(ends.begin() + 1, ends.end(), {}, &end::deadline));
  for (auto e = ends.begin() + 1; e != ends.end(); ++e) {
    EXPECT_EQ(e->why, errc::timed_out) << e->deadline.count();
    EXPECT_GE(e->after, e->deadline) << e->deadline.count();
    EXPECT_LE(e->after, e->deadline + 1s) << e->deadline.count();
  }
}

}  // namespace
}  // namespace tryst::rpc
