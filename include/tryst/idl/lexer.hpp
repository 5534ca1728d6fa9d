// Words of the language: a text becomes tokens and comments, and nothing is thrown away.
//
// Path: source.hpp → here → preprocessor.hpp → parser.hpp
#pragma once

#include <cstdint>
#include <string_view>
#include <tryst/idl/diagnostic.hpp>
#include <vector>

namespace tryst::idl {

enum class token_kind : std::uint8_t {
  identifier,    ///< keywords too: the parser decides by where they stand
  number,        ///< decimal, octal (leading 0) or hexadecimal, as it was written: 0x8000'0000
  string,        ///< "text", with its quotes
  character,     ///< 'c', with its quotes
  punctuation,   ///< one or two characters
  pass_through,  ///< a line that begins with %, without the %
  end,
};

struct token {
  token_kind kind = token_kind::end;
  bool first_on_line = false;
  bool after_space = false;
  bool from_macro = false;  ///< `where` is the place where the macro was used
  bool frozen = false;      ///< the name of a macro that is being replaced: it stays as it is
  std::string_view text;
  location where;
  std::uint32_t comments = 0;  ///< how many comments of the text stand before it

  bool is(std::string_view word) const {
    return (kind == token_kind::identifier || kind == token_kind::punctuation) && text == word;
  }
};

struct comment {
  std::string_view text;  ///< with its delimiters
  location where;
  bool own_line = false;   ///< nothing but blanks stands before it on its line
  bool gap_after = false;  ///< an empty line follows it
};

struct token_list {
  std::vector<token> tokens;  ///< ends with token_kind::end
  std::vector<comment> comments;
};

/// Splits the file into tokens. What is no token is reported and left out.
token_list tokenize(const sources& texts, std::uint32_t file, diagnostics& report);

bool is_identifier_start(char c);
bool is_identifier_part(char c);

}  // namespace tryst::idl
