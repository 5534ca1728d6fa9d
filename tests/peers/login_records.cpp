#include "peers/login_records.hpp"

#include <utmp.h>

#include <fstream>
#include <string_view>

namespace tryst::tests {
namespace {

template <std::size_t Size>
void put(char (&field)[Size], std::string_view text) {
  text.copy(field, Size);
}

}  // namespace

void write_login_records(const std::string& file, const std::vector<login_record>& records) {
  std::ofstream out{file, std::ios::binary};
  for (const auto& each : records) {
    utmp entry{};
    entry.ut_type = each.ended ? DEAD_PROCESS : USER_PROCESS;
    put(entry.ut_user, each.user);
    put(entry.ut_line, each.line);
    put(entry.ut_host, each.from);
    entry.ut_tv.tv_sec = each.since;
    out.write(reinterpret_cast<const char*>(&entry), sizeof entry);
  }
}

}  // namespace tryst::tests
