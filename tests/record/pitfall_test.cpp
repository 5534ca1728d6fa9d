#include <gtest/gtest.h>

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
using test::some_bytes;

// RFC 5531 §11 forbids no empty fragment.
TEST(Pitfall01, EmptyFragmentsAreSkippedAndMayEndARecord) {
  const bytes body = bytes_of("0102030405060708");
  for (const char* stream :
       {"00000000 80000008 0102030405060708", "00000008 0102030405060708 80000000",
        "00000004 01020304 00000000 00000000 80000004 05060708"}) {
    const auto seen = deliver_at_once(bytes_of(stream));
    EXPECT_EQ(seen.records, (std::vector<bytes>{body})) << stream;
  }
}

TEST(Pitfall01, AFirstFragmentMayBeShorterThanAMessageHeader) {
  const bytes body = some_bytes(60);
  for (std::size_t size = 1; size < 8; ++size) {
    EXPECT_EQ(deliver_at_once(in_fragments_of(size, body)).records, (std::vector<bytes>{body}));
  }
}

TEST(Pitfall02, FragmentsAndMarksMayEndAnywhere) {
  bytes stream = in_fragments_of(5, some_bytes(23));
  test::append(stream, in_fragments_of(100, some_bytes(9)));
  const auto whole = deliver_at_once(stream);
  ASSERT_EQ(whole.records.size(), 2U);
  for (std::size_t size = 1; size < stream.size(); ++size) {
    EXPECT_EQ(deliver_by(size, stream), whole) << size;
  }
}

TEST(Pitfall03, TheLimitHoldsForOneFragmentAsForMany) {
  const record_limits limits{.max_bytes = 100};
  EXPECT_EQ(deliver_at_once(in_fragments_of(100, some_bytes(100)), limits).records.size(), 1U);
  EXPECT_EQ(deliver_at_once(in_fragments_of(101, some_bytes(101)), limits).error,
            errc::record_too_large);
  EXPECT_EQ(deliver_at_once(in_fragments_of(30, some_bytes(100)), limits).records.size(), 1U);
  EXPECT_EQ(deliver_at_once(in_fragments_of(30, some_bytes(101)), limits).error,
            errc::record_too_large);
}

TEST(Pitfall04, WhatAMarkAnnouncesIsNotAllocated) {
  // All that the reader holds is what it has joined of the bytes that came.
  const record_limits limits{.max_bytes = 0x7fffffff};
  const auto seen = deliver_at_once(bytes_of("7fffffff 00"), limits);
  EXPECT_FALSE(seen.error);
  EXPECT_EQ(seen.left, 5U);
  EXPECT_EQ(seen.wanted, 0x7ffffffeU);
}

TEST(Pitfall05, ARecordOfOursHasOneFragment) {
  bytes stream(4 + 1000);
  put_record_mark(stream.data(), 1000);
  bytes one{stream};
  std::span<std::byte> unread{one};
  record_reader reader{{}};
  const auto found = reader.next(unread);
  ASSERT_TRUE(found && *found);
  EXPECT_FALSE((*found)->joined);
}

TEST(Pitfall06, AMissingLastFragmentIsToleratedOnlyWhenAskedFor) {
  const bytes stream = bytes_of("00000004 01020304 00000002 0506");
  EXPECT_TRUE(deliver_at_once(stream).records.empty());
  EXPECT_TRUE(deliver_at_once(stream).inside_record);
  const auto seen = deliver_at_once(stream, {.tolerate_missing_last_fragment = true});
  EXPECT_EQ(seen.records, (std::vector<bytes>{bytes_of("01020304"), bytes_of("0506")}));
}

TEST(Pitfall07, WhoeverSpeaksAnotherProtocolIsRefusedAtItsFirstWord) {
  const bytes http = test::as_bytes(std::as_bytes(std::span{"GET ", 4}));
  EXPECT_EQ(deliver_at_once(http).error, errc::record_too_large);
  const bytes tls_client_hello = bytes_of("16030102");
  EXPECT_EQ(deliver_at_once(tls_client_hello).error, errc::record_too_large);
  const bytes ssh = test::as_bytes(std::as_bytes(std::span{"SSH-", 4}));
  EXPECT_EQ(deliver_at_once(ssh).error, errc::record_too_large);
}

}  // namespace
}  // namespace tryst::rpc
