// An interface as data: docs/interface.schema.json says what is where.
#pragma once

#include <string>
#include <tryst/idl/model.hpp>

namespace tryst::compiler {

/// The interface as JSON, with a line feed at the end. A pure function of the model.
std::string interface_json(const idl::model& interface, const std::string& source_name);

}  // namespace tryst::compiler
