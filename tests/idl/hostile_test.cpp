// What a .x does that was written to hurt the compiler (reliability class H4).
#include <gmock/gmock.h>

#include "idl/text.hpp"

namespace tryst::idl {
namespace {

using testing::HasSubstr;

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(SecH4, MacrosThatMultiplyEachOtherEnd) {
  std::string text = "#define A0 1 + 1\n";
  for (int i = 1; i < 40; ++i) {
    const auto last = std::to_string(i - 1);
    text += "#define A" + std::to_string(i) + " A" + last + " + A" + last + "\n";
  }
  const run_over run{text + "const X = A39;\n"};
  EXPECT_FALSE(run.ok());
  EXPECT_THAT(run.said(), HasSubstr("macros grow to more than"));
}

TEST(SecH4, MacrosThatNestAsArgumentsEnd) {
  const run_over run{"#define F(x) x x\nconst X = " + repeated("F(", 300) + "1" +
                     repeated(")", 300) + ";\n"};
  EXPECT_FALSE(run.ok());
}

TEST(SecH4, FilesThatIncludeEachOtherEnd) {
  const run_over run{"#include \"a.x\"\n",
                     {{"a.x", "#include \"b.x\"\n"}, {"b.x", "#include \"a.x\"\n"}}};
  EXPECT_FALSE(run.ok());
  EXPECT_THAT(run.said(), HasSubstr("nested too deep"));
  EXPECT_THAT(run.said(), HasSubstr("#ifndef"));
}

TEST(SecH4, ASmallTextThatIsIncludedManyTimesEnds) {
  // Each file includes the next one twice: 2^16 times a line.
  std::map<std::string, std::string> files{{"16.x", repeated("const x = 1; ", 20) + "// y\n% z\n"}};
  for (int i = 0; i < 16; ++i) {
    const std::string next = "#include \"" + std::to_string(i + 1) + ".x\"\n";
    files[std::to_string(i) + ".x"] = next + next;
  }
  const run_over run{"#include \"0.x\"\n", files};
  EXPECT_FALSE(run.ok());
  EXPECT_THAT(run.said(), HasSubstr("macros and repeated inclusion make more than"));
}

TEST(SecH4, FilesThatIncludeTwoOthersEachEnd) {
  std::map<std::string, std::string> files;
  for (int i = 0; i < 60; ++i) {
    const std::string next = "#include \"" + std::to_string(i + 1) + ".x\"\n";
    files[std::to_string(i) + ".x"] = next + next;
  }
  files["60.x"] = "\n";
  EXPECT_FALSE(run_over("#include \"0.x\"\n", files).ok());
}

TEST(SecH4, DeepNestingIsAnErrorAndNotAnOverflow) {
  EXPECT_FALSE(run_over{repeated("struct s { struct {", 100'000)}.ok());
  EXPECT_FALSE(run_over{repeated("namespace a {", 100'000)}.ok());
  EXPECT_FALSE(run_over{"const A = " + repeated("(", 100'000) + "1;"}.ok());
  EXPECT_FALSE(run_over{"const A = " + repeated("-", 100'000) + "1;"}.ok());
  EXPECT_FALSE(run_over{"typedef int " + repeated("*", 100'000) + "x;"}.ok());
  EXPECT_FALSE(run_over{"typedef int x" + repeated("[2]", 100'000) + ";"}.ok());
}

TEST(SecH4, LongChainsOfReferencesAreAnErrorAndNotAnOverflow) {
  std::string constants;
  std::string types = "struct t100000 { int x; };\n";
  for (int i = 0; i < 100'000; ++i) {
    const auto here = std::to_string(i);
    const auto next = std::to_string(i + 1);
    constants += "const c" + here + " = c" + next + ";\n";
    types += "struct t" + here + " { t" + next + " x; };\n";
  }
  EXPECT_FALSE(run_over{constants + "const c100000 = 1;\n"}.ok());
  EXPECT_FALSE(run_over{types}.ok());
}

TEST(SecH4, HugeArraysAreAnError) {
  EXPECT_FALSE(run_over{"struct s { opaque x[0xffffffff]; };"}.ok());
  EXPECT_FALSE(run_over{"struct s { int x[1000000][1000000]; };"}.ok());
}

TEST(SecH4, BytesThatAreNoTextAreErrors) {
  const std::string bytes{"struct s { int \0\x01\xff; };", 22};
  EXPECT_FALSE(run_over{bytes}.ok());
  EXPECT_FALSE(run_over{"const A = \"no end;\nconst B = 'x;\n"}.ok());
  EXPECT_FALSE(run_over{"const \xc3\xa4 = 1;"}.ok());
}

TEST(SecH4, NamesOfExternsAreNamesAndNothingElse) {
  for (const auto* text :
       {"/* @tryst extern a as b;int \"x.hpp\" */", "/* @tryst extern a as b \"x\nint y;\" */",
        "/* @tryst extern a as b<c> \"x.hpp\" */", "/* @tryst extern a as b \"x>.hpp\" */"}) {
    EXPECT_FALSE(run_over{text}.ok()) << text;
  }
}

}  // namespace
}  // namespace tryst::idl
