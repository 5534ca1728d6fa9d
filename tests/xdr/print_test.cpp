#include <tryst/xdr/print.hpp>

#include <gtest/gtest.h>

#include <limits>

#include "compiler/golden/calc.hpp"
#include "xdr/view_sample.hpp"

namespace {

namespace xdr = tryst::xdr;

TEST(Print, ShowsAStructWithTheNamesOfTheX) {
  EXPECT_EQ(xdr::to_text(calc::pair{2, -3}), "{a: 2, b: -3}");
}

TEST(Print, ShowsEnumsByNameAndUndeclaredOnesByNumber) {
  EXPECT_EQ(xdr::to_text(calc::UP), "UP");
  EXPECT_EQ(xdr::to_text(static_cast<calc::rounding>(7)), "7");
}

TEST(Print, ShowsAUnionAsDiscriminantAndArm) {
  calc::quotient q;
  q.set_value(4);
  EXPECT_EQ(xdr::to_text(q), "{ok: true, value: 4}");
  q.set_reason("no");
  EXPECT_EQ(xdr::to_text(q), "{ok: false, reason: \"no\"}");
}

TEST(Print, ShowsAListAsAnArrayOfItsNodes) {
  const xdr::optional_data<calc::entry> list{calc::entry{"a", {1, 2}, calc::entry{"b", {}, {}}}};
  EXPECT_EQ(xdr::to_text(list), "[{label: \"a\", numbers: [1, 2]}, {label: \"b\", numbers: []}]");
  EXPECT_EQ(xdr::to_text(*list),
            "{label: \"a\", numbers: [1, 2], next: [{label: \"b\", numbers: []}]}");
}

TEST(Print, EscapesWhateverATerminalWouldObey) {
  using namespace std::string_literals;
  EXPECT_EQ(xdr::to_text("a\"\\\n\x1b[31m\0\xc3\xa4"s), "\"a\\\"\\\\\\n\\x1b[31m\\x00\\xc3\\xa4\"");
}

TEST(Print, ShowsBytesAsHexAndNumbersExactly) {
  EXPECT_EQ(xdr::to_text(std::vector{std::byte{0}, std::byte{255}}), "0x00ff");
  EXPECT_EQ(xdr::to_text(0.1), "0.1");
  EXPECT_EQ(xdr::to_text(-0.0), "-0");
  EXPECT_EQ(xdr::to_text(0.1F), "0.1");
  EXPECT_EQ(xdr::to_text(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(xdr::to_text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(xdr::to_text(std::int8_t{65}), "65");
  EXPECT_EQ(xdr::to_text(std::vector<bool>{true, false}), "[true, false]");
}

TEST(Print, BreaksTheLineAtEachPartWhenAsked) {
  const calc::entry one{"a", {1}, {}};
  EXPECT_EQ(xdr::to_text(one, {.multi_line = true}),
            "{\n  label: \"a\",\n  numbers: [\n    1\n  ],\n  next: []\n}");
}

TEST(Print, KeepsToTheLengthItIsGiven) {
  const std::vector<std::int32_t> many(1000, 12345);
  for (std::size_t length = 1; length < 60; ++length) {
    const std::string text = xdr::to_text(many, {.max_length = length});
    EXPECT_EQ(text.size(), length);
    EXPECT_TRUE(text.ends_with(std::string(std::min<std::size_t>(length, 3), '.')));
  }
  EXPECT_EQ(xdr::to_text(std::int32_t{12345}, {.max_length = 5}), "12345");
}

TEST(Print, ShowsAViewAsItsOwner) {
  sample::all value;
  value.words = {"one", "two"};
  value.items = sample::item{"first", {7}, sample::item{"second", {}, {}}};
  value.root = sample::tree{"root", {}, {}, 5};
  value.choices.resize(1);
  const auto bytes = xdr::to_bytes(value).value();
  const auto view = xdr::from_bytes<sample::view::all>(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(xdr::to_text(*view), xdr::to_text(value));
}

}  // namespace
