#include "cpp_text.hpp"

#include <algorithm>

namespace tryst::compiler {
namespace {

/// How many bytes the UTF-8 sequence at the front of `text` has; 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 && first < 0xf5   ? 4
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xc2 && first < 0xe0 ? 2
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) return 0;
  }
  return length;
}

/// Characters that turn the direction of text, so that code reads as what it is not.
bool turns_direction(std::string_view sequence) {
  return sequence.size() == 3 && sequence[0] == '\xe2' &&
         ((sequence[1] == '\x80' && sequence[2] >= '\xaa' && sequence[2] <= '\xae') ||
          (sequence[1] == '\x81' && sequence[2] >= '\xa6' && sequence[2] <= '\xa9'));
}

}  // namespace

std::string safe_comment(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto length = sequence_length(text);
    const auto sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (text[0] == '\t') {
      out += "  ";
    } else if (length == 0 || turns_direction(sequence) ||
               (length == 1 && static_cast<unsigned char>(text[0]) < 0x20) || text[0] == '\x7f') {
      out += text[0] == '\r' || text[0] == '\n' ? " " : "?";
    } else {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\\')) out.pop_back();
  return out;
}

void cpp_text::line(std::string code, std::string_view behind) {
  if (code.empty()) return blank();
  std::string comment = safe_comment(behind);
  const auto first = comment.find_first_not_of(' ');
  comment.erase(0, std::min(first, comment.size()));
  if (!comment.empty() && indent() + code.size() + 5 + comment.size() > line_width) {
    this->comment({comment});
    comment.clear();
  }
  rows_.push_back({indent(), std::move(code), std::move(comment)});
}

void cpp_text::blank() {
  if (!rows_.empty() && !rows_.back().code.empty()) rows_.push_back({0, {}, {}});
}

void cpp_text::label(std::string code) { rows_.push_back({indent() - 2, std::move(code), {}}); }

void cpp_text::comment(const std::vector<std::string>& lines) {
  for (const auto& given : lines) {
    std::string rest = safe_comment(given);
    if (rest.empty()) {
      rows_.push_back({indent(), "//", {}});
      continue;
    }
    while (!rest.empty()) {
      const std::size_t room = line_width - indent() - 3;
      std::size_t end = rest.size();
      if (end > room) {
        end = rest.rfind(' ', room);
        const auto text = rest.find_first_not_of(' ');
        if (end == rest.npos || end <= text) end = std::min(rest.find(' ', room), rest.size());
      }
      std::string part = rest.substr(0, end);
      while (part.ends_with(' ') || part.ends_with('\\')) part.pop_back();
      rows_.push_back({indent(), part.empty() ? "//" : "// " + part, {}});
      rest.erase(0, end);
      rest.erase(0, std::min(rest.find_first_not_of(' '), rest.size()));
    }
  }
}

namespace {

std::string on_one_line(const std::string& head, const std::vector<std::string>& arguments,
                        const std::string& tail) {
  std::string whole = head;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i != 0) whole += ", ";
    whole += arguments[i];
  }
  return whole += tail;
}

/// The arguments in lines that begin at `column`, as full as they get.
std::vector<std::string> filled(const std::vector<std::string>& arguments, const std::string& tail,
                                std::size_t column) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string next = arguments[i] + (i + 1 == arguments.size() ? tail : ",");
    const std::size_t used = lines.back().empty() ? column : column + lines.back().size() + 1;
    if (used + next.size() > line_width && !lines.back().empty()) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += next;
  }
  return lines;
}

bool too_long(const std::vector<std::string>& lines, std::size_t column) {
  return std::ranges::any_of(lines,
                             [&](const auto& one) { return column + one.size() > line_width; });
}

}  // namespace

void cpp_text::list(std::string head, const std::vector<std::string>& arguments, std::string tail,
                    std::string_view behind) {
  std::string whole = on_one_line(head, arguments, tail);
  if (fits(whole)) return line(std::move(whole), behind);
  if (!behind.empty()) comment({std::string{behind}});
  // Filled lines behind the opening bracket; or, when an argument is too long for that, below it.
  std::size_t column = indent() + head.size();
  const auto lines = filled(arguments, tail, column);
  if (too_long(lines, column)) {
    rows_.push_back({indent(), std::move(head), {}});
    column = indent() + 4;
    for (auto& next : filled(arguments, tail, column)) rows_.push_back({column, next, {}});
    return;
  }
  rows_.push_back({indent(), head + lines.front(), {}});
  for (std::size_t i = 1; i < lines.size(); ++i) rows_.push_back({column, lines[i], {}});
}

void cpp_text::list_behind(const std::string& front, const std::string& head,
                           const std::vector<std::string>& arguments, const std::string& tail) {
  const std::string together = front + " " + head;
  const std::size_t aligned = indent() + together.size();
  const auto beside = filled(arguments, tail, aligned);
  const auto below = filled(arguments, tail, indent() + 4 + head.size());
  const bool fits_beside = !too_long(beside, aligned);
  if (fits(on_one_line(together, arguments, tail)) ||
      (fits_beside && beside.size() < below.size() + 1)) {
    return list(together, arguments, tail);
  }
  const auto under = filled(arguments, tail, indent() + 4);
  if (fits(together) && under.size() + 1 < below.size()) {
    rows_.push_back({indent(), together, {}});
    for (const auto& next : under) rows_.push_back({indent() + 4, next, {}});
    return;
  }
  line(front);
  depth_ += 2;
  list(head, arguments, tail);
  depth_ -= 2;
}

void cpp_text::short_function(const std::string& signature, const std::string& body,
                              std::string_view behind) {
  const std::string whole = signature + " { " + body + " }";
  if (fits(whole)) return line(whole, behind);
  if (!behind.empty()) comment({std::string{behind}});
  line(signature + " {");
  in();
  line(body);
  out();
  line("}");
}

std::string cpp_text::str() const {
  std::string text;
  for (std::size_t i = 0; i < rows_.size();) {
    // Comments behind lines that follow each other stand below each other.
    std::size_t end = i;
    std::size_t column = 0;
    while (end < rows_.size() && !rows_[end].behind.empty()) {
      const auto next = std::max(column, rows_[end].indent + rows_[end].code.size());
      bool fit = true;
      for (std::size_t j = i; j <= end; ++j) {
        fit = fit && next + 5 + rows_[j].behind.size() <= line_width;
      }
      if (!fit) break;
      column = next;
      ++end;
    }
    if (end == i) {
      const auto& only = rows_[i++];
      if (only.code.empty() && i == rows_.size()) break;
      text += (only.code.empty() ? "" : std::string(only.indent, ' ')) + only.code;
      if (!only.behind.empty()) text += "  // " + only.behind;
      text += '\n';
      continue;
    }
    for (; i < end; ++i) {
      const std::size_t used = rows_[i].indent + rows_[i].code.size();
      text += std::string(rows_[i].indent, ' ') + rows_[i].code;
      text += std::string(column - used + 2, ' ') + "// " + rows_[i].behind + '\n';
    }
  }
  return text;
}

}  // namespace tryst::compiler
