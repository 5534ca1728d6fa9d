#include "compiler/golden/calc.hpp"

#include <gtest/gtest.h>

namespace {

using tryst::errc;
namespace xdr = tryst::xdr;

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte b : bytes) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(b) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

TEST(Calc, PairIsTwoWords) {
  const auto bytes = xdr::to_bytes(calc::pair{2, -1}).value();
  EXPECT_EQ(hex(bytes), "00000002ffffffff");
  EXPECT_EQ((xdr::from_bytes<calc::pair>(bytes).value()), (calc::pair{2, -1}));
  static_assert(xdr::wire_bounds<calc::pair>::fixed);
  static_assert(xdr::wire_bounds<calc::pair>::max == 8);
}

TEST(Calc, QuotientIsADiscriminantAndAnArm) {
  calc::quotient q;
  q.set_reason("by zero");
  const auto bytes = xdr::to_bytes(q).value();
  EXPECT_EQ(hex(bytes),
            "00000000"
            "00000007"
            "6279207a65726f00");
  EXPECT_EQ(xdr::from_bytes<calc::quotient>(bytes).value(), q);
  static_assert(xdr::wire_bounds<calc::quotient>::min == 8);
  static_assert(xdr::wire_bounds<calc::quotient>::max == 4 + 4 + 80);
}

TEST(Calc, ListIsWrittenNodeByNode) {
  calc::entry second{"b", {}, {}};
  calc::entry first{"a", {1, 2}, second};
  const xdr::optional_data<calc::entry> list{first};
  const auto bytes = xdr::to_bytes(list).value();
  EXPECT_EQ(bytes.size(), xdr::encoded_size(list));
  EXPECT_EQ(hex(bytes),
            "00000001"
            "00000001"
            "61000000"
            "00000002"
            "0000000000000001"
            "0000000000000002"
            "00000001"
            "00000001"
            "62000000"
            "00000000"
            "00000000");
  const auto back = xdr::from_bytes<xdr::optional_data<calc::entry>>(bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(*back, list);
  static_assert(xdr::wire_bounds<calc::entry>::max == ~std::uint64_t{0});
}

TEST(Calc, BoundsAreCheckedBothWays) {
  calc::entry many{"", std::vector<std::int64_t>(17), {}};
  EXPECT_EQ(xdr::to_bytes(many).error(), errc::bound_exceeded);
  calc::quotient q;
  q.set_reason(std::string(81, 'x'));
  EXPECT_EQ(xdr::to_bytes(q).error(), errc::bound_exceeded);
}

}  // namespace
