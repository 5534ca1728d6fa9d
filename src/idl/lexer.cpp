#include <algorithm>
#include <array>
#include <tryst/idl/lexer.hpp>

namespace tryst::idl {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

constexpr std::array<std::string_view, 11> pairs{
    "<<", ">>", "==", "!=", "<=", ">=", "&&", "||", "::", "##", "->"};

class scanner {
public:
  scanner(const sources& texts, std::uint32_t file, diagnostics& report)
      : text_{texts.text(file)}, file_{file}, report_{report} {}

  token_list run() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a byte order mark
    while (step()) {
    }
    token last;
    last.where = here();
    last.first_on_line = true;
    last.comments = static_cast<std::uint32_t>(list_.comments.size());
    list_.tokens.push_back(last);
    return std::move(list_);
  }

private:
  location here() const { return {file_, static_cast<std::uint32_t>(at_)}; }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool step() {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      line_begin_ = true;
      column_zero_ = true;
      space_ = false;
      return true;
    }
    if (column_zero_ && c == '%') {
      pass_through();
      return true;
    }
    column_zero_ = false;
    if (is_blank(c) || c == '\0') {
      ++at_;
      space_ = true;
    } else if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      at_ += peek(1) == '\n' ? 2 : 3;  // a line that goes on
      space_ = true;
    } else if (c == '/' && (peek(1) == '*' || peek(1) == '/')) {
      take_comment();
    } else if (is_identifier_start(c)) {
      std::size_t end = at_;
      while (end < text_.size() && is_identifier_part(text_[end])) ++end;
      push(token_kind::identifier, end);
    } else if (is_digit(c)) {
      number();
    } else if (c == '"' || c == '\'') {
      quoted(c);
    } else {
      punctuation();
    }
    return true;
  }

  void push(token_kind kind, std::size_t end) {
    token next;
    next.kind = kind;
    next.first_on_line = line_begin_;
    next.after_space = space_;
    next.text = text_.substr(at_, end - at_);
    next.where = here();
    next.comments = static_cast<std::uint32_t>(list_.comments.size());
    list_.tokens.push_back(next);
    at_ = end;
    line_begin_ = false;
    space_ = false;
  }

  void pass_through() {
    std::size_t end = text_.find('\n', at_);
    // A line that ends in a backslash goes on, also without another %.
    while (end != text_.npos && text_[end - 1] == '\\') end = text_.find('\n', end + 1);
    if (end == text_.npos) end = text_.size();
    ++at_;
    push(token_kind::pass_through, std::max(end, at_));
    column_zero_ = false;
  }

  void take_comment() {
    comment found;
    found.where = here();
    found.own_line = line_begin_;
    std::size_t end = 0;
    if (text_[at_ + 1] == '*') {
      end = text_.find("*/", at_ + 2);
      if (end == text_.npos) {
        report_.error(here(), 2, "this comment does not end").hint = "add */ where it should end";
        end = text_.size();
      } else {
        end += 2;
      }
    } else {
      end = text_.find('\n', at_);
      if (end == text_.npos) end = text_.size();
    }
    found.text = text_.substr(at_, end - at_);
    std::size_t after = end;
    std::size_t lines = 0;
    while (after < text_.size() && (is_blank(text_[after]) || text_[after] == '\n')) {
      if (text_[after] == '\n') ++lines;
      ++after;
    }
    found.gap_after = lines > 1;
    list_.comments.push_back(found);
    at_ = end;
    space_ = true;
  }

  void number() {
    const auto is_part = [this](std::size_t i) {
      return i < text_.size() && is_identifier_part(text_[i]);
    };
    std::size_t end = at_;
    // 1'000: an apostrophe belongs to the number when the number goes on behind it.
    while (is_part(end) || (end < text_.size() && text_[end] == '.') ||
           (end < text_.size() && text_[end] == '\'' && is_part(end + 1))) {
      ++end;
    }
    push(token_kind::number, end);
  }

  void quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n' ? 2 : 1;
    }
    if (end < text_.size() && text_[end] == quote) {
      push(quote == '"' ? token_kind::string : token_kind::character, end + 1);
      return;
    }
    // An apostrophe in a line that the preprocessor leaves out is nobody's business.
    push(token_kind::punctuation, at_ + 1);
  }

  void punctuation() {
    for (const auto two : pairs) {
      if (text_.substr(at_).starts_with(two)) return push(token_kind::punctuation, at_ + 2);
    }
    push(token_kind::punctuation, at_ + 1);
  }

  std::string_view text_;
  std::uint32_t file_;
  diagnostics& report_;
  token_list list_;
  std::size_t at_ = 0;
  bool line_begin_ = true;
  bool column_zero_ = true;
  bool space_ = false;
};

}  // namespace

bool is_identifier_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_identifier_part(char c) { return is_identifier_start(c) || is_digit(c); }

token_list tokenize(const sources& texts, std::uint32_t file, diagnostics& report) {
  return scanner{texts, file, report}.run();
}

}  // namespace tryst::idl
