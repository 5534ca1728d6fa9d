// Macros and their replacement, on tokens.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tryst/idl/lexer.hpp>
#include <vector>

namespace tryst::idl {

struct macro {
  std::string name;
  bool takes_arguments = false;
  std::vector<std::string_view> parameters;
  std::vector<token> body;
  location where;
  int busy = 0;  // its replacement is being read: it does not replace itself
};

using macro_table = std::map<std::string, macro, std::less<>>;

/// Where an expander takes tokens from: the text of one file, or a list.
struct token_source {
  std::function<const token&()> peek;  // the next one, token_kind::end behind the last
  std::function<void()> drop;
};

/// Replaces macros. Replacements may make `most_words` tokens, for all calls together, so macros
/// that multiply each other end in an error.
class macro_expander {
public:
  macro_expander(macro_table& macros, sources& texts, diagnostics& report,
                 const std::size_t& most_words)
      : macros_{macros}, texts_{texts}, report_{report}, most_words_{most_words} {}

  /// The next token of `in`, with macros replaced.
  token next(token_source& in) { return take(pending_, in, 0); }
  /// Whether a replacement is still being read.
  bool midway() { return !drop_finished(pending_); }
  /// All of `tokens` with macros replaced.
  std::vector<token> expand(const std::vector<token>& tokens, int depth = 0);

private:
  struct replacement {
    std::vector<token> tokens;
    std::size_t at = 0;
    macro* of = nullptr;
  };
  using stack = std::vector<replacement>;
  using argument_list = std::vector<std::vector<token>>;

  token take(stack& pending, token_source& in, int depth);
  bool begin(stack& pending, macro& found, const token& name, token_source& in, int depth);
  std::optional<argument_list> read_arguments(stack& pending, const token& name, token_source& in);
  std::vector<token> substitute(const macro& found, const token& name,
                                const argument_list& arguments, int depth);
  token paste(const token& left, const token& right);
  bool charge(const token& name, std::size_t count);
  static bool drop_finished(stack& pending);
  static const token& peek(stack& pending, token_source& in);
  static token pop(stack& pending, token_source& in);

  macro_table& macros_;
  sources& texts_;
  diagnostics& report_;
  const std::size_t& most_words_;  // grows with the files that are read
  stack pending_;
  std::size_t made_ = 0;
};

}  // namespace tryst::idl
