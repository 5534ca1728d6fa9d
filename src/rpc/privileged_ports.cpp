#include "rpc/privileged_ports.hpp"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace tryst::rpc {

std::vector<std::uint16_t> privileged_ports(std::istream& blacklist) {
  std::set<std::uint16_t> taken;
  for (std::string line; std::getline(blacklist, line);) {
    std::istringstream words{line};
    std::uint16_t port = 0;
    if (words >> port) taken.insert(port);
  }
  std::vector<std::uint16_t> free;
  for (std::uint16_t port = 600; port < 1024; ++port) {
    if (!taken.contains(port)) free.push_back(port);
  }
  return free;
}

std::vector<std::uint16_t> privileged_ports() {
  std::ifstream file{"/etc/bindresvport.blacklist"};
  return privileged_ports(file);
}

}  // namespace tryst::rpc
