// The reply cache by itself: its hash, its states, its bounds.
#include "rpc/reply_cache.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using enum reply_cache::state;

constexpr siphash::key secret{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
constexpr reply_cache::time_point start{1h};

reply_key key(std::uint32_t xid) { return {.procedure = 1, .xid = xid}; }
answer bytes(std::size_t n) { return std::vector<std::byte>(n); }

class counted_copy final : public reply_cache::waiting_copy {
public:
  explicit counted_copy(int& finished) : finished_{finished} {}
  void finish(const answer&) override { ++finished_; }
  bool lost() const override { return false; }

private:
  int& finished_;
};

struct cache {
  explicit cache(reply_cache_limits limits = {}) : of{limits, secret} {}
  reply_cache::state begin(std::uint32_t xid, int origin = 0, loop::duration at = 0s,
                           reply_cache::kind what = reply_cache::kind::evictable) {
    return begin(xid, {&origins[origin]}, at, what);
  }
  reply_cache::state begin_datagram(std::uint32_t xid, loop::duration at) {
    return begin(xid, {.connection = origins, .may_double = true}, at,
                 reply_cache::kind::evictable);
  }
  reply_cache::state begin(std::uint32_t xid, const reply_cache::source& from, loop::duration at,
                           reply_cache::kind what) {
    return of
        .begin(key(xid), what, start + at, from,
               [this] { return std::make_unique<counted_copy>(finished); })
        .is;
  }
  reply_cache::state begin_once(std::uint32_t xid, loop::duration at = 0s) {
    return begin(xid, 0, at, reply_cache::kind::once);
  }
  void run(std::uint32_t xid, std::size_t size = 4) {
    EXPECT_EQ(begin(xid), started);
    of.finish(key(xid), bytes(size));
  }
  int origins[3] = {};
  int finished = 0;
  reply_cache of;
};

TEST(SipHash, HashesAsItsAuthorsDo) {
  EXPECT_EQ(siphash{secret}.of({}), (siphash::digest{0xe6a825ba047f81a3U, 0x930255c71472f66dU}));
  const std::byte zero{};
  EXPECT_EQ(siphash{secret}.of({&zero, 1}),
            (siphash::digest{0x44af996bd8c187daU, 0x45fc229b11597634U}));
}

TEST(Pitfall61, ACallIsKnownByItsCallerAndAllItsArgumentsButNotByTheStreamsPort) {
  const cache c;
  const auto key_of = [&](address::transport kind, std::uint16_t port, std::size_t different_at) {
    peer_identity peer;
    peer.where.kind = kind;
    peer.where.host = "192.0.2.1";
    peer.where.port = port;
    call_info info;
    info.peer = &peer;
    std::vector<std::byte> arguments(4096);
    arguments[different_at] = std::byte{1};
    return c.of.key_of(info, arguments);
  };
  using enum address::transport;
  EXPECT_EQ(key_of(tcp, 1, 0), key_of(tcp, 2, 0));
  EXPECT_FALSE(key_of(udp, 1, 0) == key_of(udp, 2, 0));
  EXPECT_FALSE(key_of(tcp, 1, 0) == key_of(udp, 1, 0));
  EXPECT_FALSE(key_of(tcp, 1, 0) == key_of(tcp, 1, 4095));
}

TEST(Pitfall62, WhatRunsIsNeverForgottenNorRunTwice) {
  cache c{{.entries = 2}};
  EXPECT_EQ(c.begin(1), started);
  EXPECT_EQ(c.begin(2), started);
  EXPECT_EQ(c.begin(3), full);
  EXPECT_EQ(c.begin(1, 0, 24h), in_progress);
  c.of.finish(key(2), bytes(1));
  EXPECT_EQ(c.begin(3), started);  // in the place of 2
  EXPECT_EQ(c.begin(1), in_progress);
  EXPECT_EQ(c.of.counters().evicted, 1U);
  EXPECT_EQ(c.of.counters().refused, 1U);
}

TEST(ReplyCache, AnswersTheDuplicateThatCameLast) {
  cache c;
  EXPECT_EQ(c.begin(1, 0), started);
  EXPECT_EQ(c.begin(1, 1), attached);
  EXPECT_EQ(c.begin(1, 2), attached);
  EXPECT_EQ(c.begin(1, 2), in_progress);
  c.of.finish(key(1), bytes(1));
  EXPECT_EQ(c.finished, 1);
  EXPECT_EQ(c.begin(1, 1), finished);
}

TEST(ReplyCache, CountsTheWindowFromTheEndOfTheCall) {
  cache c;
  EXPECT_EQ(c.begin(1), started);
  EXPECT_EQ(c.begin(2, 0, 500s), started);
  c.of.finish(key(1), bytes(1));
  EXPECT_EQ(c.begin(1, 0, 619s), finished);
  EXPECT_EQ(c.begin(1, 0, 738s), finished);
  EXPECT_EQ(c.begin(1, 0, 739s), started);
  EXPECT_EQ(c.of.counters().expired, 1U);
}

TEST(ReplyCache, StartsACallAnewThatItWasToldToForget) {
  cache c{{.bytes = 100, .reply_bytes = 60}};
  EXPECT_EQ(c.begin_once(1), started);
  EXPECT_FALSE(c.of.has_copy(key(1)));
  EXPECT_EQ(c.begin(1, 1), attached);
  EXPECT_TRUE(c.of.has_copy(key(1)));
  c.of.forget(key(1));
  EXPECT_EQ(c.finished, 0);
  EXPECT_EQ(c.of.counters().reserved, 0U);
  EXPECT_EQ(c.of.counters().entries, 0U);
  EXPECT_EQ(c.of.counters().forgotten, 1U);
  EXPECT_EQ(c.begin_once(1), started);
}

TEST(Pitfall64, BytesAreBoundedAndALargeReplyIsNeitherKeptNorRunAgain) {
  cache c{{.bytes = 100, .reply_bytes = 60}};
  c.run(1, 60);
  c.run(2, 61);
  EXPECT_EQ(c.begin(2), too_large);
  EXPECT_EQ(c.of.counters().bytes, 60U);
  c.run(3, 50);
  EXPECT_EQ(c.of.counters().bytes, 50U);
  EXPECT_EQ(c.of.counters().evicted, 1U);
  EXPECT_EQ(c.begin(3), finished);
}

TEST(ReplyCache, NeverEvictsWhatMustRunOnce) {
  cache c{{.entries = 2}};
  EXPECT_EQ(c.begin_once(1), started);
  c.of.finish(key(1), bytes(4));
  c.run(2);
  c.run(3);  // in the place of 2, which is younger than 1
  EXPECT_EQ(c.begin_once(1), finished);
  EXPECT_EQ(c.begin_once(4), started);  // in the place of 3
  EXPECT_EQ(c.begin_once(5), refused);
  EXPECT_EQ(c.begin(6), full);
  EXPECT_EQ(c.begin_once(7, 121s), started);  // 1 has expired
  EXPECT_EQ(c.of.counters().evicted, 2U);
}

TEST(ReplyCache, ReservesTheRoomForAReplyBeforeACallRunsThatMustRunOnce) {
  cache c{{.bytes = 100, .reply_bytes = 40}};
  c.run(1, 40);
  c.run(2, 40);
  EXPECT_EQ(c.begin_once(3), started);  // in the place of 1
  EXPECT_EQ(c.of.counters().reserved, 40U);
  EXPECT_EQ(c.of.counters().bytes, 40U);
  EXPECT_EQ(c.begin_once(4), started);  // in the place of 2
  EXPECT_EQ(c.begin_once(5), refused);
  c.run(6, 20);
  c.run(7, 21);  // runs, and is not kept: 80 bytes are not its
  EXPECT_EQ(c.begin(7), too_large);
  c.of.finish(key(3), bytes(40));
  c.of.finish(key(4), bytes(10));
  EXPECT_EQ(c.of.counters().reserved, 0U);
  EXPECT_EQ(c.of.counters().bytes, 70U);
  EXPECT_EQ(c.begin_once(3), finished);
  EXPECT_EQ(c.begin_once(4), finished);
}

TEST(ReplyCache, DoesNotRunACallLaterThatItHasRefused) {
  cache c{{.entries = 1, .refusals = 1}};
  EXPECT_EQ(c.begin_once(1), started);
  EXPECT_EQ(c.begin_once(2), refused);
  EXPECT_EQ(c.begin_once(3), full);  // no promise
  c.of.finish(key(1), bytes(4));
  EXPECT_EQ(c.begin_once(2, 119s), refused);
  EXPECT_EQ(c.begin_once(2, 240s), started);
  EXPECT_EQ(c.of.counters().refused, 3U);
}

TEST(ReplyCache, DropsADatagramThatWasDoubledOnItsWayAndAnswersTheNext) {
  cache c;
  EXPECT_EQ(c.begin_datagram(1, 0ms), started);
  c.of.finish(key(1), bytes(1));
  EXPECT_EQ(c.begin_datagram(1, 1ms), doubled);
  EXPECT_EQ(c.begin_datagram(1, 4ms), doubled);
  EXPECT_EQ(c.begin_datagram(1, 5ms), finished);  // whoever sends every 4 ms is answered too
  EXPECT_EQ(c.begin_datagram(1, 9ms), doubled);
  EXPECT_EQ(c.begin_datagram(1, 10ms), finished);
  EXPECT_EQ(c.of.counters().doubled, 3U);
  EXPECT_EQ(c.of.counters().hits, 2U);
}

TEST(ReplyCache, AnswersTheCopyThatFollowsALongCall) {
  cache c;
  EXPECT_EQ(c.begin_datagram(1, 0ms), started);
  EXPECT_EQ(c.begin_datagram(1, 100ms), in_progress);
  c.of.finish(key(1), bytes(1));
  EXPECT_EQ(c.begin_datagram(1, 101ms), doubled);  // ... of the one that the answer went to
  EXPECT_EQ(c.begin_datagram(1, 200ms), finished);
}

TEST(ReplyCache, AnswersCopiesOverStreamsAtOnceAndDatagramsIfAskedTo) {
  cache streams;
  streams.run(1);
  EXPECT_EQ(streams.begin(1, 1), finished);
  cache eager{{.doubled_within = 0ms}};
  eager.run(1);
  EXPECT_EQ(eager.begin_datagram(1, 0ms), finished);
}

// Against the plainest model: a map of what must still be known.
TEST(ReplyCache, AgreesWithAModelOverRandomCalls) {
  std::mt19937 random{7};
  cache c{{.entries = 64, .window = 20s}};
  struct state {
    bool running;
    int ended_at;
  };
  std::map<std::uint32_t, state> model;
  for (int now = 0; now < 20'000; ++now) {
    std::erase_if(
        model, [&](const auto& e) { return !e.second.running && now - e.second.ended_at >= 20; });
    const auto xid = static_cast<std::uint32_t>(random() % 48);  // always fewer than fit
    const auto known = model.find(xid);
    const auto said = c.begin(xid, 0, std::chrono::seconds{now});
    if (known == model.end()) {
      ASSERT_EQ(said, started);
      model[xid] = {.running = true, .ended_at = 0};
    } else {
      ASSERT_EQ(said, known->second.running ? in_progress : finished);
      if (known->second.running && random() % 2 == 0) {
        c.of.finish(key(xid), bytes(random() % 9));
        known->second = {.running = false, .ended_at = now + 1};
      }
    }
    ASSERT_LE(c.of.counters().entries, 48U);
  }
}

}  // namespace
}  // namespace tryst::rpc
