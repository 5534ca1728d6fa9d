#include <gmock/gmock.h>

#include "idl/text.hpp"

namespace tryst::idl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The kinds of the members of the struct `s`, typedefs looked through.
std::vector<type_kind> kinds(const run_over& run) {
  std::vector<type_kind> found;
  for (const auto& next : run.get<structure>("s").members) {
    found.push_back(run.interface().resolved(next.type).kind);
  }
  return found;
}

TEST(Parser, TakesTheNumbersOfCInEveryOrder) {
  const run_over run{R"(
struct s {
  unsigned a; unsigned int b; int unsigned c; long d; unsigned long int e; hyper f;
  unsigned hyper g; hyper unsigned h; short i; unsigned short j; char k; unsigned char l;
  long long m; unsigned long long n; signed int o;
};)"};
  ASSERT_TRUE(run.ok()) << run.said();
  using enum type_kind;
  EXPECT_THAT(kinds(run), ElementsAre(uint32, uint32, uint32, int32, uint32, int64, uint64, uint64,
                                      int16, uint16, int8, uint8, int64, uint64, int32));
}

TEST(Parser, KnowsTheNamesThatCGivesToNumbers) {
  const run_over run{R"(
struct s {
  u_int a; u_long b; u_short c; u_char d; quad_t e; u_quad_t f; int32_t g; uint64_t h; bool_t i;
  longlong_t j; uint k; ulong l; uint8_t m; int16_t n;
};)"};
  ASSERT_TRUE(run.ok()) << run.said();
  using enum type_kind;
  EXPECT_THAT(kinds(run), ElementsAre(uint32, uint32, uint16, uint8, int64, uint64, int32, uint64,
                                      boolean, int64, uint32, uint32, uint8, int16));
}

TEST(Parser, LetsATypedefGiveSuchANameAnotherMeaning) {
  const run_over run{"typedef hyper u_int;\nstruct s { u_int a; };"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_THAT(kinds(run), ElementsAre(type_kind::int64));
}

TEST(Parser, TakesKeywordsOfTheLanguageAsNamesOfMembers) {
  const run_over run{R"(
struct s { int version; int program; string string<8>; int hyper; opaque opaque<>; };
union u switch (unsigned version) { case 1: int program; default: void; };)"};
  EXPECT_TRUE(run.ok()) << run.said();
}

TEST(Parser, TakesNestedTypes) {
  const run_over run{R"(
struct s {
  struct { int x; int y; } at;
  union switch (int v) { case 0: void; case 1: struct { hyper h; } one; } ext;
  enum { RED, GREEN = 5, } color;
  struct named { int z; } last<4>;
};
struct t { struct named n; };)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(run["at_t"].parent, run["ext_t"].parent);
  EXPECT_EQ(run.get<enumeration>("color_t").values[1].value, 5);
  EXPECT_EQ(run["named"].size, (wire_size{4, 4}));
}

TEST(Parser, TakesTypedefsInEveryForm) {
  const run_over run{R"(
typedef struct node *link;
struct node { int x; link next; };
typedef struct node node;
typedef struct { int a; } plain;
typedef enum { ONE = 1 } number, numbers<3>;
typedef union u switch (bool b) { case TRUE: int i; case FALSE: void; } *u_ptr;
typedef string names<>;
struct s { plain a; number b; u_ptr c; names d<4>; };)"};
  ASSERT_TRUE(run.ok()) << run.said();
  using enum type_kind;
  EXPECT_THAT(kinds(run), ElementsAre(named, named, optional, vector));
}

TEST(Parser, TakesProgramsOfEveryKind) {
  const run_over run{R"(
program A {
  version A1 { void NOTHING() = 1; int ADD(int a, unsigned b) = 2; string NAME(string) = 3; } = 1;
  version A2 { foo *FIND(string name<64>, opaque key<>) = 1; } = 2;
} = 0x20000001;
struct foo { int x; };
program B { version B1 { void X(void) = 0; } = 1; } = 0x20000002)"};
  ASSERT_TRUE(run.ok()) << run.said();
  const auto& versions = run.get<program>("A").versions;
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].procedures[1].arguments[1].name, "b");
  EXPECT_THAT(run.said(), HasSubstr("warning: a semicolon is missing after a program"));
}

TEST(Parser, TakesNamespacesAndLineComments) {
  const run_over run{R"(
namespace a {
namespace b { typedef int deep; } // namespace b
struct s { b::deep x; }; // behind
}
namespace a::c { struct t { s x; ::a::b::deep y; }; })"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_EQ(full_name(run["t"]), "a::c::t");
}

TEST(Parser, KeepsWhatCommentsSay) {
  const run_over run{R"(/*
 * About the file.
 */

/* About it. */
struct s {
  int a;  /* behind a */
  // above b
  int b;
};)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_THAT(run.interface().about, ElementsAre("About the file."));
  EXPECT_THAT(run["s"].about.before, ElementsAre("About it."));
  const auto& members = run.get<structure>("s").members;
  EXPECT_EQ(members[0].about.behind, "behind a");
  EXPECT_THAT(members[1].about.before, ElementsAre("above b"));
}

TEST(Parser, ReadsAnnotationsOnEitherSideOfTheSemicolon) {
  const run_over run{R"(
/* @tryst view, lenient */
struct s { string x<>; };
enum e { A } /* @tryst open */;
program P { version V {
  void F(int) = 1 /* @tryst oneway */;
  int G(int) = 2;  /* quick @tryst idempotent, max_wait=20s */
  int H(int) = 3;  /* @tryst once */
  void I(int) = 4;  /* @tryst acknowledged, max_pending=64 */
} = 1; } = 0x20000001;)"};
  ASSERT_TRUE(run.ok()) << run.said();
  EXPECT_TRUE(run.get<structure>("s").view);
  EXPECT_TRUE(run.get<structure>("s").lenient);
  EXPECT_TRUE(run.get<enumeration>("e").open);
  const auto& procedures = run.get<program>("P").versions[0].procedures;
  EXPECT_TRUE(procedures[0].oneway);
  EXPECT_TRUE(procedures[1].idempotent);
  EXPECT_FALSE(procedures[1].once);
  EXPECT_TRUE(procedures[2].once);
  EXPECT_EQ(procedures[1].max_wait_ms, 20000U);
  EXPECT_FALSE(procedures[2].acknowledged);
  EXPECT_TRUE(procedures[3].acknowledged);
  EXPECT_EQ(procedures[3].max_pending, 64U);
  EXPECT_EQ(procedures[1].about.behind, "quick");
}

TEST(Parser, GoesOnBehindEachError) {
  const run_over run{R"(
struct a { int ; int ok; };
const X = ;
enum b { P Q };
strcut c { int x; };
union d { int x; };
struct last { int x; int x; };)"};
  EXPECT_FALSE(run.ok());
  EXPECT_EQ(run.report().errors(), 6U) << run.said();
  EXPECT_THAT(run.said(), HasSubstr("did you mean struct?"));
}

}  // namespace
}  // namespace tryst::idl
