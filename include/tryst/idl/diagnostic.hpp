// What is wrong with a .x, said so that it can be put right: the place, the line with a caret
// under it, where the earlier definition stands, and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tryst/idl/source.hpp>
#include <utility>
#include <vector>

namespace tryst::idl {

enum class severity : std::uint8_t { note, warning, error };

/// A further place that a diagnostic speaks of ("the first one is here").
struct remark {
  location where;
  std::string text;
};

struct diagnostic {
  severity level = severity::error;
  location where;
  std::uint32_t length = 1;  ///< bytes to underline
  std::string text;
  std::vector<remark> remarks;
  std::string hint;  ///< empty: none
};

/// The diagnostics of one run, in the order in which they were found. After `most_errors` errors
/// further ones are counted and not kept.
class diagnostics {
public:
  static constexpr std::size_t most_errors = 50;

  diagnostic& report(severity level, location where, std::uint32_t length, std::string text);
  diagnostic& error(location where, std::uint32_t length, std::string text) {
    return report(severity::error, where, length, std::move(text));
  }
  diagnostic& warning(location where, std::uint32_t length, std::string text) {
    return report(severity::warning, where, length, std::move(text));
  }
  diagnostic& note(location where, std::uint32_t length, std::string text) {
    return report(severity::note, where, length, std::move(text));
  }

  const std::vector<diagnostic>& all() const { return all_; }
  std::size_t errors() const { return errors_; }
  bool ok() const { return errors_ == 0; }
  /// Enough is known: going on would only repeat it.
  bool full() const { return errors_ >= most_errors; }

private:
  std::vector<diagnostic> all_;
  diagnostic dropped_;
  std::size_t errors_ = 0;
};

/// The diagnostic as lines of text, with the source line and a caret; `colour` adds the escape
/// sequences of a terminal. Control characters of the .x never reach the output.
std::string render(const diagnostic& what, const sources& texts, bool colour = false);

/// 'word', cut off behind its fortieth byte: a name as messages have it.
std::string quote(std::string_view word);

/// The word of `known` that `word` was probably meant to be, or nothing: at most a third of its
/// letters are wrong.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace tryst::idl
