// What holds for every type: the same bytes back, the exact size, refusals at every byte.
#include <gtest/gtest.h>

#include <tryst/xdr/codec.hpp>

#include "xdr/everything.hpp"
#include "xdr/hex.hpp"

namespace {

using tryst::errc;
using tryst::test::bytes_of;
using tryst::test::hex_of;
namespace xdr = tryst::xdr;

TEST(Codec, GivesBackWhatItWasGiven) {
  const auto value = shapes::sample();
  const auto bytes = xdr::to_bytes(value);
  ASSERT_TRUE(bytes) << bytes.error().message();
  const auto back = xdr::from_bytes<shapes::everything>(*bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(*back, value);
  EXPECT_EQ(hex_of(xdr::to_bytes(*back).value()), hex_of(*bytes));
}

TEST(Codec, KnowsTheExactSizeBeforehand) {
  const auto value = shapes::sample();
  EXPECT_EQ(xdr::encoded_size(value), xdr::to_bytes(value)->size());
  EXPECT_EQ(xdr::encoded_size(value.m), xdr::to_bytes(value.m)->size());
  EXPECT_EQ(xdr::encoded_size(value.list), xdr::to_bytes(value.list)->size());
}

TEST(Codec, WritesTheSameBytesHoweverTheBufferGrows) {
  const auto value = shapes::sample();
  const std::string expected = hex_of(xdr::to_bytes(value).value());
  for (std::size_t room = 0; room < expected.size() / 2 + 8; ++room) {
    xdr::byte_buffer grown;
    grown.reserve(room);
    xdr::writer out{grown};
    xdr::encode(out, value);
    ASSERT_EQ(hex_of(grown), expected) << room;
  }
}

TEST(Codec, DecodesIntoAnOldValueAsIntoAFreshOne) {
  const auto bytes = xdr::to_bytes(shapes::sample()).value();
  shapes::everything old = shapes::sample();
  old.words.resize(1000, 5);
  old.list = shapes::node{9, shapes::node{9, shapes::node{9, shapes::node{9, {}}}}};
  old.root.reset();
  old.names.clear();
  xdr::reader in{bytes};
  xdr::decode(in, old);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(old, shapes::sample());
}

TEST(Codec, RefusesBytesBehindTheValueUnlessLenient) {
  const auto two = bytes_of("00000001 00000002");
  EXPECT_EQ(xdr::from_bytes<std::int32_t>(two).error(), errc::trailing_bytes);
  EXPECT_EQ(xdr::from_bytes<std::int32_t>(two, {.lenient = true}), 1);
  EXPECT_TRUE(xdr::from_bytes<shapes::sloppy>(two));
}

TEST(Codec, DecodesSeveralValuesOneAfterTheOther) {
  const auto bytes = bytes_of("00000001 00000003 61626300 00000000 00000002");
  xdr::reader in{bytes};
  std::int32_t number = 0;
  std::string text;
  shapes::nothing nothing;
  std::uint64_t wide = 0;
  xdr::decode(in, number);
  xdr::decode<xdr::at_most<3>>(in, text);
  xdr::decode(in, nothing);
  xdr::decode(in, wide);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(number, 1);
  EXPECT_EQ(text, "abc");
  EXPECT_EQ(wide, 2U);
  xdr::decode(in, nothing);
  EXPECT_TRUE(in.ok());
  xdr::decode(in, number);
  EXPECT_EQ(in.error(), errc::truncated);
  EXPECT_EQ(in.remaining(), 0U);
}

TEST(Codec, KeepsTheFirstFailure) {
  const auto two = bytes_of("00000002");
  xdr::reader in{two};
  bool b = false;
  xdr::decode(in, b);
  EXPECT_EQ(in.error(), errc::bool_invalid);
  EXPECT_EQ(in.get_u32(), 0U);
  EXPECT_EQ(in.error(), errc::bool_invalid);
}

TEST(Codec, KnowsBoundsAtCompileTime) {
  using namespace shapes;
  static_assert(xdr::wire_bounds<scalars>::fixed && xdr::wire_bounds<scalars>::min == 84);
  static_assert(xdr::wire_bounds<nothing>::max == 0);
  static_assert(xdr::wire_bounds<std::string, at_most<5>>::max == 12);
  static_assert(xdr::wire_bounds<std::string>::max == 4 + (std::uint64_t{1} << 32));
  static_assert(xdr::wire_bounds<std::vector<std::uint64_t>>::max == 4 + 8 * 0xffffffffULL);
  static_assert(xdr::wire_bounds<std::vector<std::vector<std::string>>>::max == ~0ULL);
  static_assert(xdr::wire_bounds<maybe>::min == 4 && xdr::wire_bounds<maybe>::max == 8);
  static_assert(xdr::wire_bounds<status>::min == 4);
  static_assert(xdr::wire_bounds<tree>::min == 8 && xdr::wire_bounds<tree>::max == ~0ULL);
  static_assert(xdr::wire_bounds<optional_data<std::string>, each<at_most<6>>>::max == 16);
  SUCCEED();
}

TEST(Codec, DecodesATypeLenientlyThatSaysSo) {
  const auto bytes = bytes_of("00000007 00000007");
  xdr::reader in{bytes};
  shapes::sloppy value;
  xdr::decode(in, value);
  EXPECT_TRUE(in.ok() && value.flag);
  bool strict = false;
  xdr::decode(in, strict);
  EXPECT_EQ(in.error(), errc::bool_invalid);
}

TEST(Writer, RefersToLongBytesInsteadOfCopyingThem) {
  const std::vector<std::byte> large(xdr::gather_threshold + 1, std::byte{7});
  xdr::byte_buffer bytes;
  std::vector<xdr::reference> references;
  xdr::writer out{bytes, references};
  xdr::encode(out, std::uint32_t{1});
  xdr::encode(out, large);
  xdr::encode(out, std::uint32_t{2});
  ASSERT_EQ(references.size(), 1U);
  EXPECT_EQ(references[0].offset_in_buffer, 8U);
  EXPECT_EQ(references[0].bytes.data(), large.data());
  EXPECT_EQ(hex_of(bytes),
            "00000001"
            "00004001"
            "000000"
            "00000002");
}

TEST(Buffer, GrowsWithoutLosingWhatItHolds) {
  xdr::byte_buffer bytes;
  for (std::uint32_t i = 0; i < 1000; ++i) xdr::store_big(bytes.extend(4), i);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(xdr::load_big<std::uint32_t>(bytes.data() + 4 * i), i);
  }
  const xdr::byte_buffer moved = std::move(bytes);
  EXPECT_EQ(moved.size(), 4000U);
}

}  // namespace
