// tryst-gen as a command: what it prints, what it writes.
#pragma once

#include <string>
#include <vector>

namespace tryst::compiler {

struct command_result {
  int status = -1;
  std::string out;  ///< standard output and standard error, as they came
};

/// Runs tryst-gen with these arguments, in the top folder of the tree.
command_result tryst_gen(const std::vector<std::string>& arguments);

/// Runs another program the same way.
command_result run_program(const std::vector<std::string>& words);

/// The text of a file; empty when there is none.
std::string file_text(const std::string& path);

/// A folder of its own for each test, gone at its end.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& text) const;

private:
  std::string path_;
};

}  // namespace tryst::compiler
