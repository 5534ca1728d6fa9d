#include "idl/annotation.hpp"

#include <algorithm>
#include <array>

namespace tryst::idl {
namespace {

constexpr std::string_view marker = "@tryst";
constexpr std::array<std::string_view, 10> words{
    "idempotent",  "once", "oneway", "acknowledged", "max_wait",
    "max_pending", "view", "open",   "lenient",      "extern"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view without_delimiters(std::string_view text) {
  text.remove_prefix(2);
  if (text.ends_with("*/")) text.remove_suffix(2);
  return text;
}

/// Where the annotation of a comment begins: behind the marker.
std::size_t marker_end(std::string_view text) {
  for (std::size_t at = text.find(marker); at != text.npos; at = text.find(marker, at + 1)) {
    const std::size_t end = at + marker.size();
    if (end == text.size() || !is_identifier_part(text[end])) return end;
  }
  return text.npos;
}

/// Reads the annotations of one comment.
class annotation_reader {
public:
  annotation_reader(const comment& what, diagnostics& report)
      : text_{what.text}, where_{what.where}, report_{report} {
    at_ = marker_end(text_);
    end_ = text_.ends_with("*/") && text_.starts_with("/*") ? text_.size() - 2 : text_.size();
  }

  void run(std::vector<syntax::annotation>& about, std::vector<syntax::external>& externs) {
    do {
      skip_blanks();
      const syntax::word name = identifier();
      if (name.text.empty()) {
        wrong(here(), 1, "an annotation is a word, or word=value");
        return;
      }
      if (std::ranges::find(words, name.text) == words.end()) {
        const auto meant = nearest(name.text, {words.begin(), words.end()});
        auto& said =
            report_.error(name.where, name.length(), "there is no annotation '" + name.text + "'");
        said.hint = meant.empty()
                        ? "there are idempotent, once, oneway, acknowledged, "
                          "max_wait=TIME, max_pending=NUMBER, view, open, lenient and extern"
                        : "did you mean " + std::string{meant} + "?";
        return;
      }
      if (name.text == "extern") {
        if (!read_extern(externs)) return;
      } else {
        about.push_back({name, value()});
      }
      skip_blanks();
    } while (take(','));
    if (at_ < end_) wrong(here(), 1, "a comma or the end of the comment should stand here");
  }

private:
  location here() const { return {where_.file, where_.offset + static_cast<std::uint32_t>(at_)}; }
  void wrong(location where, std::uint32_t length, std::string text) {
    report_.error(where, length, std::move(text)).hint =
        "for example: /* @tryst idempotent, max_wait=20s */";
  }
  void skip_blanks() {
    while (at_ < end_ && (is_blank(text_[at_]) || text_[at_] == '*')) ++at_;
  }
  bool take(char c) {
    if (at_ >= end_ || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  syntax::word identifier() {
    const location where = here();
    const std::size_t begin = at_;
    if (at_ < end_ && is_identifier_start(text_[at_])) {
      while (at_ < end_ && is_identifier_part(text_[at_])) ++at_;
    }
    return {std::string{text_.substr(begin, at_ - begin)}, where};
  }
  std::string value() {
    skip_blanks();
    if (!take('=')) return {};
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < end_ && is_identifier_part(text_[at_])) ++at_;
    return std::string{text_.substr(begin, at_ - begin)};
  }

  /// NAME [as a::b] "header.hpp"
  bool read_extern(std::vector<syntax::external>& externs) {
    constexpr std::string_view usage = "write: @tryst extern NAME as my::type \"my_header.hpp\"";
    syntax::external made;
    skip_blanks();
    made.name = identifier();
    made.cpp_name = "::" + made.name.text;
    skip_blanks();
    const std::size_t before = at_;
    if (identifier().text == "as") {
      skip_blanks();
      made.cpp_name = cpp_name();
    } else {
      at_ = before;
    }
    skip_blanks();
    const location at_header = here();
    if (take('"')) {
      const std::size_t begin = at_;
      while (at_ < end_ && text_[at_] != '"') ++at_;
      made.header = text_.substr(begin, at_ - begin);
      if (!take('"')) made.header.clear();
    }
    const auto in_path = [](char c) {
      return is_identifier_part(c) || c == '.' || c == '/' || c == '-' || c == '+';
    };
    if (made.name.text.empty() || made.cpp_name.empty() || made.header.empty() ||
        !std::ranges::all_of(made.header, in_path)) {
      report_.error(at_header, 1, "this extern does not name a type and a header").hint = usage;
      return false;
    }
    externs.push_back(std::move(made));
    return true;
  }

  /// a::b::c, with :: in front; only names and colons, so that nothing else gets into C++.
  std::string cpp_name() {
    std::string name;
    take(':');
    take(':');
    do {
      const auto part = identifier();
      if (part.text.empty()) return {};
      name += "::" + part.text;
    } while (take(':') && take(':'));
    return name;
  }

  std::string_view text_;
  location where_;
  diagnostics& report_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

bool has_annotations(const comment& what) { return marker_end(what.text) != what.text.npos; }

std::vector<std::string> comment_lines(const comment& what) {
  std::vector<std::string> lines;
  std::string_view text = without_delimiters(what.text);
  const std::size_t annotation = marker_end(text);
  if (annotation != text.npos) text = text.substr(0, annotation - marker.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    std::string_view content = trimmed(line);
    if (content.starts_with('*') || content.starts_with('/') || content.starts_with('!')) {
      const auto frame = std::min(content.find_first_not_of("*/!"), content.size());
      content.remove_prefix(frame);
      line = content.starts_with(' ') ? content.substr(1) : content;
    } else if (lines.empty() || line.starts_with(' ')) {
      line = lines.empty() ? content : line;
    }
    while (line.ends_with('*')) line.remove_suffix(1);
    lines.emplace_back(line);
  }
  const auto blank = [](const std::string& line) { return trimmed(line).empty(); };
  while (!lines.empty() && blank(lines.back())) lines.pop_back();
  lines.erase(lines.begin(), std::ranges::find_if_not(lines, blank));
  if (what.text.starts_with("//")) return lines;
  // What all lines but the first are indented by says nothing.
  std::size_t indent = std::string::npos;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!blank(lines[i])) indent = std::min(indent, lines[i].find_first_not_of(" \t"));
  }
  for (std::size_t i = 1; i < lines.size() && indent != std::string::npos; ++i) {
    lines[i].erase(0, std::min(indent, lines[i].size()));
  }
  return lines;
}

void read_annotations(const comment& what, diagnostics& report,
                      std::vector<syntax::annotation>& about,
                      std::vector<syntax::external>& externs) {
  annotation_reader{what, report}.run(about, externs);
}

}  // namespace tryst::idl
