#include <gtest/gtest.h>

#include <tryst/rpc/retransmission.hpp>

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;

TEST(RoundTripEstimate, BeginsWithTheFirstWaitOfTheTiming) {
  EXPECT_EQ(round_trip_estimate{{.first = 700ms}}.timeout(), 700ms);
  EXPECT_EQ(round_trip_estimate{{}}.timeout(), 500ms);
}

TEST(RoundTripEstimate, IsTheMeanAndFourTimesTheVariation) {
  round_trip_estimate e{{.least = 1ms}};
  e.sample(100ms);  // mean 100, variation 50
  EXPECT_EQ(e.timeout(), 300ms);
  e.sample(100ms);  // variation 37.5
  EXPECT_EQ(e.timeout(), 250ms);
  e.sample(180ms);  // off by 80: variation 48.125, mean 110
  EXPECT_EQ(e.timeout(), 302500us);
}

TEST(RoundTripEstimate, StaysWithinItsBounds) {
  round_trip_estimate fast{{}};
  for (int i = 0; i < 100; ++i) fast.sample(20us);
  EXPECT_EQ(fast.timeout(), 200ms);
  round_trip_estimate slow{{}};
  slow.sample(1h);
  EXPECT_EQ(slow.timeout(), 8s);
}

TEST(RoundTripEstimate, ASampleOfNothingIsStillASample) {
  round_trip_estimate e{{.first = 500ms, .least = 1ms}};
  e.sample(0ns);
  EXPECT_EQ(e.timeout(), 1ms);
}

TEST(RoundTripEstimate, StaysBackedOffUntilASampleComes) {
  round_trip_estimate e{{.least = 10ms}};
  e.sample(10ms);
  e.back_off(30ms);
  e.back_off(60ms);
  EXPECT_EQ(e.timeout(), 60ms);
  e.sample(10ms);
  EXPECT_LT(e.timeout(), 30ms);
}

TEST(Pitfall28, EachWaitIsTwiceTheLastAndALittleMoreByChanceUpToABound) {
  const retransmission_timing timing{.longest = 4s};
  std::chrono::nanoseconds wait = 500ms;
  for (const auto least : {1000ms, 2000ms, 4000ms, 4000ms, 4000ms}) {
    const std::chrono::nanoseconds shortest = timing.next(wait, 0);
    EXPECT_GE(shortest, least);
    const std::chrono::nanoseconds longest = timing.next(wait, ~std::uint64_t{0});
    EXPECT_LE(longest, shortest + shortest / 8);
    EXPECT_NE(timing.next(wait, 12345), timing.next(wait, 54321));
    wait = least;
  }
}

TEST(Pitfall28, AWaitOfNothingNeedsNoChance) {
  const retransmission_timing timing{.longest = 0ms};
  EXPECT_EQ(timing.next(0ns, 7), 0ns);
}

}  // namespace
}  // namespace tryst::rpc
