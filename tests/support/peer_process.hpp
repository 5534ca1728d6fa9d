// Other programs as peers of a test: started, listened to, ended. A peer that does not run, or does
// not say in time what is waited for, throws, and so fails the test with the reason.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tryst::test {

/// How long a test waits for what must happen: far longer than it ever takes.
inline constexpr std::chrono::seconds patience{60};

/// A running program whose output is ours. It is killed when the object is destroyed.
class peer_process {
public:
  /// Runs the program argv[0] (looked for in PATH). Throws std::system_error when it cannot.
  explicit peer_process(std::vector<std::string> argv);
  ~peer_process();
  peer_process(const peer_process&) = delete;
  peer_process& operator=(const peer_process&) = delete;

  pid_t pid() const noexcept { return pid_; }

  /// Waits for a line of output that begins with `start` and returns the rest of it. Throws
  /// std::runtime_error, with all that the program has said, when it ends without one.
  std::string wait_for(std::string_view start);

  /// Waits for the end of the program. Throws std::runtime_error, with what it said, unless that
  /// was exit(0); returns what it wrote to its standard output and no wait_for() has taken.
  std::string finish();

private:
  bool read_more();
  [[noreturn]] void fail(const std::string& why);
  void reap();

  std::string name_;
  pid_t pid_ = -1;
  int status_ = 0;
  int output_ = -1;
  int errors_ = -1;
  std::string unread_;  // of the standard output
  std::string said_;    // everything, for a failure's text
};

/// Runs a program to its end and returns its standard output; throws as peer_process does.
std::string output_of(std::vector<std::string> argv);

/// A directory of a test's own, removed with everything in it.
class scratch_directory {
public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::string operator/(std::string_view name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

}  // namespace tryst::test
