// Unions of a .x as classes over a private variant (see docs/decisions/0005-shape-of-unions.md).
#pragma once

#include <string>

#include "cpp_text.hpp"
#include "cpp_types.hpp"

namespace tryst::compiler {

/// Writes the class; `space` is the namespace that is open.
void write_union(cpp_text& out, const cpp_types& types, idl::definition_index index,
                 const idl::union_& what, const std::string& space, bool view);

}  // namespace tryst::compiler
