// When calls are sent again, on a clock that stands still.
#include <gtest/gtest.h>

#include <tryst/error.hpp>

#include "udp/played_datagrams.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using test::played_client;

struct ended {
  int times = 0;
  std::error_code why;
  std::int32_t value = 0;
  auto note() {
    return [this](std::error_code w, std::int32_t v) {
      ++times;
      why = w;
      value = v;
    };
  }
};

constexpr std::string_view five = "00000005";

TEST(Pitfall20, ARepeatedCallIsTheSameToTheLastByte) {
  played_client c;
  ended e;
  c.add({2, 3}, {}, e.note());
  ASSERT_EQ(c.sent().size(), 1U);
  c.advance(499ms);
  EXPECT_EQ(c.sent().size(), 1U);
  c.advance(11s);
  ASSERT_GE(c.sent().size(), 4U);
  for (const auto& copy : c.sent()) EXPECT_EQ(copy, c.sent().front());
  c.answer(c.sent().front(), five);
  EXPECT_EQ(e.times, 1);
  EXPECT_EQ(e.value, 5);
  // What else comes for it is nobody's.
  c.answer(c.sent().front(), five);
  EXPECT_EQ(e.times, 1);
  const auto so_far = c.sent().size();
  c.advance(60s);
  EXPECT_EQ(c.sent().size(), so_far);
  EXPECT_EQ(c.get().repeated_calls(), so_far - 1);
}

TEST(Pitfall28, TheWaitsGrowUntilTheDeadlineEndsTheCall) {
  played_client c;
  ended e;
  std::vector<std::size_t> copies_by_second;
  c.add({2, 3}, {.deadline = 30s}, e.note());
  for (int second = 0; second < 29; ++second) {
    c.advance(1s);
    copies_by_second.push_back(c.sent().size());
  }
  // 0.5, then 1, 2, 4, 8, 8 seconds and up to an eighth more each.
  EXPECT_EQ(copies_by_second[0], 2U);
  EXPECT_EQ(copies_by_second[1], 3U);
  EXPECT_LE(copies_by_second.back(), 7U);
  EXPECT_GE(copies_by_second.back(), 6U);
  EXPECT_EQ(e.times, 0);
  c.advance(2s);
  EXPECT_EQ(e.times, 1);
  EXPECT_EQ(e.why, errc::timed_out);
}

TEST(Pitfall22, AStrayDatagramNeitherResendsNorRestartsAWait) {
  played_client quiet;
  played_client flooded;
  ended e;
  ended f;
  quiet.add({2, 3}, {.deadline = 10s}, e.note());
  flooded.add({2, 3}, {.deadline = 10s}, f.note());
  std::vector<std::size_t> seen_by_quiet;
  std::vector<std::size_t> seen_by_flooded;
  for (int i = 0; i < 90; ++i) {
    // Replies to calls that were never made, and a call: all are well formed.
    for (std::uint32_t xid = 0; xid < 50; ++xid) {
      test::bytes stray(4);
      xdr::store_big(stray.data(), xid + 1'000'000U * static_cast<std::uint32_t>(i));
      flooded.answer(stray, five);
    }
    quiet.advance(100ms);
    flooded.advance(100ms);
    seen_by_quiet.push_back(quiet.sent().size());
    seen_by_flooded.push_back(flooded.sent().size());
  }
  EXPECT_EQ(seen_by_flooded, seen_by_quiet);
  quiet.advance(2s);
  flooded.advance(2s);
  EXPECT_EQ(e.why, errc::timed_out);
  EXPECT_EQ(f.why, errc::timed_out);
}

TEST(Repetition, FollowsTheServersSpeed) {
  played_client c;
  // A server that takes 400 ms is not asked twice once that is known.
  for (int i = 0; i < 20; ++i) {
    ended e;
    c.add({2, 3}, {}, e.note());
    c.advance(400ms);
    c.answer(c.sent().back(), five);
    EXPECT_EQ(e.value, 5);
  }
  EXPECT_EQ(c.get().repeated_calls(), 0U);
  // One that is fast is asked again soon.
  for (int i = 0; i < 50; ++i) {
    ended e;
    c.add({2, 3}, {}, e.note());
    c.advance(1ms);
    c.answer(c.sent().back(), five);
  }
  ended lost;
  c.add({2, 3}, {}, lost.note());
  c.advance(220ms);
  EXPECT_EQ(c.get().repeated_calls(), 1U);
}

