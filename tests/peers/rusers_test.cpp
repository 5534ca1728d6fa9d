// Debian's rusers with a server of ours. It speaks version 2, over UDP.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "peers/stock_clients.hpp"
#include "rusers.hpp"

namespace tryst {
namespace {

using tests::private_host;

// A name of version 2: as many bytes as it always has.
std::vector<std::byte> padded(std::string_view name, std::size_t size) {
  std::vector<std::byte> all(size);
  std::ranges::transform(name.substr(0, size), all.begin(), [](char c) { return std::byte(c); });
  return all;
}

rusers::utmpidle session(std::string_view user, std::string_view line, std::string_view from,
                         std::int32_t since, std::uint32_t idle) {
  return {padded(line, 8), padded(user, 8), padded(from, 16), since, idle};
}

struct who {
  std::int32_t RUSERSPROC_NUM() const { return 2; }
  rusers::utmpidlearr RUSERSPROC_NAMES() const { return RUSERSPROC_ALLNAMES(); }
  rusers::utmpidlearr RUSERSPROC_ALLNAMES() const {
    return {session("alice", "pts/3", "far.example", 1'000'000'000, 125),
            session("bob", "tty1", "", 1'100'000'000, 0)};
  }
};

struct Rusers : tests::StockClients {
  Rusers() { server.serve<rusers::RUSERSVERS_IDLE>(who{}); }
};

TEST_F(Rusers, TellsWhoIsThere) {
  const auto binder = host.start_ours();
  announce();
  EXPECT_EQ(host.run("rusers 127.0.0.1"), "localhost            alice bob \n");
}

TEST_F(Rusers, TellsSinceWhenAndHowIdle) {
  const auto binder = host.start_ours();
  announce();
  EXPECT_EQ(host.run("TZ=UTC rusers -l 127.0.0.1"),
            "alice    localhost:pts/3               Sep  9 01:46     2:05 (far.example)\n"
            "bob      localhost:tty1                Nov  9 11:33          \n");
}

// By a call to every binder, which that passes on. Ours does so for callers like this one only
// when the answer is no larger than the call, and names of users are.
TEST_F(Rusers, FindsItByBroadcast) {
  const auto binder = host.start_debians({"-r"});
  announce();
  host.allow_broadcast();
  const auto everywhere = host.start({"rusers"});
  EXPECT_EQ(everywhere->wait_for(private_host::outer_v4), "            alice bob ");
}

}  // namespace
}  // namespace tryst
