// What tryst-gen makes of golden/*.x and says of errors/*.x. To take a change over, run
//   tryst-gen -q -o tests/compiler/golden tests/compiler/golden/*.x
// and read the difference; for errors/, redirect the output of --check.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "compiler/command.hpp"

namespace tryst::compiler {
namespace {

std::vector<std::string> interfaces_in(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".x") found.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  return found;
}

std::string with_suffix(const std::string& path, const std::string& suffix) {
  return std::filesystem::path{path}.replace_extension(suffix).string();
}

TEST(Golden, HeadersAreWhatTheyWere) {
  for (const auto& path : interfaces_in("tests/compiler/golden")) {
    const auto made = tryst_gen({"-q", "-o", "-", path});
    EXPECT_EQ(made.status, 0) << made.out;
    EXPECT_EQ(made.out, file_text(with_suffix(path, ".hpp"))) << path;
  }
}

TEST(Golden, HeadersAreFormattedAsTheProjectIs) {
  for (const auto& path : interfaces_in("tests/compiler/golden")) {
    const auto header = with_suffix(path, ".hpp");
    EXPECT_EQ(run_program({TRYST_CLANG_FORMAT, header}).out, file_text(header)) << path;
  }
}

TEST(Golden, DiagnosticsAreWhatTheyWere) {
  for (const auto& path : interfaces_in("tests/compiler/errors")) {
    const auto made = tryst_gen({"--check", path});
    EXPECT_EQ(made.status, 1) << path;
    EXPECT_EQ(made.out, file_text(with_suffix(path, ".txt"))) << path;
  }
}

TEST(Golden, OutputIsAFunctionOfTheInterfaceAlone) {
  const scratch_folder one;
  const scratch_folder two;
  for (const auto* folder : {&one, &two}) {
    ASSERT_EQ(tryst_gen({"-q", "--emit=header,cpp,json,server,client", "-o", folder->path(),
                         "tests/compiler/golden/programs.x"})
                  .status,
              0);
  }
  for (const auto* name : {"programs.hpp", "programs.cpp", "programs.json", "programs_server.cpp",
                           "programs_client.cpp"}) {
    const auto text = file_text(one / name);
    EXPECT_FALSE(text.empty()) << name;
    EXPECT_EQ(text, file_text(two / name)) << name;
  }
}

}  // namespace
}  // namespace tryst::compiler
