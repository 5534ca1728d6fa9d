// Debian's rstatd, which serves over UDP alone.
#include <array>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <limits>
#include <string>
#include <tryst/error.hpp>

#include "peers/stock_servers.hpp"
#include "rstat.hpp"

namespace tryst {
namespace {

using tests::StockServers;

// The counters of /proc/stat that rstat tells.
struct counters {
  std::array<std::uint64_t, 4> ticks{};
  std::uint64_t switches = 0;
  std::uint64_t boot_time = 0;
};

counters of_the_kernel() {
  counters all;
  std::ifstream in{"/proc/stat"};
  for (std::string word; in >> word;) {
    if (word == "cpu") {
      for (auto& each : all.ticks) in >> each;
    } else if (word == "ctxt") {
      in >> all.switches;
    } else if (word == "btime") {
      in >> all.boot_time;
    }
    in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return all;
}

// Counters on the wire wrap around: what counts is how far they have come.
void expect_between(std::uint64_t before, std::uint32_t value, std::uint64_t after) {
  const auto from = static_cast<std::uint32_t>(before);
  EXPECT_LE(value - from, static_cast<std::uint32_t>(after) - from)
      << before << ' ' << value << ' ' << after;
}

TEST_F(StockServers, RstatdTellsTheFiguresOfTheHost) {
  const auto before = of_the_kernel();
  const auto begun = std::time(nullptr);
  host.run("/usr/sbin/rpc.rstatd </dev/null >/dev/null 2>&1");
  host.wait_until_registered("100001");
  auto client = client_of(rstat::RSTATVERS_TIME::id);
  const rstat::RSTATVERS_TIME::stub figures{client};
  const auto told = figures.RSTATPROC_STATS().get();
  const auto after = of_the_kernel();

  for (std::size_t i = 0; i < told.cp_time.size(); ++i) {
    expect_between(before.ticks[i], static_cast<std::uint32_t>(told.cp_time[i]), after.ticks[i]);
  }
  expect_between(before.switches, told.v_swtch, after.switches);
  EXPECT_NEAR(told.boottime.tv_sec, after.boot_time, 2);
  EXPECT_GE(told.curtime.tv_sec, begun);
  EXPECT_LE(told.curtime.tv_sec, std::time(nullptr));
  EXPECT_LE(figures.RSTATPROC_HAVEDISK().get(), 1);
}

// It serves versions 1, 2, 3 and 5.
TEST_F(StockServers, RstatdRefusesAVersionThatItLeavesOut) {
  host.run("/usr/sbin/rpc.rstatd </dev/null >/dev/null 2>&1");
  host.wait_until_registered("100001");
  EXPECT_EQ(run(loop, book.find(rstat::RSTATVERS_VAR::id, binder::netid::udp)).error().code,
            errc::prog_unavail);
  auto client = client_of(rstat::RSTATVERS_TIME::id);
  const rstat::RSTATVERS_VAR::stub newer{client};
  const auto refused = newer.RSTATPROC_STATS(rpc::as_result).get().error();
  EXPECT_EQ(refused.code, errc::prog_mismatch);
  EXPECT_EQ(refused.low, 1);
  EXPECT_EQ(refused.high, 5);
}

}  // namespace
}  // namespace tryst
