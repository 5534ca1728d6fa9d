// The generated header: types and programs of a .x in C++, in the order of the .x.
#pragma once

#include <string>
#include <vector>

#include "cpp_text.hpp"
#include "cpp_types.hpp"

namespace tryst::compiler {

struct header_options {
  std::string source_name;     ///< "calc.x", for the first line
  std::string header_name;     ///< "calc.hpp"
  bool extern_codecs = false;  ///< declare the codecs extern: a .cpp has them
  bool pass_through = false;   ///< copy the `%` lines
};

class header_writer {
public:
  header_writer(const cpp_types& types, const header_options& options)
      : types_{types}, names_{types.names()}, model_{types.interface()}, options_{options} {}

  /// The header.
  std::string header();
  /// The .cpp with its codecs, for `extern_codecs`.
  std::string source();

private:
  // header.cpp: what goes where.
  void prologue();
  void includes();
  void definition(idl::definition_index index);
  void declare(idl::definition_index index);
  void enter(const std::string& space);
  void place(idl::definition_index index);
  void views();
  void epilogue();
  std::vector<idl::definition_index> order();
  std::vector<std::string> codecs() const;
  void documented(const idl::documentation& about, const std::string& more = {});
  /// The comment above, and what is to stand behind the line: the .x's words and ours.
  std::string remarks(const idl::documentation& about, const std::string& own);

  // structs.cpp
  void constant(idl::definition_index index, const idl::constant& what);
  void enumeration(idl::definition_index index, const idl::enumeration& what);
  void alias(idl::definition_index index, const idl::alias& what);
  void external(idl::definition_index index, const idl::external& what);
  void structure(idl::definition_index index, const idl::structure& what, bool view);
  void nested_names(idl::definition_index index);
  void lenient(idl::definition_index index);

  // programs.cpp
  void program(idl::definition_index index, const idl::program& what);
  void version(idl::definition_index program, std::size_t number);
  void procedure(const idl::procedure& what, const std::string& name, const std::string& version,
                 const cpp_place& at);
  void stub(const idl::version& what, const std::string& name, const cpp_place& at,
            const std::vector<std::string>& procedure_names, idl::definition_index at_program,
            std::size_t at_version);

  const cpp_types& types_;
  const cpp_names& names_;
  const idl::model& model_;
  const header_options& options_;
  cpp_text out_;
  std::string space_;                            // the namespace that is open
  std::vector<idl::definition_index> declared_;  // forward, so far
  std::vector<char> written_;
};

}  // namespace tryst::compiler
