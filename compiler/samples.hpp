// Programs to begin with: a server whose handlers do nothing yet, and a client that calls them.
#pragma once

#include <string>
#include <vector>

#include "cpp_types.hpp"

namespace tryst::compiler {

std::string sample_server(const cpp_types& types, const std::string& header,
                          const std::vector<std::string>& transports);
std::string sample_client(const cpp_types& types, const std::string& header,
                          const std::vector<std::string>& transports);

}  // namespace tryst::compiler
