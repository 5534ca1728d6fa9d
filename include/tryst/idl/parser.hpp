// Tokens become syntax, by recursive descent. After an error reading goes on behind the next
// semicolon or closing brace, so that one run finds them all.
//
// Path: preprocessor.hpp → here → compile.hpp
#pragma once

#include <tryst/idl/preprocessor.hpp>
#include <tryst/idl/syntax.hpp>

namespace tryst::idl {

/// Reads the whole interface. What is wrong is in `report`. Definitions nest at most 64 deep.
syntax::file parse(const preprocessed& input, diagnostics& report);

}  // namespace tryst::idl
