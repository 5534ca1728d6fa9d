#include <gtest/gtest.h>

#include <random>
#include <tryst/error.hpp>

#include "support/record_stream.hpp"
#include "xdr/hex.hpp"

namespace tryst::rpc {
namespace {

using test::bytes;
using test::bytes_of;
using test::deliver_at_once;
using test::deliver_by;
using test::in_fragments_of;
using test::received;
using test::some_bytes;

TEST(SecB1, OneFragmentTooLargeIsRefusedByItsMarkAlone) {
  // 1 MiB + 4 KiB is the default, and one byte more is too much.
  EXPECT_FALSE(deliver_at_once(bytes_of("80101000")).error);
  EXPECT_EQ(deliver_at_once(bytes_of("80101001")).error, errc::record_too_large);
  EXPECT_EQ(deliver_at_once(bytes_of("ffffffff")).error, errc::record_too_large);
  EXPECT_EQ(deliver_at_once(bytes_of("7fffffff")).error, errc::record_too_large);
}

TEST(SecB1, LegalFragmentsWhoseSumIsTooLargeAreRefusedBeforeTheLastOneComes) {
  const record_limits limits{.max_bytes = 4096};
  bytes stream = test::fragment(some_bytes(4000), false);
  EXPECT_FALSE(deliver_at_once(stream, limits).error);
  test::append(stream, bytes_of("80000061"));
  EXPECT_EQ(deliver_at_once(stream, limits).error, errc::record_too_large);
}

TEST(SecB1, AnErrorIsFinal) {
  bytes stream = bytes_of("ffffffff 80000000");
  std::span<std::byte> unread{stream};
  record_reader reader{{}};
  for (int again = 0; again < 3; ++again) {
    const auto found = reader.next(unread);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error(), errc::record_too_large);
  }
}

TEST(SecB2, AFloodOfEmptyFragmentsIsRefusedEarly) {
  bytes stream(std::size_t{4} * 1'000'000);
  std::span<std::byte> unread{stream};
  record_reader reader{{}};
  const auto found = reader.next(unread);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), errc::record_fragmented);
  EXPECT_EQ(stream.size() - unread.size(), 4U * 64);  // of four million bytes it has read these
}

TEST(SecB2, FragmentsOfOneByteAreRefusedEarly) {
  EXPECT_EQ(deliver_at_once(in_fragments_of(1, some_bytes(64))).records.size(), 1U);
  EXPECT_EQ(deliver_at_once(in_fragments_of(1, some_bytes(65))).error, errc::record_fragmented);
}

TEST(SecB2, BeyondThoseThatAreFreeFragmentsMustAverageAKibibyte) {
  const record_limits limits{.max_fragments = 100, .free_fragments = 4};
  EXPECT_EQ(deliver_at_once(in_fragments_of(1024, some_bytes(100 * 1024)), limits).records.size(),
            1U);
  EXPECT_EQ(deliver_at_once(in_fragments_of(1024, some_bytes(100 * 1024 + 1)), limits).error,
            errc::record_fragmented);
  EXPECT_EQ(deliver_at_once(in_fragments_of(100, some_bytes(600)), limits).error,
            errc::record_fragmented);
}

TEST(SecB3, TotalsBeyondFourGibibytesDoNotWrap) {
  const record_limits widest{.max_bytes = 0xffffffff, .max_fragments = 0xffffffff};
  record_tally tally{widest};
  EXPECT_FALSE(tally.check(0x7fffffff));
  tally.add(0x7fffffff);
  EXPECT_FALSE(tally.check(0x7fffffff));
  tally.add(0x7fffffff);
  // 2^32-2 bytes: one more is the limit, two would be 0 in 32 bits.
  EXPECT_FALSE(tally.check(1));
  for (const std::uint32_t length : {2U, 3U, 0x7ffffffeU, 0x7fffffffU}) {
    EXPECT_EQ(tally.check(length), errc::record_too_large) << length;
  }
  tally.add(0x7fffffff);
  EXPECT_EQ(tally.bytes(), 3ULL * 0x7fffffff);
  EXPECT_EQ(tally.check(0), errc::record_too_large);
}

TEST(SecB3, AnySequenceOfLengthsIsRefusedExactlyWhenItsSumIsTooLarge) {
  std::mt19937 random{1};  // NOLINT: the same numbers every time
  for (int round = 0; round < 2000; ++round) {
    const record_limits limits{.max_bytes = static_cast<std::uint32_t>(random()),
                               .max_fragments = 8};
    record_tally tally{limits};
    std::uint64_t sum = 0;
    for (int i = 0; i < 8; ++i) {
      const auto length = static_cast<std::uint32_t>(random() & 0x7fffffff) >> (random() % 31);
      sum += length;
      ASSERT_EQ(static_cast<bool>(tally.check(length)), sum > limits.max_bytes);
      if (sum > limits.max_bytes) break;
      tally.add(length);
    }
  }
}

TEST(SecB5, EveryDeliveryHasTheSameOutcome) {
  bytes conversation;
  for (const std::size_t size : {0U, 1U, 7U, 40U, 300U}) {
    test::append(conversation, in_fragments_of(13, some_bytes(size)));
    test::append(conversation, in_fragments_of(1000, some_bytes(size)));
  }
  bytes refused{conversation};
  test::append(refused, bytes_of("80200000"));
  for (const bytes& stream : {conversation, refused}) {
    const received whole = deliver_at_once(stream);
    EXPECT_EQ(deliver_by(1, stream), whole);
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      test::record_stream to;
      to.deliver(std::span{stream}.first(cut));
      to.deliver(std::span{stream}.subspan(cut));
      ASSERT_EQ(to.seen(), whole) << cut;
    }
  }
}

TEST(SecB5, TheLimitsDoNotDependOnTheDeliveryEither) {
  const record_limits nothing{.max_bytes = 8, .max_fragments = 0, .free_fragments = 0};
  const bytes stream = bytes_of("80000002 0102 80000009");
  const received whole = deliver_at_once(stream, nothing);
  EXPECT_EQ(whole.records.size(), 1U);
  EXPECT_EQ(deliver_by(1, stream, nothing), whole);
}

}  // namespace
}  // namespace tryst::rpc
