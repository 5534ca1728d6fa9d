// How generated types behave: the golden headers, compiled and used.
#include <gtest/gtest.h>

#include <tryst/error.hpp>
#include <tryst/xdr/conforms.hpp>
#include <tryst/xdr/print.hpp>
#include <tryst/xdr/to_owned.hpp>

#include "compiler/golden/bounds.hpp"
#include "compiler/golden/constants.hpp"
#include "compiler/golden/externs.hpp"
#include "compiler/golden/names.hpp"
#include "compiler/golden/nested.hpp"
#include "compiler/golden/numbers.hpp"
#include "compiler/golden/programs.hpp"
#include "compiler/golden/recursion.hpp"
#include "compiler/golden/spaces.hpp"
#include "compiler/golden/unions.hpp"

namespace tryst::compiler {
namespace {

/// The value after a way through bytes.
template <class T>
std::expected<T, std::error_code> sent(const T& value) {
  const auto bytes = xdr::to_bytes(value);
  if (!bytes) return std::unexpected{bytes.error()};
  return xdr::from_bytes<T>(*bytes);
}

TEST(GeneratedUnion, SelectsOneArmAtATime) {
  unions::by_enum value;
  EXPECT_EQ(value.which(), unions::RED);
  EXPECT_TRUE(value.set_more(unions::BLUE, {.text = "x"}));
  EXPECT_EQ(value.which(), unions::BLUE);
  EXPECT_EQ(value.number(), nullptr);
  ASSERT_NE(value.more(), nullptr);
  EXPECT_FALSE(value.set_more(unions::RED, {}));
  EXPECT_EQ(value.more()->text, "x");
  EXPECT_EQ(sent(value), value);
}

TEST(GeneratedUnion, KeepsTheDiscriminantOfAnArmThatSeveralShare) {
  unions::by_int value;
  EXPECT_EQ(value.kind(), -1);
  EXPECT_TRUE(value.set_numbers(8, {1, 2, 3}));
  EXPECT_EQ(sent(value)->kind(), 8);
  EXPECT_TRUE(value.set_other(99, "text"));
  EXPECT_EQ(*sent(value)->other(), "text");
  EXPECT_TRUE(value.set_numbers(7, {1, 2, 3, 4}));
  EXPECT_EQ(sent(value).error(), errc::bound_exceeded);
}

TEST(GeneratedUnion, RefusesWhatSelectsNoArm) {
  unions::by_unsigned value;
  EXPECT_FALSE(value.set_version(5));
  EXPECT_EQ(value.version(), 1U);
  EXPECT_TRUE(value.set_version(0xffffffff));
  EXPECT_EQ(sent(value), value);
  unions::one_armed one;
  EXPECT_FALSE(one.set_there(false));
  EXPECT_TRUE(one.there());
}

TEST(GeneratedUnion, TakesAVoidDefault) {
  unions::with_default value;
  EXPECT_TRUE(value.set_there(false));
  EXPECT_EQ(value.value(), nullptr);
  EXPECT_EQ(sent(value), value);
  unions::by_status late;
  EXPECT_TRUE(late.set_code(unions::LATE));
  EXPECT_EQ(sent(late)->code(), unions::LATE);
}

TEST(GeneratedConstant, HasTheValueAndATypeThatHoldsIt) {
  static_assert(std::is_same_v<decltype(constants::DECIMAL), const std::int32_t>);
  static_assert(constants::OCTAL == 493);
  static_assert(constants::LARGEST == ~std::uint64_t{});
  static_assert(constants::SMALLEST == std::numeric_limits<std::int64_t>::min());
  static_assert(constants::SUM == 164);
  static_assert(constants::HIGH == std::numeric_limits<std::int32_t>::min());
  static_assert(constants::LAST == constants::BOTH);
  EXPECT_EQ(constants::TEXT, "a text");
}

TEST(GeneratedEnum, LetsUnknownNumbersThroughWhereTheInterfaceSaysSo) {
  EXPECT_EQ(sent(static_cast<constants::growing>(77)), static_cast<constants::growing>(77));
  EXPECT_EQ(sent(static_cast<constants::plain>(77)).error(), errc::enum_invalid);
}

TEST(GeneratedStruct, HoldsEveryNumber) {
  numbers::rfc4506 value;
  value.b = 0xffffffff;
  value.f = -0.0;
  value.k = "text";
  EXPECT_EQ(sent(value), value);
  value.k = "longer";
  EXPECT_EQ(sent(value).error(), errc::bound_exceeded);
  EXPECT_EQ(xdr::encoded_size(numbers::c_words{}), 7 * 4 + 2 * 8U);
}

TEST(GeneratedStruct, ChecksTheBoundsOfItsTypedefs) {
  bounds::all value;
  value.several = {"a", "b"};
  value.maybe.emplace(3);
  EXPECT_EQ(sent(value), value);
  value.tables[1] = {"name that is longer than sixteen"};
  EXPECT_EQ(sent(value).error(), errc::bound_exceeded);
  using find = bounds::BOUNDS_V1::FIND;
  static_assert(std::is_same_v<find::result_description, xdr::each<xdr::at_most<64>>>);
}

TEST(GeneratedStruct, RefersToItself) {
  recursion::tree value{.name = "root", .children = {{"a", {}}, {"b", {{"c", {}}}}}};
  EXPECT_EQ(sent(value), value);
  recursion::expression negated;
  negated.set_number(4);
  recursion::expression sum;
  sum.set_operands({negated, negated});
  EXPECT_EQ(sent(sum), sum);
  EXPECT_TRUE(xdr::list_node<recursion::node>);
}

TEST(GeneratedUnion, MayContainItselfByWayOfAnArm) {
  recursion::shape value;
  EXPECT_EQ(value.which(), recursion::NUMBER);
  value.set_bits(32);
  for (int i = 0; i < 5; ++i) value.set_option(recursion::option_shape{value, "more"});
  recursion::shape pair;
  pair.set_both(std::array{value, recursion::shape{}});
  EXPECT_EQ(sent(pair), pair);
  EXPECT_EQ(xdr::encoded_size(pair), 4 + 5 * 12 + 8 + 8U);
  EXPECT_TRUE(xdr::conforms(pair));
  ASSERT_NE(pair.both(), nullptr);
  EXPECT_EQ(xdr::to_text(pair.both()->back()), "{which: NUMBER, bits: 0}");
  recursion::shape copy = pair;
  (*copy.both())[0].option()->name = "less";
  EXPECT_NE(copy, pair);
  recursion::shape moved = std::move(copy);
  EXPECT_EQ(copy.both(), nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_FALSE(xdr::conforms(copy));
  EXPECT_EQ(sent(copy).error(), errc::union_invalid);
  EXPECT_EQ(sent(moved), moved);
}

TEST(GeneratedUnion, ThatContainsItselfIsNotDecodedDeeperThanTheLimit) {
  recursion::shape value;
  for (int i = 0; i < 40; ++i) value.set_option(recursion::option_shape{value, ""});
  const auto bytes = xdr::to_bytes(value).value();
  recursion::shape again;
  xdr::reader deep{bytes, {.max_depth = 40}};
  xdr::decode(deep, again);
  EXPECT_TRUE(deep.ok());
  EXPECT_EQ(again, value);
  xdr::reader shallow{bytes, {.max_depth = 39}};
  xdr::decode(shallow, again);
  EXPECT_EQ(shallow.error(), errc::too_deep);
}

TEST(GeneratedUnion, ThatContainsItselfIsOwnedByAView) {
  recursion::plan value{.goal = {}, .by = "me"};
  value.goal.set_option(recursion::option_shape{recursion::shape{}, "in"});
  const auto bytes = xdr::to_bytes(value).value();
  const auto seen = xdr::from_bytes<recursion::view::plan>(bytes);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->goal, value.goal);
  EXPECT_EQ(xdr::to_owned(*seen), value);
}

TEST(GeneratedUnion, EndsWhereAnotherUnionDoes) {
  recursion::odd value;
  EXPECT_FALSE(value.rest()->more());
  value.rest()->set_rest(recursion::odd{});
  EXPECT_EQ(sent(value), value);
}

TEST(GeneratedStruct, HasItsUnnamedTypesInside) {
  nested::Envelope value;
  value.at = nested::Envelope::at_t{.x = 1, .y = 2};
  value.ext.set_v1({.sequence = 3, .age = nested::STALE});
  EXPECT_EQ(sent(value), value);
}

TEST(GeneratedStruct, HasTypesThatItsUserSupplies) {
  externs::sale value{.when = {.seconds = 1'000'000'000'000}, .price = 3};
  EXPECT_EQ(sent(value), value);
  EXPECT_EQ(xdr::encoded_size(value), 12U);
}

TEST(GeneratedProgram, KeepsItsNumbersAndAnnotations) {
  static_assert(programs::SECOND_V1::id == rpc::interface_id{0x20000108, 0xffffffff});
  static_assert(programs::V1::MOVE::annotations.idempotent);
  static_assert(!programs::V1::MOVE::annotations.once);
  static_assert(programs::SECOND_V1::COUNT::annotations.once);
  static_assert(programs::V1::MOVE::annotations.max_wait_ms == 1500);
  static_assert(programs::V2::TELL::annotations.oneway);
  static_assert(std::is_same_v<programs::V2::procedures,
                               rpc::procedure_list<programs::V2::MOVE, programs::V2::TELL>>);
  static_assert(std::tuple_size_v<programs::V1::MOVE::arguments> == 3);
  EXPECT_EQ(programs::SECOND_V1::name, "V1");
}

TEST(GeneratedNames, MayBeThoseOfOtherThings) {
  names::holder value{.widget = {.x = 1}, .class_ = {}, .others = {}};
  value.class_.new_ = 5;
  EXPECT_EQ(sent(value), value);
  names::choice choice;
  choice.set_set_value("x");
  EXPECT_EQ(sent(choice), choice);
}

TEST(GeneratedNamespace, ReachesIntoOthers) {
  other::deep::Chain value;
  value.last.values = {1, 2, 3};
  value.chain.emplace().blocks.emplace_back();
  EXPECT_EQ(sent(value), value);
}

}  // namespace
}  // namespace tryst::compiler
