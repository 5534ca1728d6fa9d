// The known pitfalls of XDR, by number.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <tryst/xdr/borrowed.hpp>
#include <tryst/xdr/codec.hpp>

#include "xdr/hex.hpp"
#include "xdr/shapes.hpp"

namespace {

using namespace shapes;
using tryst::errc;
using tryst::test::bytes_of;
using tryst::test::hex_of;
namespace xdr = tryst::xdr;

constexpr xdr::decode_options lenient{.lenient = true};

template <class T, class Desc = xdr::plain>
std::error_code refusal(std::string_view hex, const xdr::decode_options& options = {}) {
  const auto value = xdr::from_bytes<T, Desc>(bytes_of(hex), options);
  return value ? std::error_code{} : value.error();
}
template <class Desc = xdr::plain, class T>
std::string wire(const T& value) {
  return hex_of(xdr::to_bytes<Desc>(value).value());
}

TEST(Pitfall29, BoolIsZeroOrOneUnlessLenient) {
  EXPECT_EQ(refusal<bool>("00000002"), errc::bool_invalid);
  EXPECT_EQ(refusal<xdr::optional_data<bool>>("00000100 00000001"), errc::bool_invalid);
  EXPECT_EQ(xdr::from_bytes<bool>(bytes_of("00000002"), lenient), true);
  EXPECT_EQ(wire(true), "00000001");
}

TEST(Pitfall29, AnUndeclaredEnumNumberIsAnErrorBothWays) {
  EXPECT_EQ(refusal<color>("00000003"), errc::enum_invalid);
  EXPECT_EQ(refusal<color>("ffffffff"), errc::enum_invalid);
  EXPECT_EQ(xdr::to_bytes(static_cast<color>(3)).error(), errc::enum_invalid);
  EXPECT_EQ(xdr::from_bytes<color>(bytes_of("00000003"), lenient), static_cast<color>(3));
}

TEST(Pitfall29, EnumsWithGapsKnowEachOfTheirNumbers) {
  for (const std::int32_t number : {-5, 7, 9, 100, 999, 2147483647}) {
    const auto value = static_cast<sparse>(number);
    EXPECT_EQ(xdr::from_bytes<sparse>(xdr::to_bytes(value).value()), value);
  }
  for (const std::int32_t number : {-6, -4, 0, 6, 8, 10, 99, 101, 998, 1000, 2147483646}) {
    EXPECT_EQ(xdr::to_bytes(static_cast<sparse>(number)).error(), errc::enum_invalid) << number;
  }
  EXPECT_EQ(refusal<sparse>("80000000"), errc::enum_invalid);
}

TEST(Pitfall29, AnOpenEnumLetsUndeclaredNumbersThrough) {
  EXPECT_EQ(xdr::from_bytes<flavor>(bytes_of("00000007")), static_cast<flavor>(7));
  EXPECT_EQ(wire(static_cast<flavor>(7)), "00000007");
}

TEST(Pitfall30, PaddingIsZeroUnlessLenient) {
  using five = std::array<std::byte, 5>;
  EXPECT_EQ(refusal<std::string>("00000005 6162636465 000001"), errc::padding_invalid);
  EXPECT_EQ(refusal<std::vector<std::byte>>("00000001 61 010000"), errc::padding_invalid);
  EXPECT_EQ(refusal<five>("6162636465 008000"), errc::padding_invalid);
  EXPECT_EQ(refusal<std::string_view>("00000003 616263 01"), errc::padding_invalid);
  EXPECT_EQ(xdr::from_bytes<std::string>(bytes_of("00000005 6162636465 ffffff"), lenient), "abcde");
  EXPECT_EQ(refusal<five>("6162636465 ffffff", lenient), std::error_code{});
}

TEST(Pitfall30, PaddingIsSentAsZerosWhateverTheBufferHeld) {
  xdr::byte_buffer used;
  std::memset(used.extend(64), 0xff, 64);
  used.clear();
  xdr::writer out{used};
  xdr::encode(out, std::string{"abcde"});
  xdr::encode(out, std::array<std::byte, 1>{});
  EXPECT_EQ(hex_of(used),
            "00000005"
            "6162636465000000"
            "00000000");
}

TEST(Pitfall31, FixedArraysHaveNoCountAndFixedOpaqueIsPadded) {
  EXPECT_EQ(wire(std::array<std::byte, 3>{std::byte{1}, std::byte{2}, std::byte{3}}), "01020300");
  EXPECT_EQ(wire(std::vector<std::byte>{std::byte{1}}), "0000000101000000");
  EXPECT_EQ(wire(std::array<std::uint32_t, 2>{1, 2}), "0000000100000002");
  EXPECT_EQ(wire(std::vector<std::uint32_t>{1, 2}), "000000020000000100000002");
  EXPECT_EQ(wire(std::array<std::byte, 0>{}), "");
}

TEST(Pitfall32, LengthsAreComparedBeforeTheyAreAdded) {
  for (const auto* count :
       {"ffffffff", "fffffffe", "fffffffd", "fffffffc", "80000000", "7fffffff"}) {
    EXPECT_EQ(refusal<std::string>(count), errc::truncated);
    EXPECT_EQ(refusal<std::string_view>(count), errc::truncated);
    EXPECT_EQ(refusal<std::vector<std::byte>>(count), errc::truncated);
    EXPECT_EQ(refusal<std::vector<std::uint64_t>>(count), errc::truncated);
    EXPECT_EQ(refusal<std::vector<std::string>>(count), errc::truncated);
    EXPECT_EQ(refusal<std::vector<nothing>>(count), errc::budget_exceeded);
  }
}

TEST(Pitfall33, OptionalDataIsAnArrayOfAtMostOne) {
  using one = xdr::at_most<1>;
  EXPECT_EQ(wire(xdr::optional_data<std::uint32_t>{7U}), wire<one>(std::vector<std::uint32_t>{7}));
  EXPECT_EQ(wire(xdr::optional_data<std::uint32_t>{}), wire<one>(std::vector<std::uint32_t>{}));
  EXPECT_EQ(*xdr::from_bytes<xdr::optional_data<std::uint32_t>>(bytes_of("00000001 00000007")), 7U);
}

TEST(Pitfall34, ListsAreReachedThroughATypedefToo) {
  static_assert(xdr::list_node<node> && !xdr::list_node<tree>);
  const node_list list{node{1, node{2, {}}}};
  EXPECT_EQ(wire(list),
            "00000001"
            "00000001"
            "00000001"
            "00000002"
            "00000000");
  EXPECT_EQ(xdr::from_bytes<node_list>(xdr::to_bytes(list).value()), list);
}

TEST(Pitfall35, AnUnknownDiscriminantIsAnErrorWithoutADefaultArm) {
  EXPECT_EQ(refusal<maybe>("00000002 00000000"), errc::union_invalid);
  EXPECT_EQ(refusal<maybe>("00000003 00000000"), errc::enum_invalid);
  EXPECT_EQ(refusal<maybe>("00000003 00000000", lenient), errc::union_invalid);
  EXPECT_EQ(refusal<maybe>("00000001"), std::error_code{});
}

TEST(Pitfall35, ADefaultArmKeepsTheDiscriminant) {
  const auto s = xdr::from_bytes<status>(bytes_of("fffffff9 00000002 6e6f0000"));
  ASSERT_TRUE(s);
  EXPECT_EQ(s->xdr_which(), -7);
  EXPECT_EQ(wire(*s),
            "fffffff9"
            "00000002"
            "6e6f0000");
  EXPECT_EQ(wire(*xdr::from_bytes<status>(bytes_of("00000002"))), "00000002");
}

TEST(Pitfall36, StringsKeepEveryByteIncludingNul) {
  using namespace std::string_literals;
  const std::string text = "a\0b\xff"s;
  EXPECT_EQ(wire(text),
            "00000004"
            "610062ff");
  EXPECT_EQ(xdr::from_bytes<std::string>(xdr::to_bytes(text).value()), text);
}

TEST(Pitfall37, AnArrayOfStringsBoundsTheArrayAndEachString) {
  using words = xdr::at_most<2, xdr::at_most<3>>;
  using strings = std::vector<std::string>;
  EXPECT_EQ(wire<words>(strings{"abc", ""}),
            "00000002"
            "00000003"
            "61626300"
            "00000000");
  EXPECT_EQ(xdr::to_bytes<words>(strings{"abcd"}).error(), errc::bound_exceeded);
  EXPECT_EQ(xdr::to_bytes<words>(strings{"", "", ""}).error(), errc::bound_exceeded);
  EXPECT_EQ((refusal<strings, words>("00000001 00000004 61616161")), errc::bound_exceeded);
  EXPECT_EQ((refusal<strings, words>("00000003 00000000 00000000 00000000")), errc::bound_exceeded);
}

TEST(Pitfall38, CharAndShortTakeFourBytesAndAreRangeChecked) {
  EXPECT_EQ(wire(std::int8_t{-1}), "ffffffff");
  EXPECT_EQ(wire(std::uint8_t{255}), "000000ff");
  EXPECT_EQ(wire(std::int16_t{-2}), "fffffffe");
  EXPECT_EQ(refusal<std::int8_t>("00000080"), errc::range_invalid);
  EXPECT_EQ(refusal<std::int8_t>("ffffff7f"), errc::range_invalid);
  EXPECT_EQ(refusal<std::uint8_t>("00000100"), errc::range_invalid);
  EXPECT_EQ(refusal<std::uint8_t>("ffffffff"), errc::range_invalid);
  EXPECT_EQ(refusal<std::int16_t>("00008000"), errc::range_invalid);
  EXPECT_EQ(refusal<std::uint16_t>("00010000"), errc::range_invalid);
  EXPECT_EQ(xdr::from_bytes<std::int16_t>(bytes_of("ffff8000")), std::int16_t{-32768});
}

TEST(Pitfall39, NaNPayloadsAndNegativeZeroSurviveBitForBit) {
  for (const std::uint64_t bits :
       {0x7ff0000000000001ULL, 0xfff8dead0000beefULL, 0x8000000000000000ULL}) {
    const auto back = xdr::from_bytes<double>(xdr::to_bytes(std::bit_cast<double>(bits)).value());
    EXPECT_EQ(std::bit_cast<std::uint64_t>(*back), bits);
    const std::vector<double> many(40, std::bit_cast<double>(bits));
    const auto all = xdr::from_bytes<std::vector<double>>(xdr::to_bytes(many).value());
    EXPECT_EQ(std::bit_cast<std::uint64_t>(all->back()), bits);
  }
  for (const std::uint32_t bits : {0x7f800001U, 0xffc0beefU, 0x80000000U}) {
    const auto back = xdr::from_bytes<float>(xdr::to_bytes(std::bit_cast<float>(bits)).value());
    EXPECT_EQ(std::bit_cast<std::uint32_t>(*back), bits);
  }
}

TEST(Pitfall39, QuadrupleIsItsSixteenBytes) {
  const auto* const minus_two = "c0000000000000000000000000000000";
  const auto q = xdr::from_bytes<xdr::quadruple>(bytes_of(minus_two));
  ASSERT_TRUE(q);
  EXPECT_EQ(q->bytes[0], std::byte{0xc0});
  EXPECT_EQ(wire(*q), minus_two);
}

}  // namespace
