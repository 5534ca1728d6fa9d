#include "xdr/supplied.hpp"

#include <gtest/gtest.h>

#include <tryst/xdr/encode_fixed.hpp>
#include <tryst/xdr/print.hpp>

#include "xdr/hex.hpp"
#include "xdr/shapes.hpp"

namespace {

using tryst::errc;
using tryst::test::bytes_of;
using tryst::test::hex_of;
namespace xdr = tryst::xdr;

supplied::event sample() {
  const auto at = [](std::int64_t ms) {
    return supplied::moment{
        std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{ms}}};
  };
  return {1, at(-1), {"nobody"}, {at(2), at(3)}, 4};
}

TEST(Custom, IsWrittenByItsOwnCodeInTheMiddleOfAStruct) {
  const auto bytes = xdr::to_bytes(sample()).value();
  EXPECT_EQ(hex_of(bytes),
            "00000001"
            "ffffffffffffffff"
            "000000066e6f626f64790000"
            "00000002"
            "0000000000000002"
            "0000000000000003"
            "00000004");
  EXPECT_EQ(xdr::encoded_size(sample()), bytes.size());
  EXPECT_EQ(xdr::from_bytes<supplied::event>(bytes), sample());
  static_assert(xdr::wire_bounds<supplied::event>::min == 4 + 8 + 4 + 4 + 4);
}

TEST(Custom, RefusesWhatItDoesNotWantBothWays) {
  supplied::event bad = sample();
  bad.name.text = "anna";
  EXPECT_EQ(xdr::to_bytes(bad).error(), errc::range_invalid);
  EXPECT_EQ(xdr::from_bytes<supplied::picky>(bytes_of("00000001 61000000")).error(),
            errc::range_invalid);
  EXPECT_EQ(xdr::from_bytes<supplied::picky>(bytes_of("00000011")).error(), errc::bound_exceeded);
}

TEST(Custom, IsTruncatedLikeAnyOther) {
  const auto bytes = xdr::to_bytes(sample()).value();
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const std::vector<std::byte> part(bytes.begin(), bytes.begin() + cut);
    EXPECT_EQ(xdr::from_bytes<supplied::event>(part).error(), errc::truncated) << cut;
  }
}

TEST(Custom, IsPrintedAsItSaysOrAsItsBytes) {
  EXPECT_EQ(xdr::to_text(sample().when), "-1ms");
  EXPECT_EQ(xdr::to_text(supplied::picky{"x"}), "0x0000000178000000");
}

TEST(EncodeFixed, WritesAtCompileTimeWhatEncodeWrites) {
  constexpr shapes::scalars value{-1, 200,  -300,         60000, -5,   5,  -6,
                                  6,  true, shapes::BLUE, 1.5F,  -2.5, {}, {std::byte{1}}};
  static constexpr auto bytes = xdr::encode_fixed(value);
  static_assert(bytes.size() == 84 && bytes[3] == std::byte{0xff});
  EXPECT_EQ(hex_of(bytes), hex_of(xdr::to_bytes(value).value()));
  static constexpr auto words = xdr::encode_fixed(std::array<std::uint32_t, 2>{1, 2});
  EXPECT_EQ(hex_of(words), "0000000100000002");
}

}  // namespace
