#include <tryst/json/json.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "compiler/golden/calc.hpp"
#include "compiler/golden/recursion.hpp"
#include "xdr/everything.hpp"
#include "xdr/hex.hpp"

namespace {

namespace json = tryst::json;
namespace xdr = tryst::xdr;
using json::value;

template <class T, class Desc = xdr::plain>
std::string problem(std::string_view text, const json::options& how = {}) {
  const auto read = json::from_text<T, Desc>(text, how);
  return read ? "none" : read.error().message();
}

TEST(Json, HasAnArmOnTheHeapLikeAnyOther) {
  recursion::shape heaped;
  heaped.set_option(recursion::option_shape{recursion::shape{}, "x"});
  const std::string text = json::to_json(heaped).dump();
  EXPECT_EQ(text,
            R"({"which":"OPTION","option":{"inner":{"which":"NUMBER","bits":0},"name":"x"}})");
  EXPECT_EQ(json::from_text<recursion::shape>(text), heaped);
}

TEST(Json, IsWrittenInTheWordsOfTheX) {
  calc::entry entry{"a", {1, -2}, calc::entry{"b", {}, {}}};
  EXPECT_EQ(json::to_json(entry).dump(),
            R"({"label":"a","numbers":[1,-2],"next":[{"label":"b","numbers":[]}]})");
  EXPECT_EQ(json::to_json(xdr::optional_data<calc::entry>{entry}).dump(),
            R"([{"label":"a","numbers":[1,-2]},{"label":"b","numbers":[]}])");
  calc::quotient q;
  q.set_reason("by zero");
  EXPECT_EQ(json::to_json(q).dump(), R"({"ok":false,"reason":"by zero"})");
  EXPECT_EQ(json::to_json(calc::UP).dump(), R"("UP")");
}

void expect_everything_comes_back(const json::options& how) {
  const auto wire = xdr::to_bytes(shapes::sample()).value();
  const std::string text = json::to_json(shapes::sample(), how).dump();
  const auto read = json::from_text<shapes::everything>(text, how);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(tryst::test::hex_of(xdr::to_bytes(*read).value()), tryst::test::hex_of(wire));
}

TEST(Json, IsReadBackToTheSameBytesWithAnyOptions) {
  expect_everything_comes_back({});
  expect_everything_comes_back({.enums_as_numbers = true});
  expect_everything_comes_back({.hyper_as_text = true, .bytes = json::byte_text::base64});
}

TEST(Json, KeepsTextThatIsNotUtf8) {
  for (const std::string text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "a\xc3", "\xf4\x90\x80\x80"}) {
    const value written = json::to_json(text);
    EXPECT_TRUE(written.is_object()) << written.dump();
    EXPECT_EQ(json::from_json<std::string>(written).value(), text);
  }
  using namespace std::string_literals;
  for (const std::string text : {"", "\xc3\xa4", "\xf0\x9f\x98\x80", "nul"}) {
    EXPECT_TRUE(json::to_json(text).is_string());
  }
  EXPECT_EQ(json::from_text<std::string>(json::to_json("a\0b"s).dump()).value(), "a\0b"s);
}

TEST(Json, KeepsTheBitsOfEveryReal) {
  for (const std::uint64_t bits :
       {0x0000000000000000ULL, 0x8000000000000000ULL, 0x7ff0000000000000ULL, 0xfff0000000000000ULL,
        0x7ff8000000000000ULL, 0xfff8dead0000beefULL, 0x3fb999999999999aULL,
        0x0000000000000001ULL}) {
    const auto text = json::to_json(std::bit_cast<double>(bits)).dump();
    EXPECT_EQ(std::bit_cast<std::uint64_t>(json::from_text<double>(text).value()), bits) << text;
  }
  for (const std::uint32_t bits :
       {0x3dcccccdU, 0x7fc0beefU, 0x80000000U, 0x00000001U, 0xff800000U}) {
    const auto text = json::to_json(std::bit_cast<float>(bits)).dump();
    EXPECT_EQ(std::bit_cast<std::uint32_t>(json::from_text<float>(text).value()), bits) << text;
  }
  EXPECT_EQ(problem<float>("1e300"),
            "expected a number, \"Infinity\", \"-Infinity\" or \"NaN(0x...)\", not a number");
}

