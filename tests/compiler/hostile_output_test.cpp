// What a hostile .x can get into the output: nothing but names, numbers and comments (class H4).
#include <gmock/gmock.h>

#include "compiler/command.hpp"

namespace tryst::compiler {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string header_of(const std::string& text, const std::vector<std::string>& options = {}) {
  const scratch_folder folder;
  std::vector<std::string> arguments{"-q", "-o", "-", folder.write("a.x", text)};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return tryst_gen(arguments).out;
}

TEST(SecH4, PercentLinesReachTheOutputOnlyWhenAskedFor) {
  const std::string text = "%#include \"evil.h\"\n%int evil;\nconst A = 1;\n";
  EXPECT_THAT(header_of(text), Not(HasSubstr("evil")));
  EXPECT_THAT(header_of(text, {"--pass-through"}), HasSubstr("\nint evil;\n"));
}

TEST(SecH4, NoCommentGoesOnIntoTheNextLine) {
  const auto made = header_of(
      "// ends in a backslash \\\\\nconst A = 1;\n/* two\r lines \\ */\n"
      "struct s { int x; // and \\ \n int y; };\n");
  EXPECT_THAT(made, Not(HasSubstr("\\\n")));
  EXPECT_THAT(made, Not(HasSubstr("\\ \n")));
  EXPECT_THAT(made, Not(HasSubstr("\r")));
}

TEST(SecH4, CommentsHaveNoBytesThatFoolAReader) {
  const auto made =
      header_of("/* a\x1b[2Jb \xe2\x80\xae turned \xff\xfe broken */\nconst A = 1;\n");
  EXPECT_THAT(made, Not(HasSubstr("\x1b")));
  EXPECT_THAT(made, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_THAT(made, Not(HasSubstr("\xff")));
}

TEST(SecH4, NamesThatCannotStandAreChanged) {
  const auto made = header_of("struct s { int class; int assert; int std; int xdr_fields; };\n");
  for (const auto* name : {" class_{}", " assert_{}", " std_{}", " xdr_fields_{}"}) {
    EXPECT_THAT(made, HasSubstr(name));
  }
}

TEST(Pitfall42, KeywordsAndMacrosGetAnUnderscoreAndANote) {
  const scratch_folder folder;
  const auto path = folder.write("a.x", "struct s { int new; int major; int template; };\n");
  const auto made = tryst_gen({"-o", folder.path(), path});
  EXPECT_EQ(made.status, 0);
  EXPECT_THAT(made.out, HasSubstr("a.x:1:16: note: 'new' is called 'new_' in C++"));
  EXPECT_THAT(made.out, HasSubstr("'major' is called 'major_'"));
  EXPECT_THAT(file_text(folder / "a.hpp"), HasSubstr("visit(\"template\", self.template_);"));
}

}  // namespace
}  // namespace tryst::compiler
