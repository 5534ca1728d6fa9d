#include "instrument.hpp"

#include <algorithm>
#include <cctype>

namespace vxi11_example {
namespace {

constexpr std::size_t most_errors = 16;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

// Takes what stands before the next separator off the front of `text`.
std::string_view take(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

// A word is said in full, or in the letters that are large in `word`; in whatever case.
bool is_word(std::string_view said, std::string_view word) {
  std::string short_form{word};
  std::erase_if(short_form, [](unsigned char c) { return std::islower(c) != 0; });
  return std::ranges::equal(said, word, {}, upper, upper) ||
         std::ranges::equal(said, short_form, {}, upper, upper);
}

// Words between colons, each by itself.
bool is_header(std::string_view said, std::string_view header) {
  while (!header.empty()) {
    if (!is_word(take(said, ':'), take(header, ':'))) return false;
  }
  return said.empty();
}

std::string_view meaning(scpi_error error) {
  switch (error) {
    case scpi_error::undefined_header:
      return "Undefined header";
    case scpi_error::queue_overflow:
      return "Queue overflow";
    case scpi_error::input_overrun:
      return "Input buffer overrun";
    case scpi_error::query_interrupted:
      return "Query INTERRUPTED";
    case scpi_error::query_unterminated:
      return "Query UNTERMINATED";
  }
  return {};
}

}  // namespace

std::string instrument::carry_out(std::string_view message) {
  std::string answers;
  while (!message.empty()) {
    const auto command = trimmed(take(message, ';'));
    if (command.empty()) continue;
    const auto answer = answer_of(command);
    if (answer.empty()) continue;
    if (!answers.empty()) answers += ';';
    answers += answer;
  }
  if (!answers.empty()) answers += '\n';
  return answers;
}

std::string instrument::answer_of(std::string_view command) {
  if (command.starts_with(':')) command.remove_prefix(1);  // from the root, where we are
  if (is_header(command, "*IDN?")) return identification_;
  if (is_header(command, "*OPC?")) return "1";
  if (is_header(command, "SYSTem:VERSion?")) return "1999.0";
  if (is_header(command, "SYSTem:ERRor?") || is_header(command, "SYSTem:ERRor:NEXT?")) {
    return next_error();
  }
  if (is_header(command, "*CLS")) {
    errors_.clear();
  } else if (!is_header(command, "*RST")) {  // there is nothing to be set
    note(scpi_error::undefined_header);
  }
  return {};
}

void instrument::note(scpi_error error) {
  if (errors_.size() < most_errors) {
    errors_.push_back(error);
  } else {
    errors_.back() = scpi_error::queue_overflow;
  }
}

std::string instrument::next_error() {
  if (errors_.empty()) return "0,\"No error\"";
  const auto error = errors_.front();
  errors_.pop_front();
  return std::to_string(static_cast<int>(error)) + ",\"" + std::string{meaning(error)} + '"';
}

}  // namespace vxi11_example