TEST(Json, WritesHyperExactlyAndReadsItAsTextToo) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(json::to_json(most).dump(), "18446744073709551615");
  EXPECT_EQ(json::to_json(most, {.hyper_as_text = true}).dump(), "\"18446744073709551615\"");
  EXPECT_EQ(json::from_text<std::uint64_t>("\"18446744073709551615\"").value(), most);
  EXPECT_EQ(json::from_text<std::int64_t>("-9223372036854775808").value(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(problem<std::int64_t>("9223372036854775808"), "expected an integer, not a number");
}

TEST(Json, WritesBytesAsHexOrBase64) {
  const std::vector<std::byte> bytes{std::byte{0}, std::byte{0xff}, std::byte{0x10}, std::byte{1}};
  const json::options base64{.bytes = json::byte_text::base64};
  EXPECT_EQ(json::to_json(bytes).dump(), "\"00ff1001\"");
  EXPECT_EQ(json::to_json(bytes, base64).dump(), "\"AP8QAQ==\"");
  EXPECT_EQ((json::from_text<std::vector<std::byte>>("\"AP8QAQ==\"", base64).value()), bytes);
  for (const auto* bad : {"\"AP8QAQ=\"", "\"AP8QAR==\"", "\"====\"", "\"A*8Q\"", "3"}) {
    EXPECT_NE(problem<std::vector<std::byte>>(bad, base64), "none") << bad;
  }
  for (const auto* bad : {"\"0\"", "\"0g\"", "\"-1\"", "\"0x\"", "null"}) {
    EXPECT_NE(problem<std::vector<std::byte>>(bad), "none") << bad;
  }
}

TEST(Json, SaysWhereAndWhatIsWrong) {
  EXPECT_EQ(problem<calc::pair>("{"), "not JSON at byte 2");
  EXPECT_EQ(problem<calc::pair>("[]"), "expected an object, not an array");
  EXPECT_EQ(problem<calc::pair>(R"({"a":1})"), "\"b\" is missing");
  EXPECT_EQ(problem<calc::pair>(R"({"a":1,"b":2,"c":3})"), "there is no member \"c\"");
  EXPECT_EQ(problem<calc::pair>(R"({"a":1,"b":"2"})"), "/b: expected an integer, not a string");
  EXPECT_EQ(problem<calc::pair>(R"({"a":1,"b":2147483648})"), "/b: out of range: 2147483648");
  EXPECT_EQ(
      problem<calc::entry>(R"({"label":"x","numbers":[1],"next":[{"label":1,"numbers":[]}]})"),
      "/next/0/label: expected a string, or {\"bytes\": hex}, not a number");
  EXPECT_EQ(problem<calc::rounding>("\"SIDEWAYS\""), "not a name of the enum: \"SIDEWAYS\"");
  EXPECT_EQ(problem<calc::rounding>("9"), "not a number of the enum: 9");
  EXPECT_EQ(problem<calc::quotient>(R"({"ok":true,"reason":"x"})"), "\"value\" is missing");
  EXPECT_EQ(problem<calc::quotient>(R"({"ok":true,"value":1,"reason":"x"})"),
            "has members that the arm does not have");
  EXPECT_EQ(problem<shapes::maybe>(R"({"c":"BLUE"})"), "/c: selects no arm: \"BLUE\"");
  using words = xdr::at_most<2, xdr::at_most<3>>;
  EXPECT_EQ((problem<std::vector<std::string>, words>(R"(["a","bcde"])")),
            "/1: at most 3 bytes are allowed, not 4");
  EXPECT_EQ((problem<std::vector<std::string>, words>(R"(["a","b","c"])")),
            "at most 2 elements are allowed, not 3");
}

TEST(Json, TellsTheOuterFromTheInnerOptional) {
  using inner = xdr::optional_data<std::int32_t>;
  using outer = xdr::optional_data<inner>;
  for (const outer& o : {outer{}, outer{inner{}}, outer{inner{5}}}) {
    EXPECT_EQ(json::from_json<outer>(json::to_json(o)).value(), o);
  }
  EXPECT_EQ(json::to_json(outer{inner{}}).dump(), "[null]");
}

TEST(Json, RefusesWhatIsNestedTooDeep) {
  std::string text = "0";
  for (int i = 0; i < 1000; ++i) text = R"({"left":)" + text + R"(,"id":1})";
  EXPECT_TRUE(problem<shapes::tree>(text).ends_with("nested too deep"));
}

TEST(Json, ReadsMembersInAnyOrderAndAbsentOptionalsAsNone) {
  const auto entry = json::from_text<calc::entry>(R"({"numbers":[3],"label":"x"})");
  ASSERT_TRUE(entry) << entry.error().message();
  EXPECT_EQ(*entry, (calc::entry{"x", {3}, {}}));
}

}  // namespace
