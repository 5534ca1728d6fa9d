#include <gmock/gmock.h>

#include "idl/text.hpp"

namespace tryst::idl {
namespace {

using testing::HasSubstr;

TEST(Pitfall35, DuplicateCasesAndIllegalDiscriminantsAreErrors) {
  const run_over run{R"(
enum e { A = 1, B = 1, C = 2 };
union twice switch (e x) { case A: int a; case B: int b; };
union wide switch (hyper x) { case 1: int a; };
union text switch (string x) { case 1: int a; };
union yes switch (bool x) { case 2: int a; };)"};
  EXPECT_EQ(run.report().errors(), 4U) << run.said();
  EXPECT_THAT(run.said(), HasSubstr("the case 1 is there twice"));
  EXPECT_THAT(run.said(), HasSubstr("the first one is here"));
  EXPECT_THAT(run.said(), HasSubstr("4 bytes"));
}

TEST(Pitfall35, CasesMayNameConstantsAndValuesOfOtherEnums) {
  const run_over run{R"(
const ONE = 1;
enum other { TWO = 2 };
typedef int number;
union u switch (number x) { case ONE: case TWO: int a; case -3: void; default: void; };)"};
  ASSERT_TRUE(run.ok()) << run.said();
  const auto& arms = run.get<union_>("u").arms;
  EXPECT_EQ(arms[0].labels[1].value.as_int64(), 2);
  EXPECT_EQ(arms[1].labels[0].value.as_int64(), -3);
  EXPECT_TRUE(arms[2].is_default);
}

TEST(Pitfall37, AStringWithABoundIsOneString) {
  const run_over run{
      "struct s { string a<5>; string *b; };\ntypedef string name<>;\n"
      "struct t { name a<5>; };"};
  ASSERT_TRUE(run.ok()) << run.said();
  const auto& model = run.interface();
  EXPECT_EQ(model.resolved(run.get<structure>("s").members[0].type).kind, type_kind::string);
  EXPECT_EQ(model.resolved(run.get<structure>("s").members[1].type).kind, type_kind::optional);
  EXPECT_EQ(model.resolved(run.get<structure>("t").members[0].type).kind, type_kind::vector);
  EXPECT_THAT(run_over{"struct s { string a[5]; };"}.said(), HasSubstr("typedef string name<>;"));
}

TEST(Pitfall40, NumbersAreDecimalOctalOrHexadecimal) {
  const run_over run{R"(
const A = 10; const B = 010; const C = 0x10; const D = -1; const E = 4294967295;
const F = 0xffffffffffffffff; const G = -9223372036854775808; const H = (A + B) << 2 | 1;)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("B"), 8);
  EXPECT_EQ(run.constant_value("C"), 16);
  EXPECT_EQ(run.constant_value("D"), -1);
  EXPECT_EQ(run.constant_value("E"), 4294967295);
  EXPECT_EQ(run.get<constant>("F").value.value.magnitude, 0xffffffffffffffffU);
  EXPECT_EQ(run.constant_value("H"), 73);
}

TEST(Pitfall40, DigitsMayStandInGroups) {
  const run_over run{R"(
const A = 1'000; const B = 0x8000'0000; const C = 0'17; const D = 1'0'0u;
program P { version V { void F(void) = 1; } = 1; } = 0x2000'0001;
#ifdef NEVER
it isn't read, like 3 o'clock
#endif
)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("A"), 1000);
  EXPECT_EQ(run.constant_value("B"), 0x8000'0000);
  EXPECT_EQ(run.get<constant>("B").value.spelling, "0x8000'0000");
  EXPECT_EQ(run.constant_value("C"), 15);
  EXPECT_EQ(run.constant_value("D"), 100);
  EXPECT_EQ(run.get<program>("P").value.value.as_int64(), 0x2000'0001);
  for (const auto* text : {"const A = 1'000';", "const A = 1''000;", "const A = 0x'10;",
                           "const A = 1'u;", "const A = '1;"}) {
    EXPECT_FALSE(run_over{text}.ok()) << text;
  }
}

TEST(Pitfall40, WhatIsNoNumberIsAnError) {
  for (const auto* text : {"const A = 08;", "const A = 1.5;", "const A = 0x;", "const A = 12abc;",
                           "const A = 18446744073709551616;", "const A = 1 / 0;"}) {
    EXPECT_FALSE(run_over{text}.ok()) << text;
  }
}

TEST(Pitfall40, SizesAndNumbersOfProgramsAreNotNegative) {
  for (const auto* text : {"struct s { int x<-1>; };", "struct s { int x[0]; };",
                           "struct s { int x<0>; };", "struct s { int x<4294967296>; };",
                           "program P { version V { void F() = -1; } = 1; } = 0x20000000;",
                           "program P { version V { void F() = 1; } = -1; } = 0x20000000;",
                           "program P { version V { void F() = 1; } = 1; } = -1;"}) {
    EXPECT_FALSE(run_over{text}.ok()) << text;
  }
  EXPECT_TRUE(
      run_over{"program P { version V { void F() = 4294967295; } = 4294967295; } = 1;"}.ok());
}

TEST(Pitfall41, NamesAreUniqueAmongConstantsTypesAndTags) {
  const run_over run{R"(
const A = 1;
enum e { A, B };
struct B { int x; };
struct e { int x; };)"};
  EXPECT_EQ(run.report().errors(), 3U) << run.said();
  EXPECT_THAT(run.said(), HasSubstr("the first definition is here"));
}

TEST(Pitfall41, TagsOfAnEnumAreKnownEverywhere) {
  const run_over run{R"(
struct s { enum { RED = 3 } color; };
union u switch (int x) { case RED: int a; };
typedef int reds[RED];
const SAME = RED;)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("SAME"), 3);
}

TEST(Check, SaysWhatWasProbablyMeant) {
  EXPECT_THAT(run_over{"struct pair { int x; };\nstruct s { piar y; };"}.said(),
              HasSubstr("did you mean pair?"));
  EXPECT_THAT(run_over{"const LIMIT = 1;\nstruct s { int y<LIMT>; };"}.said(),
              HasSubstr("did you mean LIMIT?"));
  EXPECT_THAT(run_over{"enum e { A } /* @tryst opne */;"}.said(), HasSubstr("did you mean open?"));
  EXPECT_THAT(run_over{"struct s { widget y; };"}.said(),
              HasSubstr("/* @tryst extern widget \"my_header.hpp\" */"));
}

TEST(Check, TakesATypeThatTheUserSupplies) {
  const run_over run{
      "/* @tryst extern widget as my::widget \"my/widget.hpp\" */\n"
      "struct s { widget w; };"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.get<external>("widget").cpp_name, "::my::widget");
  EXPECT_EQ(run.get<external>("widget").header, "my/widget.hpp");
}

TEST(Check, FindsRecursionWithoutIndirection) {
  EXPECT_THAT(run_over{"struct a { b x; };\nstruct b { a y[2]; };"}.said(),
              HasSubstr("contains itself"));
  EXPECT_FALSE(run_over{"typedef a b;\ntypedef b a;"}.ok());
  EXPECT_FALSE(run_over{"typedef a a<>;"}.ok());
  EXPECT_TRUE(run_over{"struct a { a *next; a all<>; };"}.ok());
  EXPECT_FALSE(run_over{"struct a { u x; };\nunion u switch (int k) { case 0: a x; };"}.ok());
  EXPECT_TRUE(run_over{"typedef struct a *link;\nstruct a { link next; };"}.ok());
}

TEST(Check, FindsTheArmsThatLeadBackToTheirUnion) {
  const run_over run{
      "struct a { u x; };\n"
      "typedef a b[2];\n"
      "union u switch (int k) { case 0: a one; case 1: b two; case 2: u *three; case 3: u four; "
      "case 4: u five<>; case 5: v six; case 6: int seven; };\n"
      "union v switch (int k) { case 0: int one; };"};
  ASSERT_TRUE(run.ok()) << run.said();
  std::string marks;
  for (const auto& arm : run.get<union_>("u").arms) marks += arm.indirect ? '1' : '0';
  EXPECT_EQ(marks, "1101000");
}

TEST(Check, FindsNumbersThatAreUsedTwice) {
  const run_over run{R"(
program P {
  version V { void F() = 1; void G() = 1; } = 1;
  version W { void F() = 1; void F() = 2; } = 1;
} = 0x20000000;
program Q { version X { void F() = 1; } = 1; } = 0x70000000;)"};
  EXPECT_EQ(run.report().errors(), 3U) << run.said();
  EXPECT_THAT(run.said(), HasSubstr("warning: this is no number that a program may have"));
}

TEST(Check, LetsAlikeDefinitionsStandTwice) {
  EXPECT_TRUE(
      run_over{"const A = 1;\nconst A = 1;\ntypedef int t;\ntypedef int t;\n"
               "struct s { t x<A>; };"}
          .ok());
  EXPECT_FALSE(run_over{"const A = 1;\nconst A = 2;"}.ok());
  EXPECT_FALSE(run_over{"typedef int t;\ntypedef hyper t;"}.ok());
}

TEST(Check, RefusesAnnotationsWhereTheyMeanNothing) {
  for (const auto* text :
       {"const A = 1; /* @tryst view */", "struct s { int x; }; /* @tryst idempotent */",
        "struct s { int x; /* @tryst view */ };", "/* @tryst view */\n\nconst A = 1;",
        "program P { version V { int F() = 1; /* @tryst oneway */ } = 1; } = 1;",
        "program P { version V { int F() = 1; /* @tryst max_wait */ } = 1; } = 1;",
        "program P { version V { int F() = 1; /* @tryst acknowledged */ } = 1; } = 1;",
        "program P { version V { void F() = 1; /* @tryst acknowledged, oneway */ } = 1; } = 1;",
        "program P { version V { int F() = 1; /* @tryst max_pending */ } = 1; } = 1;",
        "program P { version V { int F() = 1; /* @tryst max_pending=0 */ } = 1; } = 1;",
        "program P { version V { int F() = 1; /* @tryst idempotent, once */ } = 1; } = 1;",
        "enum e { A }; /* @tryst once */", "struct s { int x; }; /* @tryst */",
        "/* @tryst extern x */\nconst A = 1;"}) {
    EXPECT_FALSE(run_over{text}.ok()) << text;
  }
}

}  // namespace
}  // namespace tryst::idl
