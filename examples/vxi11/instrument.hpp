// What the instrument does when it is told something: the commands that every instrument has by
// IEEE 488.2 and SCPI (Standard Commands for Programmable Instruments, 1999), and no other.
#pragma once

#include <deque>
#include <string>
#include <string_view>

namespace vxi11_example {

/// An entry of the error queue, as SCPI numbers them (volume 2, chapter 21.8).
enum class scpi_error : int {
  undefined_header = -113,
  queue_overflow = -350,
  input_overrun = -363,
  query_interrupted = -410,
  query_unterminated = -420,
};

class instrument {
public:
  explicit instrument(std::string identification) : identification_{std::move(identification)} {}

  /// Carries out a message: commands between semicolons. What its queries answer is one line, with
  /// its end; empty if there are none.
  std::string carry_out(std::string_view message);
  /// Puts an error into the queue.
  void note(scpi_error error);
  bool has_errors() const noexcept { return !errors_.empty(); }

private:
  std::string answer_of(std::string_view command);
  std::string next_error();

  std::string identification_;
  std::deque<scpi_error> errors_;
};

}  // namespace vxi11_example
