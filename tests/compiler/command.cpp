#include "command.hpp"

#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tryst::compiler {

command_result run_program(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line.append("'").append(word).append("' ");
  line.append("2>&1");
  command_result result;
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) != 0;) {
    result.out.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

command_result tryst_gen(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{TRYST_GEN};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_program(words);
}

std::string file_text(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

scratch_folder::scratch_folder() {
  std::string name = std::filesystem::temp_directory_path() / "tryst-gen-XXXXXX";
  path_ = mkdtemp(name.data()) == nullptr ? "" : name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string scratch_folder::write(const std::string& name, const std::string& text) const {
  const auto path = *this / name;
  std::ofstream{path, std::ios::binary} << text;
  return path;
}

}  // namespace tryst::compiler
