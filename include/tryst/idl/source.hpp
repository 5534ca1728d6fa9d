// The text of a .x and of what it includes, and places in it.
//
// Every token, definition and diagnostic carries a `location`; lines and columns are counted only
// when somebody wants to read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tryst::idl {

/// A place in one of the files of a `sources`: the file's index, and bytes from its beginning.
struct location {
  std::uint32_t file = 0;
  std::uint32_t offset = 0;

  auto operator<=>(const location&) const = default;
};

/// A place as people read it. Lines and columns begin at 1; a column is a byte.
struct position {
  std::string_view file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// Turns a path into the text of the file, or nothing when it cannot be read.
using file_loader = std::function<std::optional<std::string>(const std::string& path)>;

/// Reads files from the disk; refuses what is larger than 64 MiB or no regular file.
std::optional<std::string> load_from_disk(const std::string& path);

/// The texts of one run. Views into them stay valid as long as the object does, moved or not.
class sources {
public:
  /// Takes a text in, and returns the index of the new file.
  std::uint32_t add(std::string name, std::string text);

  std::size_t size() const { return files_.size(); }
  std::string_view name(std::uint32_t index) const { return files_[index]->name; }
  std::string_view text(std::uint32_t index) const { return files_[index]->text; }

  /// A line marker (`# 12 "a.x"`): the line after `where` is said to be line `line` of `name`.
  void remap(location where, std::uint32_t line, std::string name);

  /// The place with the file's name and the line as line markers have it.
  position where(location place) const;
  /// The whole line that the place stands in, without its end.
  std::string_view line_at(location place) const;

private:
  struct marker {
    std::uint32_t first_line;  // the physical line from which it holds
    std::uint32_t line;
    std::string name;
  };
  struct source_text {
    std::string name;
    std::string text;
    std::vector<std::uint32_t> line_starts;
    std::vector<marker> markers;
  };
  std::size_t line_index(location place) const;

  std::vector<std::unique_ptr<source_text>> files_;
};

}  // namespace tryst::idl
