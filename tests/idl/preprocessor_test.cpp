#include <gmock/gmock.h>

#include "idl/text.hpp"

namespace tryst::idl {
namespace {

using testing::HasSubstr;

TEST(Preprocessor, ReplacesMacrosWithAndWithoutParameters) {
  const run_over run{R"(
#define KIB 1024
#define TIMES(a, b) ((a) * (b))
#define TWICE(x) TIMES(2, x)
const SIZE = TWICE(KIB);
)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("SIZE"), 2048);
}

TEST(Preprocessor, DoesNotReplaceAMacroInItsOwnReplacement) {
  const run_over run{"#define A B\n#define B A\nconst A = 1;\n"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("A"), 1);
}

TEST(Preprocessor, JoinsWords) {
  const run_over run{"#define NAME(n) V##n##_LEN\nconst NAME(3) = 1;\n"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("V3_LEN"), 1);
}

TEST(Preprocessor, ReadsTheBranchThatHolds) {
  const run_over run{R"(
#if defined(BIG) && BIG > 1
const SIZE = 1;
#elif defined BIG || !defined(SMALL)
const SIZE = 2;
#else
const SIZE = 3;
#endif
#ifndef RPC_HDR
const HEADER = 0;
#else
const HEADER = 1;
#endif
#undef RPC_HDR
#ifdef RPC_HDR
const AFTER = 0;
#else
const AFTER = 1;
#endif
)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("SIZE"), 2);
  EXPECT_EQ(run.constant_value("HEADER"), 1);
  EXPECT_EQ(run.constant_value("AFTER"), 1);
}

TEST(Preprocessor, TakesDefinitionsFromTheCommandLine) {
  preprocess_options options;
  options.define = {{"LIMIT", "7"}};
  options.undefine = {"RPC_HDR"};
  const run_over run{"#ifndef RPC_HDR\nconst A = LIMIT;\n#endif\n", {}, options};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("A"), 7);
}

TEST(Preprocessor, IncludesFromTheFolderOfTheFileAndFromOthers) {
  preprocess_options options;
  options.folders = {"lib"};
  const run_over run{"#include \"sub/a.x\"\n#include <c.x>\nconst ALL = A + B + C;\n",
                     {{"sub/a.x", "#include \"b.x\"\nconst A = 1;\n"},
                      {"sub/b.x", "const B = 2;\n"},
                      {"lib/c.x", "const C = 4;\n"}},
                     options};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("ALL"), 7);
}

TEST(Preprocessor, TakesAFileThatIsIncludedTwiceOnce) {
  const run_over run{"#include \"a.x\"\n#include \"a.x\"\nconst B = A;\n",
                     {{"a.x", "const A = 1;\nenum e { X };\nstruct s { e x; };\n"}}};
  EXPECT_TRUE(run.ok()) << run.said();
}

TEST(Preprocessor, SaysWhichFileIsMissing) {
  const run_over run{"#include \"no.x\"\nconst A = 1;\n"};
  EXPECT_FALSE(run.ok());
  EXPECT_THAT(run.said(), HasSubstr("main.x:1:10: error: cannot find \"no.x\""));
  EXPECT_THAT(run.said(), HasSubstr("-I"));
}

TEST(Preprocessor, ImportsTheInterfaceBehindAHeader) {
  const run_over run{"%#include \"types.h\"\nstruct b { a x; };\n",
                     {{"types.x", "struct a { int x; };\n"}}};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_TRUE(run["a"].import.has_value());
  EXPECT_FALSE(run["b"].import.has_value());
}

TEST(Preprocessor, KnowsWhatAHeaderOfCIsTold) {
  const run_over run{"%#define MOST 8\n%#define MORE MOST+1\nstruct s { int x<MORE>; };\n"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.interface().types[run.get<structure>("s").members[0].type].limit(), 9U);
}

TEST(Pitfall43, LineMarkersSayWhereALineComesFrom) {
  const run_over run{"# 12 \"calc.x\"\nconst A = ;\n#line 90\nconst B = ;\n"};
  EXPECT_THAT(run.said(), HasSubstr("calc.x:12:11: error:"));
  EXPECT_THAT(run.said(), HasSubstr(":90:11: error:"));
}

TEST(Pitfall43, APercentSignCountsInTheFirstColumnOnly) {
  const run_over run{R"(
%#include "anything.h"
%struct { int ; } broken
/* a comment
% with a percent sign at the beginning of a line
*/
%#define LONG(x) \
  goes on without one
const A = 7 % 4;
)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("A"), 3);
  EXPECT_EQ(run.interface().pass_through.size(), 3U);
}

TEST(Pitfall43, CommentsMayStandInDirectives) {
  const run_over run{R"(
#define /* between */ A /* and */ 1 /* behind
   over two lines */
#ifdef A /* yes */
const B = A; // and here
#endif /* A */
)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run.constant_value("B"), 1);
}

TEST(Preprocessor, ReportsWhatIsOpenAtTheEnd) {
  EXPECT_THAT(run_over{"#if 1\nconst A = 1;\n"}.said(), HasSubstr("no #endif"));
  EXPECT_THAT(run_over{"#endif\n"}.said(), HasSubstr("#endif without an #if"));
  EXPECT_THAT(run_over{"const A = 1; /* no end"}.said(), HasSubstr("does not end"));
  EXPECT_THAT(run_over{"#inlcude \"a.x\"\n"}.said(), HasSubstr("did you mean #include?"));
}

}  // namespace
}  // namespace tryst::idl