TEST(Repetition, LearnsOfASlowServerAlthoughEveryCallWasRepeated) {
  played_client c;
  // Every reply takes 1.2 s. Of repeated calls nobody knows which copy was answered, but the longer
  // wait stays for the next call, until one is answered without having been repeated.
  std::uint64_t repeated = 0;
  for (int i = 0; i < 4; ++i) {
    ended e;
    c.add({2, 3}, {}, e.note());
    const auto call = c.sent().back();
    c.advance(1200ms);
    c.answer(call, five);
    EXPECT_EQ(e.value, 5);
    repeated = c.get().repeated_calls();
  }
  for (int i = 0; i < 10; ++i) {
    ended e;
    c.add({2, 3}, {}, e.note());
    const auto call = c.sent().back();
    c.advance(1200ms);
    c.answer(call, five);
  }
  EXPECT_EQ(c.get().repeated_calls(), repeated);
}

TEST(Repetition, NeverMeansOnce) {
  played_client c;
  ended e;
  c.add({2, 3}, {.deadline = 20s, .repeat = retransmission::never}, e.note());
  c.advance(21s);
  EXPECT_EQ(c.sent().size(), 1U);
  EXPECT_EQ(e.why, errc::timed_out);
}

TEST(Repetition, OfACachedCallEndsBeforeTheServersMemory) {
  played_client c{{.timing = {.window = 5s}}};
  ended cached;
  c.add({2, 3}, {.deadline = 100s, .repeat = retransmission::cached}, cached.note());
  c.advance(99s);
  EXPECT_LE(c.sent().size(), 5U);
  const auto reply_late = c.sent().front();
  c.answer(reply_late, five);
  EXPECT_EQ(cached.value, 5);

  played_client other{{.timing = {.window = 5s}}};
  ended idempotent;
  other.add({2, 3}, {.deadline = 100s, .repeat = retransmission::idempotent}, idempotent.note());
  other.advance(99s);
  EXPECT_GE(other.sent().size(), 12U);
}

TEST(Repetition, IsChosenByTheClientWhereTheCallSaysNothing) {
  played_client c{{.defaults = {.repeat = retransmission::never}}};
  ended e;
  c.add({2, 3}, {.deadline = 10s}, e.note());
  c.advance(11s);
  EXPECT_EQ(c.sent().size(), 1U);
}

TEST(Pitfall25, ACallThatWasTurnedAwayEndsEarlyAsNotExecuted) {
  played_client c;
  ended e;
  c.add({2, 3}, {}, e.note());
  c.turn_away(c.sent().front());
  EXPECT_EQ(e.times, 1);
  EXPECT_EQ(e.why, errc::connect_failed);
  EXPECT_EQ(e.why, outcome::not_executed);
}

TEST(Pitfall25, ACallOfWhichACopyMayHaveArrivedEndsAsUnknown) {
  played_client c;
  ended e;
  c.add({2, 3}, {}, e.note());
  c.advance(600ms);
  ASSERT_EQ(c.sent().size(), 2U);
  c.turn_away(c.sent().back());
  EXPECT_EQ(e.why, errc::connection_lost);
  EXPECT_EQ(e.why, outcome::unknown);
}

TEST(Pitfall25, AClientMayWaitForAServerThatIsBeingRestarted) {
  played_client c{{.reconnect = {.attempts = 3}}};
  ended e;
  c.add({2, 3}, {}, e.note());
  c.turn_away(c.sent().back());
  c.advance(600ms);
  c.turn_away(c.sent().back());
  EXPECT_EQ(e.times, 0);
  c.advance(1200ms);
  ASSERT_EQ(c.sent().size(), 3U);
  c.answer(c.sent().back(), five);
  EXPECT_EQ(e.value, 5);
}

TEST(Pitfall25, WordOfACallThatIsNotOursIsNoWord) {
  played_client c;
  ended e;
  c.add({2, 3}, {}, e.note());
  test::bytes other = c.sent().front();
  other[3] ^= std::byte{1};
  for (int i = 0; i < 1000; ++i) c.turn_away(other);
  EXPECT_EQ(e.times, 0);
  c.answer(c.sent().front(), five);
  EXPECT_EQ(e.value, 5);
}

}  // namespace
}  // namespace tryst::rpc
