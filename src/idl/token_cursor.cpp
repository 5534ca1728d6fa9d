#include "idl/token_cursor.hpp"

#include <algorithm>
#include <array>

#include "idl/annotation.hpp"

namespace tryst::idl {
namespace {

std::uint32_t width(const token& what) { return static_cast<std::uint32_t>(what.text.size()); }

std::string quoted(const token& what) {
  if (what.kind == token_kind::end) return "the end of the file";
  return quote(what.text);
}

void append(std::string& text, const std::vector<std::string>& lines) {
  for (const auto& line : lines) {
    if (!text.empty() && !line.empty()) text += ' ';
    text += line;
  }
}

}  // namespace

bool begins_definition(const token& what) {
  constexpr std::array<std::string_view, 7> words{"const",   "typedef",   "enum", "struct",
                                                  "program", "namespace", "union"};
  return what.kind == token_kind::identifier && std::ranges::find(words, what.text) != words.end();
}

const token& token_cursor::take() {
  const token& taken = peek();
  if (taken.kind != token_kind::end) ++at_;
  return taken;
}

bool token_cursor::take_if(std::string_view text) {
  if (!at(text)) return false;
  take();
  return true;
}

void token_cursor::fail_at(const token& where, std::string text, std::string hint) {
  report_.error(where.where, width(where), std::move(text)).hint = std::move(hint);
  throw syntax_error{};
}
void token_cursor::fail(std::string text, std::string hint) {
  fail_at(peek(), std::move(text), std::move(hint));
}

void token_cursor::expect(std::string_view text, std::string_view after) {
  if (take_if(text)) return;
  const std::string wanted =
      "expected " + quote(text) + " after " + std::string{after} + ", found " + quoted(peek());
  // What is missing at the end of a line is missing there, and not at the beginning of the next.
  token place = peek();
  if (place.first_on_line && !previous().from_macro && at_ != 0) {
    place = previous();
    place.where.offset += width(place);
    place.text = {};
  }
  fail_at(place, wanted);
}

void token_cursor::expect_semicolon(std::string_view after) {
  if (take_if(";")) return;
  if (at_end() || (peek().first_on_line && begins_definition(peek()) && previous().is("}"))) {
    report_.warning(previous().where, width(previous()),
                    "a semicolon is missing after " + std::string{after});
    return;
  }
  expect(";", after);
}

syntax::word token_cursor::expect_name(std::string_view of_what) {
  if (peek().kind != token_kind::identifier) {
    fail("expected the name of " + std::string{of_what} + ", found " + quoted(peek()));
  }
  const token& name = take();
  return {std::string{name.text}, name.where};
}

std::optional<expression> token_cursor::read_constant(expression_place place) {
  std::size_t used = 0;
  auto found = read_expression(std::span{input_.tokens}.subspan(at_), used, place, report_);
  if (!found) throw syntax_error{};
  at_ += used;
  return found;
}

void token_cursor::skip_statement() {
  int depth = 0;
  while (!at_end()) {
    if (at("}") && depth == 0) return;
    const token& skipped = take();
    if (skipped.is("{")) ++depth;
    if (skipped.is("}")) --depth;
    if (skipped.is(";") && depth == 0) return;
  }
}

void token_cursor::skip_definition() {
  int depth = 0;
  bool first = true;
  while (!at_end()) {
    if (!first && depth <= 0 && peek().first_on_line && begins_definition(peek())) return;
    // A definition that begins in the first column is none inside of another one.
    if (!first && peek().first_on_line && begins_definition(peek()) &&
        peek().comments >= comment_ && !peek().after_space) {
      return;
    }
    first = false;
    const token& skipped = take();
    if (skipped.is("{")) ++depth;
    if (skipped.is("}")) --depth;
    if (skipped.is(";") && depth <= 0) return;
  }
}

void token_cursor::annotate(const comment& what, std::vector<syntax::annotation>& about) {
  if (has_annotations(what)) read_annotations(what, report_, about, externs_);
}

void token_cursor::read_before(syntax::remarks& about) {
  for (; comment_ < peek().comments; ++comment_) {
    const comment& next = input_.comments[comment_];
    annotate(next, about.annotations);
    const auto lines = comment_lines(next);
    about.before.insert(about.before.end(), lines.begin(), lines.end());
    if (next.gap_after && !about.before.empty() && comment_ + 1 < peek().comments) {
      about.before.emplace_back();
    }
  }
}

void token_cursor::read_inside(syntax::remarks& about) {
  for (; comment_ < previous().comments; ++comment_) {
    annotate(input_.comments[comment_], about.annotations);
    append(about.behind, comment_lines(input_.comments[comment_]));
  }
}

void token_cursor::read_behind(syntax::remarks& about) {
  read_inside(about);
  for (; comment_ < peek().comments; ++comment_) {
    const comment& next = input_.comments[comment_];
    if (next.own_line) return;
    annotate(next, about.annotations);
    append(about.behind, comment_lines(next));
  }
}

void token_cursor::read_top(std::vector<std::string>& about_file) {
  std::size_t end = comment_;
  for (std::size_t i = comment_; i < peek().comments; ++i) {
    if (input_.comments[i].gap_after) end = i + 1;
  }
  for (; comment_ < end; ++comment_) {
    std::vector<syntax::annotation> nothing;
    const comment& next = input_.comments[comment_];
    annotate(next, nothing);
    for (const auto& stray : nothing) {
      report_.error(stray.name.where, stray.name.length(), "this annotation belongs to nothing")
          .hint = "put it right above a definition, or behind it";
    }
    const auto lines = comment_lines(next);
    about_file.insert(about_file.end(), lines.begin(), lines.end());
    if (next.gap_after && !lines.empty() && comment_ + 1 < end) about_file.emplace_back();
  }
}

void token_cursor::drop_comments() {
  std::vector<syntax::annotation> stray;
  for (; comment_ < peek().comments; ++comment_) annotate(input_.comments[comment_], stray);
  for (const auto& found : stray) {
    report_.error(found.name.where, found.name.length(), "this annotation belongs to nothing")
        .hint = "put it right above a definition, or behind it";
  }
}

}  // namespace tryst::idl
