// The preprocessor that .x files are written for, built in: #include, #define (also with
// parameters), #undef, #if and its family, #error, line markers, and the `%` lines of rpcgen.
//
// Path: lexer.hpp → here → parser.hpp
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tryst/idl/expression.hpp>
#include <tryst/idl/lexer.hpp>
#include <utility>
#include <vector>

namespace tryst::idl {

struct preprocess_options {
  /// Macros that are set before the first line (-D): name and value. `RPC_HDR` is set unless it
  /// is in `undefine`, because a header is what is made, as by `rpcgen -h`.
  std::vector<std::pair<std::string, std::string>> define;
  std::vector<std::string> undefine;
  /// Files that are read before the interface, as if it included them (-include).
  std::vector<std::string> before;
  /// Where #include looks, after the folder of the file that includes (-I).
  std::vector<std::string> folders;
  file_loader load = load_from_disk;
};

/// A line that begins with `%`, without the `%`.
struct pass_through_line {
  std::string_view text;
  location where;
  /// What `#define NAME value` on such a line says, when the value is a constant expression: C
  /// headers give the bounds of many an interface so.
  std::string define_name;
  std::optional<expression> define_value;
};

struct preprocessed {
  std::vector<token> tokens;  ///< ends with token_kind::end; `comments` counts in `comments`
  std::vector<comment> comments;
  std::vector<pass_through_line> pass_through;
  std::vector<std::string> files;  ///< every file that was read, in order, the first one first
};

/// Reads `path` and all that it includes. What is wrong is in `report`; what comes back is as
/// complete as it can be. Hostile input is bounded: includes nest at most 64 deep, and the result
/// has at most 32,768 words and four for each byte of the files.
preprocessed preprocess(const std::string& path, const preprocess_options& options, sources& texts,
                        diagnostics& report);

}  // namespace tryst::idl
