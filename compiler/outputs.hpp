// One run of tryst-gen: which files are read, what is written, where.
#pragma once

#include <iosfwd>
#include <string>
#include <tryst/idl/preprocessor.hpp>
#include <vector>

namespace tryst::compiler {

struct request {
  std::vector<std::string> files;
  std::string folder = ".";
  std::string name_space;
  std::vector<std::string> emit{"header"};
  std::vector<std::string> transports{"tcp"};
  std::string dependencies;
  bool check = false;
  bool pass_through = false;
  bool quiet = false;
  bool colour = false;
  idl::preprocess_options preprocess;
};

/// Does it. Diagnostics go to `err`, and what `-o -` asks for to `out`. The exit status: 0, 1 when
/// something is wrong with an interface, 2 when a file could not be written.
int run(const request& wanted, std::ostream& out, std::ostream& err);

}  // namespace tryst::compiler
