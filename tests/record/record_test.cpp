#include <gtest/gtest.h>

#include "support/record_stream.hpp"
#include "xdr/hex.hpp"

namespace tryst::rpc {
namespace {

using test::bytes;
using test::bytes_of;
using test::deliver_at_once;
using test::deliver_by;
using test::hex_of;
using test::in_fragments_of;
using test::some_bytes;

// RFC 5531 §11: the high bit marks the last fragment, 31 bits are its length.
TEST(Record, IsMarkedAsOneFragment) {
  std::byte mark[4];
  put_record_mark(mark, 0x1234);
  EXPECT_EQ(hex_of(mark), "80001234");
  EXPECT_EQ(record_mark_length(mark), 0x1234U);
}

TEST(Record, OfOneFragmentIsFoundInPlace) {
  bytes stream = bytes_of("80000004 01020304 80000000");
  std::span<std::byte> unread{stream};
  record_reader reader{{}};
  const auto found = reader.next(unread);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->bytes.data(), stream.data() + 4);
  EXPECT_EQ((*found)->bytes.size(), 4U);
  EXPECT_FALSE((*found)->joined);
  EXPECT_EQ(unread.data(), stream.data() + 8);
}

TEST(Record, OfSeveralFragmentsKeepsItsBytesBeyondTheStream) {
  bytes stream = bytes_of("00000002 0102 80000001 03");
  std::span<std::byte> unread{stream};
  record_reader reader{{}};
  auto found = reader.next(unread);
  ASSERT_TRUE(found && *found);
  const record kept = **found;
  std::ranges::fill(stream, std::byte{0xee});
  bytes another = bytes_of("00000002 aaaa 80000001 aa");
  unread = another;
  ASSERT_TRUE(reader.next(unread));
  EXPECT_EQ(hex_of(kept.bytes), "010203");
}

TEST(Record, IsRejoinedWhenSplitAtAnyByte) {
  const bytes body = some_bytes(40);
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    bytes stream = test::fragment(std::span{body}.first(cut), false);
    test::append(stream, test::fragment(std::span{body}.subspan(cut), true));
    const auto seen = deliver_at_once(stream);
    ASSERT_EQ(seen.records, (std::vector<bytes>{body})) << cut;
    EXPECT_EQ(seen.left, 0U);
  }
}

TEST(Record, FollowsAnotherInOneDelivery) {
  bytes stream;
  std::vector<bytes> sent;
  for (std::size_t i = 0; i < 20; ++i) {
    sent.push_back(some_bytes(i * 3));
    test::append(stream, in_fragments_of(1 + i, sent.back()));
  }
  EXPECT_EQ(deliver_at_once(stream).records, sent);
}

TEST(Record, SaysHowMuchIsMissing) {
  const bytes stream = bytes_of("80000008 0102");
  EXPECT_EQ(deliver_at_once(std::span{stream}.first(1)).wanted, 3U);
  EXPECT_EQ(deliver_at_once(std::span{stream}.first(4)).wanted, 8U);
  EXPECT_EQ(deliver_at_once(stream).wanted, 6U);
  EXPECT_EQ(deliver_at_once({}).wanted, 4U);
}

TEST(Record, IsInProgressFromItsFirstByteToItsLast) {
  const bytes stream = bytes_of("00000002 0102 80000001 03");
  for (std::size_t n = 0; n <= stream.size(); ++n) {
    EXPECT_EQ(deliver_at_once(std::span{stream}.first(n)).inside_record, n > 0 && n < stream.size())
        << n;
  }
}

TEST(Record, OfAMebibyteInTheFragmentsOfLibtirpcIsWithinTheLimits) {
  const bytes body = some_bytes(1U << 20);
  const auto seen = deliver_by(65536, in_fragments_of(8996, body));  // 117 of them
  ASSERT_EQ(seen.records.size(), 1U) << seen.error;
  EXPECT_EQ(seen.records.front(), body);
}

TEST(Record, IsEmptyWhenAllItsFragmentsAre) {
  const auto seen = deliver_at_once(bytes_of("00000000 80000000 80000000"));
  EXPECT_EQ(seen.records, std::vector<bytes>(2));
}

}  // namespace
}  // namespace tryst::rpc
