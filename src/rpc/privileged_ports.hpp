// The ports below 1024 that a client may take for itself, as the system's own clients choose them.
#pragma once

#include <cstdint>
#include <istream>
#include <vector>

namespace tryst::rpc {

/// 600 to 1023, without those that `blacklist` has, one at the beginning of a line: they belong to
/// somebody else.
std::vector<std::uint16_t> privileged_ports(std::istream& blacklist);
/// ... by this system's /etc/bindresvport.blacklist, which is read: that may block.
std::vector<std::uint16_t> privileged_ports();

}  // namespace tryst::rpc
