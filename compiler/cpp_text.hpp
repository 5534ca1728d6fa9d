// Lines of C++ in the project's format: what clang-format would leave as it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tryst::compiler {

inline constexpr std::size_t line_width = 100;

class cpp_text {
public:
  /// A line at the present depth; an empty one leaves an empty line, never two.
  void line(std::string code, std::string_view behind = {});
  void blank();
  void in() { ++depth_; }
  void out() { --depth_; }
  /// A line one step to the left: `public:`, `private:`.
  void label(std::string code);

  /// Comment lines of a .x, broken at spaces where they are too long.
  void comment(const std::vector<std::string>& lines);

  /// `head` arguments `tail`, in as many lines as it takes. `head` ends with an opening
  /// parenthesis or angle bracket.
  void list(std::string head, const std::vector<std::string>& arguments, std::string tail,
            std::string_view behind = {});
  /// As list, but `front head arguments tail`; where that does not fit on one line, the rest goes
  /// into the next ones.
  void list_behind(const std::string& front, const std::string& head,
                   const std::vector<std::string>& arguments, const std::string& tail);

  /// `signature { body }` on one line where that fits.
  void short_function(const std::string& signature, const std::string& body,
                      std::string_view behind = {});

  std::size_t indent() const { return static_cast<std::size_t>(depth_) * 2; }
  bool fits(std::string_view code) const { return indent() + code.size() <= line_width; }

  std::string str() const;

private:
  struct row {
    std::size_t indent;
    std::string code;
    std::string behind;
  };
  std::vector<row> rows_;
  int depth_ = 0;
};

/// Text of a .x that may stand in a comment: no control characters, no broken UTF-8, nothing that
/// would let the comment go on into the next line.
std::string safe_comment(std::string_view text);

}  // namespace tryst::compiler
