// The file in which a system keeps who is logged in, utmp(5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tryst::tests {

struct login_record {
  std::string user;
  std::string line;  ///< the terminal
  std::string from;  ///< a host; empty: this one
  std::int32_t since = 0;
  bool ended = false;
};

void write_login_records(const std::string& file, const std::vector<login_record>& records);

}  // namespace tryst::tests
