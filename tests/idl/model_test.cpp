#include <gmock/gmock.h>

#include "idl/text.hpp"

namespace tryst::idl {
namespace {

constexpr std::uint64_t endless = ~std::uint64_t{};

TEST(Model, KnowsWhatTypesTakeOnTheWire) {
  const run_over run{R"(
enum e { A };
struct fixed { int a; hyper b; opaque c[5]; bool d[3]; quadruple q; e x; };
struct text { string a<5>; opaque b<>; };
union u switch (int x) { case 0: void; case 1: fixed f; };
struct node { int x; node *next; };
typedef text texts[2];)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run["fixed"].size, (wire_size{4 + 8 + 8 + 12 + 16 + 4, 52}));
  EXPECT_EQ(run["text"].size.least, 8U);
  EXPECT_EQ(run["u"].size, (wire_size{4, 56}));
  EXPECT_EQ(run["node"].size, (wire_size{8, endless}));
  EXPECT_EQ(run["texts"].size.least, 16U);
}

TEST(Model, LooksThroughTypedefs) {
  const run_over run{"struct a { int x; };\ntypedef a b;\ntypedef b c;\nstruct s { c x; };"};
  ASSERT_TRUE(run.ok()) << run.said();
  const auto member = run.get<structure>("s").members[0].type;
  EXPECT_EQ(run.interface().defined(member)->name, "a");
}

TEST(Model, NumbersTheValuesOfAnEnum) {
  const run_over run{"enum e { A, B, C = 7, D, E = -2, F, G = C };"};
  ASSERT_TRUE(run.ok()) << run.said();
  std::vector<std::int32_t> values;
  for (const auto& next : run.get<enumeration>("e").values) values.push_back(next.value);
  EXPECT_THAT(values, testing::ElementsAre(0, 1, 7, 8, -2, -1, 7));
}

TEST(Model, UsesConstantsBeforeTheyAreDefined) {
  const run_over run{"struct s { int x<MOST>; };\nconst MOST = LAST;\nenum e { FIRST, LAST };"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.interface().types[run.get<structure>("s").members[0].type].limit(), 1U);
}

TEST(Model, FindsConstantsThatDependOnThemselves) {
  EXPECT_FALSE(run_over{"const A = B;\nconst B = A;"}.ok());
  EXPECT_FALSE(run_over{"enum e { A = B, B = A };"}.ok());
}

TEST(Diagnostics, ShowTheLineAndColourItOnlyWhenAsked) {
  sources texts;
  const auto file = texts.add("a.x", "struct s {\n\tint \x1b[2J;\n};\n");
  diagnostics report;
  report.error({file, 16}, 3, "no").hint = "do";
  EXPECT_EQ(render(report.all()[0], texts),
            "a.x:2:6: error: no\n   int ?[2J;\n       ^~~\n  hint: do\n");
  EXPECT_THAT(render(report.all()[0], texts, true), testing::HasSubstr("\x1b[1;31merror"));
}

TEST(Diagnostics, StopBeingKeptWhenThereAreTooMany) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "struct s" + std::to_string(i) + " { nothing x; };\n";
  const run_over run{text};
  EXPECT_EQ(run.report().all().size(), diagnostics::most_errors);
  EXPECT_GT(run.report().errors(), diagnostics::most_errors);
}

}  // namespace
}  // namespace tryst::idl
