// Comments: what they say to people, and what `@tryst` in them says to the compiler.
#pragma once

#include <string>
#include <tryst/idl/lexer.hpp>
#include <tryst/idl/syntax.hpp>
#include <vector>

namespace tryst::idl {

/// The lines of a comment without its delimiters, without the frame of stars and without what is
/// said to the compiler. Empty lines at either end are left out.
std::vector<std::string> comment_lines(const comment& what);

bool has_annotations(const comment& what);

/// What stands behind `@tryst` in the comment. Externs go to `externs`, the rest to `about`. Words
/// that do not exist are reported.
void read_annotations(const comment& what, diagnostics& report,
                      std::vector<syntax::annotation>& about,
                      std::vector<syntax::external>& externs);

}  // namespace tryst::idl
