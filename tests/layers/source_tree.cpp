#include "source_tree.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>

namespace tryst::layers {
namespace {

namespace fs = std::filesystem;

bool is_text(const fs::path& path) {
  static constexpr std::string_view suffixes[] = {".hpp", ".cpp",   ".h",  ".c",    ".x",  ".md",
                                                  ".txt", ".cmake", ".in", ".json", ".sh", ""};
  return std::ranges::find(suffixes, path.extension().string()) != std::end(suffixes);
}

bool is_skipped(const fs::path& path) {
  const auto name = path.filename().string();
  return name == "build" || name == "out" || name == ".git" || name == ".cache" || name == "corpus";
}

source_file read(const fs::path& path, const fs::path& top) {
  source_file file{fs::relative(path, top).generic_string(), {}};
  std::ifstream in{path};
  for (std::string line; std::getline(in, line);) file.lines.push_back(std::move(line));
  return file;
}

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

const std::vector<source_file>& all_files() {
  static const std::vector<source_file> files = [] {
    std::vector<source_file> found;
    const fs::path top{TRYST_SOURCE_DIR};
    for (auto entry = fs::recursive_directory_iterator{top}; entry != fs::end(entry); ++entry) {
      if (is_skipped(entry->path())) {
        entry.disable_recursion_pending();
      } else if (entry->is_regular_file() && is_text(entry->path())) {
        found.push_back(read(entry->path(), top));
      }
    }
    std::ranges::sort(found, {}, &source_file::path);
    return found;
  }();
  return files;
}

std::vector<include_line> includes_of(const source_file& file) {
  std::vector<include_line> includes;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    std::string_view line = file.lines[i];
    if (!line.starts_with("#include")) continue;
    line.remove_prefix(std::string_view{"#include"}.size());
    const auto open = line.find_first_of("<\"");
    if (open == line.npos) continue;
    const bool quoted = line[open] == '"';
    const auto close = line.find(quoted ? '"' : '>', open + 1);
    includes.push_back({i + 1, std::string{line.substr(open + 1, close - open - 1)}, quoted});
  }
  return includes;
}

std::string code_of(std::string_view line) {
  std::string code;
  char literal = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (literal != 0) {
      if (c == '\\') {
        ++i;
      } else if (c == literal) {
        literal = 0;
      }
      continue;
    }
    if (c == '/' && i + 1 < line.size() && line[i + 1] == '/') break;
    if (c == '"') literal = c;
    code.push_back(c);
  }
  return code;
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const bool begins =
        at == 0 || !is_word_character(text[at - 1]) || !is_word_character(word.front());
    const auto end = at + word.size();
    const bool ends =
        end == text.size() || !is_word_character(text[end]) || !is_word_character(word.back());
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace tryst::layers
