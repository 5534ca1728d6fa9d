// The main() of a fuzz target that is not linked with libFuzzer: runs it once for each file named
// on the command line, and for each file in the folders named. Options are libFuzzer's.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

bool replay(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  const std::vector<char> bytes{std::istreambuf_iterator<char>{in}, {}};
  if (!in.is_open() || in.bad()) return false;
  return LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                bytes.size()) == 0;
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t replayed = 0;
  for (int i = 1; i < count; ++i) {
    if (std::string_view{arguments[i]}.starts_with("-")) continue;
    std::vector<fs::path> inputs;
    if (fs::is_directory(arguments[i])) {
      inputs.assign(fs::directory_iterator{arguments[i]}, {});
    } else {
      inputs.emplace_back(arguments[i]);
    }
    for (const fs::path& input : inputs) {
      if (!replay(input)) return std::fprintf(stderr, "%s: failed\n", input.c_str()), 1;
      ++replayed;
    }
  }
  std::printf("%zu inputs\n", replayed);
  return replayed > 0 ? 0 : 1;
}
