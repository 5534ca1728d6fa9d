// A place in the tokens of an interface, and the comments on the way.
#pragma once

#include <string>
#include <string_view>
#include <tryst/idl/preprocessor.hpp>
#include <tryst/idl/syntax.hpp>
#include <vector>

namespace tryst::idl {

/// What is thrown at a syntax error that has been reported; caught where reading can go on.
struct syntax_error {};

class token_cursor {
public:
  token_cursor(const preprocessed& input, diagnostics& report) : input_{input}, report_{report} {}

  const token& peek(std::size_t ahead = 0) const {
    const std::size_t last = input_.tokens.size() - 1;
    return input_.tokens[at_ + ahead < last ? at_ + ahead : last];
  }
  const token& previous() const { return input_.tokens[at_ == 0 ? 0 : at_ - 1]; }
  bool at_end() const { return peek().kind == token_kind::end; }
  bool at(std::string_view text) const { return peek().is(text); }
  const token& take();
  bool take_if(std::string_view text);
  /// Takes `text`, or reports that it is missing, and throws.
  void expect(std::string_view text, std::string_view after);
  /// Takes a semicolon. One that is missing at the end of a line before the next definition, or at
  /// the end of the file, is only worth a warning.
  void expect_semicolon(std::string_view after);
  syntax::word expect_name(std::string_view of_what);
  std::optional<expression> read_constant(expression_place place);

  [[noreturn]] void fail(std::string text, std::string hint = {});
  [[noreturn]] void fail_at(const token& where, std::string text, std::string hint = {});

  /// Behind the next semicolon of this nesting, or in front of the brace that closes it.
  void skip_statement();
  /// Behind what is left of a definition.
  void skip_definition();

  /// The comments in front of the next token are what is said about it.
  void read_before(syntax::remarks& about);
  /// The comments between here and the next token, as far as they stand on this line.
  void read_behind(syntax::remarks& about);
  /// As read_before, for the first definition: what is set off by an empty line is about the file.
  void read_top(std::vector<std::string>& about_file);
  /// Comments in front of the next token are about nothing.
  void drop_comments();

  std::vector<syntax::external>& externs() { return externs_; }
  diagnostics& report() { return report_; }

private:
  void annotate(const comment& what, std::vector<syntax::annotation>& about);
  /// Comments inside of a statement that has been read: they count as standing behind it.
  void read_inside(syntax::remarks& about);

  const preprocessed& input_;
  diagnostics& report_;
  std::size_t at_ = 0;
  std::size_t comment_ = 0;
  std::vector<syntax::external> externs_;
};

bool begins_definition(const token& what);

}  // namespace tryst::idl
