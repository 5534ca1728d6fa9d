// A .x in, a model out: preprocessor, parser and check in one call.
//
//   tryst::idl::sources texts;
//   tryst::idl::diagnostics report;
//   auto interface = tryst::idl::compile("calc.x", {}, texts, report);
//   for (const auto& said : report.all()) std::cerr << render(said, texts);
#pragma once

#include <optional>
#include <string>
#include <tryst/idl/model.hpp>
#include <tryst/idl/preprocessor.hpp>
#include <tryst/idl/syntax.hpp>
#include <vector>

namespace tryst::idl {

/// What a run has made, and the files that it has read.
struct compiled {
  model interface;
  std::vector<std::string> files;
};

/// Reads the interface at `path`. Nothing when something is wrong with it; `report` says what, and
/// may have warnings in any case. Never throws for what stands in the .x, never recurses deeper
/// than the bounds of preprocessor.hpp and parser.hpp.
std::optional<compiled> compile(const std::string& path, const preprocess_options& options,
                                sources& texts, diagnostics& report);

/// Looks up every name in `input` and checks what RFC 4506 §6.4 and RFC 5531 §12.3 ask for.
/// `earlier` holds the definitions of interfaces that this one imports. The `%` lines are read for
/// `#define`s that would otherwise be unknown constants.
model check(const syntax::file& input, const std::vector<pass_through_line>& pass_through,
            model earlier, diagnostics& report);

}  // namespace tryst::idl
