#include "rpc/outstanding_calls.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <set>
#include <vector>

#include "compiler/golden/calc.hpp"

namespace tryst::rpc {
namespace {

struct idle_call final : outstanding_call {
  idle_call() : outstanding_call{{1, 1}, 1, {}, false} {}
  void encode_arguments(xdr::writer&) override {}
  void settle(const call_outcome&) noexcept override {}
  failure why() const noexcept override { return {}; }
  void deliver() noexcept override {}
};

constexpr std::size_t limit = 100'000;

TEST(Pitfall18, XidsFollowEachOtherFromAStartThatTheLoopDrew) {
  outstanding_calls calls{0x12345678, limit};
  idle_call a;
  idle_call b;
  EXPECT_EQ(calls.add(a), 0x12345678U);
  EXPECT_EQ(calls.add(b), 0x12345679U);
}

TEST(Pitfall19, AnXidIsNotUsedAgainWhileALateReplyMayCome) {
  outstanding_calls calls{7, limit};
  idle_call first;
  const std::uint32_t given_up = calls.add(first);
  calls.give_up(given_up);
  std::deque<idle_call> others(1000);
  for (idle_call& c : others) EXPECT_NE(calls.add(c), given_up);
  EXPECT_EQ(calls.take(given_up), nullptr);
  EXPECT_EQ(calls.late(), 1U);
  EXPECT_EQ(calls.take(given_up), nullptr);
  EXPECT_EQ(calls.late(), 1U);
}

TEST(Pitfall19, TheCounterWrapsAroundCallsThatStillWait) {
  outstanding_calls calls{0xfffffff0, limit};
  std::deque<idle_call> waiting(40);
  std::set<std::uint32_t> xids;
  for (idle_call& c : waiting) xids.insert(calls.add(c));
  EXPECT_EQ(xids.size(), waiting.size());
  EXPECT_TRUE(xids.contains(0xffffffff));
  EXPECT_TRUE(xids.contains(0));
  for (const std::uint32_t xid : xids) EXPECT_NE(calls.take(xid), nullptr);
  EXPECT_EQ(calls.size(), 0U);
}

TEST(OutstandingCalls, AreFoundByTheirWholeXidOnly) {
  outstanding_calls calls{0, limit};
  idle_call a;
  const std::uint32_t xid = calls.add(a);
  EXPECT_EQ(calls.take(xid + 16), nullptr);  // the same slot
  EXPECT_EQ(calls.take(xid), &a);
  EXPECT_EQ(calls.take(xid), nullptr);
}

TEST(OutstandingCalls, GrowWithoutLosingAny) {
  outstanding_calls calls{0xfffff000, limit};
  std::deque<idle_call> waiting(20'000);
  std::vector<std::uint32_t> xids;
  for (idle_call& c : waiting) xids.push_back(calls.add(c));
  for (std::size_t i = 0; i < waiting.size(); ++i) EXPECT_EQ(calls.take(xids[i]), &waiting[i]);
}

TEST(OutstandingCalls, AreFullAtTheirLimit) {
  outstanding_calls calls{1, 2};
  idle_call a;
  idle_call b;
  calls.add(a);
  EXPECT_FALSE(calls.full());
  const std::uint32_t xid = calls.add(b);
  EXPECT_TRUE(calls.full());
  calls.give_up(xid);
  EXPECT_FALSE(calls.full());
}

TEST(OutstandingCalls, SurviveMoreUnansweredOnesThanTheyHaveSlots) {
  outstanding_calls calls{1, limit};
  idle_call c;
  for (int i = 0; i < 1'500'000; ++i) calls.give_up(calls.add(c));
  const std::uint32_t xid = calls.add(c);
  EXPECT_EQ(calls.take(xid), &c);
}

}  // namespace
}  // namespace tryst::rpc
