// The files of this repository as text, for tests that read code instead of running it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tryst::layers {

/// One text file; `path` is relative to the top of the tree, with forward slashes.
struct source_file {
  std::string path;
  std::vector<std::string> lines;

  bool is_header() const { return path.ends_with(".hpp") || path.ends_with(".h"); }
  bool is_code() const { return is_header() || path.ends_with(".cpp") || path.ends_with(".c"); }
  /// Whether the file lies below `folder`, which ends in a slash.
  bool in(std::string_view folder) const { return path.starts_with(folder); }
};

/// An include line: what is between the brackets or quotes, and where it stands.
struct include_line {
  std::size_t number = 0;
  std::string target;
  bool quoted = false;
};

/// Every text file of the tree, without build folders and what version control keeps for itself.
const std::vector<source_file>& all_files();

/// The include lines of a file.
std::vector<include_line> includes_of(const source_file& file);

/// The line without its `//` comment and without what stands in string literals.
std::string code_of(std::string_view line);

/// Whether `word` stands in `text` as a whole word (letters, digits and underscores delimit it).
bool has_word(std::string_view text, std::string_view word);

}  // namespace tryst::layers
