// What tryst-rpcbind is told, by options and by a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <tryst/rpc/program.hpp>
#include <vector>

namespace tryst::rpcbind {

struct settings {
  std::vector<std::string> hosts;   ///< numeric addresses for TCP and UDP; empty: all of them
  std::vector<std::string> listen;  ///< whole addresses, in place of all others
  std::uint16_t port = 111;
  std::filesystem::path socket = "/run/rpcbind.sock";  ///< empty: no UNIX socket
  bool udp = true;
  bool unsafe_loopback_registration = false;
  std::string user;             ///< whose rights to keep; empty: an ordinary one
  std::filesystem::path state;  ///< the directory of what survives a restart; empty: nothing does
  std::filesystem::path metrics;
  std::uint32_t connections = 4096;
  std::uint32_t connections_per_address = 64;
  std::size_t entries = 4096;
  std::size_t entries_of_owner = 1024;
  std::vector<std::string> allow_remote_calls;  ///< PROGRAM[:VERSION[:PROCEDURE]]
  bool verbose = false;
};

/// The settings, or the status to exit with: everything that is to be said has been said.
struct parsed_settings {
  std::optional<settings> chosen;
  int status = 0;
};
parsed_settings parse_settings(int argc, char** argv);

}  // namespace tryst::rpcbind
