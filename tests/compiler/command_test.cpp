// The command line of tryst-gen.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "compiler/command.hpp"

namespace tryst::compiler {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Command, ExplainsItself) {
  const auto help = tryst_gen({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("Examples:"));
  EXPECT_THAT(help.out, HasSubstr("--dep-file"));
  EXPECT_THAT(tryst_gen({"--version"}).out, HasSubstr("tryst-gen "));
  EXPECT_EQ(tryst_gen({}).status, 2);
  EXPECT_EQ(tryst_gen({"--emit=pascal", "a.x"}).status, 2);
}

TEST(Command, TellsByItsStatusWhatWentWrong) {
  const scratch_folder folder;
  const auto good = folder.write("good.x", "const A = 1;\n");
  const auto bad = folder.write("bad.x", "const A = ;\n");
  EXPECT_EQ(tryst_gen({"--check", good}).status, 0);
  EXPECT_EQ(tryst_gen({"--check", bad}).status, 1);
  EXPECT_EQ(tryst_gen({"--check", folder / "none.x"}).status, 1);
  EXPECT_EQ(tryst_gen({"-o", good + "/below", good}).status, 2);
  EXPECT_EQ(tryst_gen({"--namespace=a b", good}).status, 2);
}

TEST(Command, WritesNothingWhenItOnlyChecksOrWhenSomethingIsWrong) {
  const scratch_folder folder;
  const auto bad = folder.write("bad.x", "const A = ;\n");
  const auto good = folder.write("good.x", "const A = 1;\n");
  tryst_gen({"--check", "-o", folder.path(), good});
  tryst_gen({"-o", folder.path(), bad});
  EXPECT_EQ(file_text(folder / "good.hpp"), "");
  EXPECT_EQ(file_text(folder / "bad.hpp"), "");
}

TEST(Command, SaysWhichFilesItHasRead) {
  const scratch_folder folder;
  folder.write("in a.x", "const A = 1;\n");
  const auto path = folder.write("outer.x", "#include \"in a.x\"\nconst B = A;\n");
  ASSERT_EQ(tryst_gen({"-o", folder.path(), "--dep-file", folder / "outer.d", path}).status, 0);
  const auto text = file_text(folder / "outer.d");
  EXPECT_THAT(text, HasSubstr(folder / "outer.hpp"));
  EXPECT_THAT(text, HasSubstr(folder / "outer.x"));
  EXPECT_THAT(text, HasSubstr("in\\ a.x"));
}

TEST(Command, PutsTheCodecsIntoAFileOfTheirOwn) {
  const scratch_folder folder;
  ASSERT_EQ(
      tryst_gen({"--emit=header,cpp", "-o", folder.path(), "tests/compiler/golden/calc.x"}).status,
      0);
  EXPECT_THAT(file_text(folder / "calc.hpp"),
              HasSubstr("extern template struct tryst::xdr::composite_codec<calc::pair>;"));
  EXPECT_THAT(file_text(folder / "calc.cpp"),
              HasSubstr("\ntemplate struct tryst::xdr::composite_codec<calc::pair>;"));
}

TEST(Command, GivesTheInterfaceAsData) {
  const auto made = tryst_gen({"--emit=json", "-o", "-", "tests/compiler/golden/calc.x"});
  const auto data = nlohmann::json::parse(made.out);
  EXPECT_EQ(data["format"], 1);
  const auto& definitions = data["definitions"];
  ASSERT_EQ(definitions.size(), 6U);
  EXPECT_EQ(definitions[2]["name"], "pair");
  EXPECT_EQ(definitions[2]["wire_size"]["most"], 8);
  EXPECT_EQ(definitions[3]["arms"][1]["type"]["at_most"]["name"], "MAX_REASON");
  EXPECT_EQ(definitions[5]["versions"][0]["procedures"][0]["idempotent"], true);
  EXPECT_EQ(definitions[5]["versions"][0]["procedures"][0]["once"], false);
}

TEST(Command, TakesTheNamespaceThatItIsGiven) {
  const auto made = tryst_gen({"--namespace=a::b", "-o", "-", "tests/compiler/golden/calc.x"});
  EXPECT_THAT(made.out, HasSubstr("namespace a::b {"));
}

TEST(Command, NamesTheTransportsInItsSamples) {
  const auto tcp = tryst_gen({"--emit=server", "-o", "-", "tests/compiler/golden/calc.x"});
  EXPECT_THAT(tcp.out, HasSubstr("where = {\"tcp://127.0.0.1:0\"};"));
  const auto local =
      tryst_gen({"--emit=server", "--transport=unix", "-o", "-", "tests/compiler/golden/calc.x"});
  EXPECT_THAT(local.out, HasSubstr("where = {\"unix:@calc\"};"));
  EXPECT_THAT(local.out, Not(HasSubstr("tcp://")));
  const auto two = tryst_gen(
      {"--emit=server,client", "--transport=udp,tcp", "-o", "-", "tests/compiler/golden/calc.x"});
  EXPECT_THAT(two.out, HasSubstr("where = {\"udp://127.0.0.1:0\", \"tcp://127.0.0.1:0\"};"));
  EXPECT_THAT(two.out, HasSubstr("<< \" udp://127.0.0.1:PORT\\n\""));
}

}  // namespace
}  // namespace tryst::compiler
