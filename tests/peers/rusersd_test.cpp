// Debian's rusersd, which serves over UDP alone, and tells of what a file of ours says.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "peers/login_records.hpp"
#include "peers/stock_servers.hpp"
#include "rusers.hpp"

namespace tryst {
namespace {

using tests::StockServers;

// A name of version 2, without its padding.
std::string text(const std::vector<std::byte>& padded) {
  const auto end = std::ranges::find(padded, std::byte{0});
  return {reinterpret_cast<const char*>(padded.data()),
          static_cast<std::size_t>(end - padded.begin())};
}

TEST_F(StockServers, RusersdTellsWhoIsLoggedIn) {
  const test::scratch_directory folder;
  tests::write_login_records(
      folder / "utmp",
      {{.user = "alice", .line = "pts/7001", .from = "far.example", .since = 1'000'000'000},
       {.user = "bob", .line = "pts/7002", .from = "", .since = 1'100'000'000},
       {.user = "carol", .line = "pts/7003", .from = "", .since = 1'200'000'000, .ended = true}});
  host.run("cp " + (folder / "utmp") + " /run/utmp");
  host.run("/usr/sbin/rpc.rusersd </dev/null >/dev/null 2>&1");
  host.wait_until_registered("100002");

  constexpr auto nobody_knows = 0xffff'ffffU;  // there are no such terminals
  auto newer_client = client_of(rusers::RUSERSVERS_3::id);
  const rusers::RUSERSVERS_3::stub newer{newer_client};
  const rusers::utmp_array both{{.ut_user = "alice",
                                 .ut_line = "pts/7001",
                                 .ut_host = "far.example",
                                 .ut_type = rusers::RUSERS_USER_PROCESS,
                                 .ut_time = 1'000'000'000,
                                 .ut_idle = nobody_knows},
                                {.ut_user = "bob",
                                 .ut_line = "pts/7002",
                                 .ut_host = "",
                                 .ut_type = rusers::RUSERS_USER_PROCESS,
                                 .ut_time = 1'100'000'000,
                                 .ut_idle = nobody_knows}};
  EXPECT_EQ(newer.RUSERSPROC_NUM().get(), 2);
  EXPECT_EQ(newer.RUSERSPROC_NAMES().get(), both);
  EXPECT_EQ(newer.RUSERSPROC_ALLNAMES().get(), both);

  auto older_client = client_of(rusers::RUSERSVERS_IDLE::id);
  const rusers::RUSERSVERS_IDLE::stub older{older_client};
  const auto names = older.RUSERSPROC_NAMES().get();
  ASSERT_EQ(names.size(), 2);
  EXPECT_EQ(text(names[0].ut_line), "pts/700");  // cut off
  EXPECT_EQ(text(names[0].ut_name), "alice");
  EXPECT_EQ(text(names[0].ut_host), "far.example");
  EXPECT_EQ(names[0].ut_time, 1'000'000'000);
  EXPECT_EQ(names[0].ui_idle, nobody_knows);
  EXPECT_EQ(text(names[1].ut_name), "bob");
  EXPECT_EQ(older.RUSERSPROC_NUM().get(), 2);
}

}  // namespace
}  // namespace tryst
