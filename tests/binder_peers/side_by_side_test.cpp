// The same requests to tryst-rpcbind and to Debian's rpcbind, on two hosts, and the same answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "binder_peers/private_host.hpp"

namespace tryst::binder {
namespace {

using tests::private_host;

// The lines in order: the two list entries in different ones.
std::string sorted(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::ranges::sort(lines);
  std::string out;
  for (const auto& line : lines) out += line + '\n';
  return out;
}

struct SideBySide : ::testing::Test {
  private_host our_host;
  private_host debians_host;
  std::unique_ptr<test::peer_process> ours = our_host.start_ours();
  std::unique_ptr<test::peer_process> debians = debians_host.start_debians();

  void compare(const std::vector<std::string>& lines) {
    for (const auto& line : lines) {
      const auto answer = our_host.run(line);
      EXPECT_EQ(sorted(answer), sorted(debians_host.run(line))) << line;
      said += line + '\n' + answer;
    }
  }
  std::string said;
};

const std::string user = "setpriv --reuid=1000 --clear-groups ";
const std::string other = "setpriv --reuid=1001 --clear-groups ";

// A socket that is there while the lines run: both binders look whether the server is.
std::string with_server(const std::string& lines) {
  return "coproc binder_tool serve 300099 1; read -r line <&${COPROC[0]}; " + lines +
         "; kill $COPROC_PID; wait $COPROC_PID";
}

TEST_F(SideBySide, ListsOfAFreshBinder) {
  compare({"rpcinfo", "rpcinfo -p", "rpcinfo -p 127.0.0.1", "rpcinfo 127.0.0.1"});
}

TEST_F(SideBySide, SetAndUnset) {
  compare({"binder_tool set tcp 300001 1 0.0.0.0.8.1", "rpcinfo",
           "binder_tool set tcp 300001 1 0.0.0.0.8.1", "binder_tool set udp 300001 1 0.0.0.0.8.1",
           "binder_tool set tcp6 300001 1 ::.8.1", "binder_tool set tcp 300001 2 0.0.0.0.8.1",
           "rpcinfo", "rpcinfo -p 127.0.0.1", "binder_tool unset tcp 300001 1", "rpcinfo",
           "binder_tool unset tcp 300001 1", "binder_tool unset - 300001 1", "rpcinfo",
           "binder_tool unset - 300001 2", "binder_tool unset - 999999 2", "rpcinfo"});
  EXPECT_NE(said.find("TRUE"), said.npos);
}

TEST_F(SideBySide, VersionTwo) {
  compare({"binder_tool pset 6 300001 1 2049", "binder_tool pset 17 300001 1 2050", "rpcinfo -p",
           "binder_tool punset 300001 1", "rpcinfo -p", "binder_tool punset 300001 1",
           "binder_tool getport 6 127.0.0.1 100000 2", "binder_tool getport 17 127.0.0.1 100000 2",
           "binder_tool getport 6 127.0.0.1 300001 2", "binder_tool getport 1 127.0.0.1 100000 2"});
}

TEST_F(SideBySide, Owners) {
  compare({user + "/run/bin/binder_tool set tcp 300001 1 0.0.0.0.8.1",
           "binder_tool set tcp 300002 1 0.0.0.0.8.1", "rpcinfo",
           other + "/run/bin/binder_tool unset tcp 300001 1",
           user + "/run/bin/binder_tool unset tcp 300002 1",
           user + "/run/bin/binder_tool unset - 300002 1",
           other + "/run/bin/binder_tool unset tcp 300003 1", "rpcinfo",
           user + "/run/bin/binder_tool unset tcp 300001 1", "rpcinfo",
           user + "/run/bin/binder_tool set tcp 300001 1 0.0.0.0.8.1",
           "binder_tool unset tcp 300001 1", "rpcinfo"});
}

TEST_F(SideBySide, AddressesForThoseWhoAsk) {
  for (const std::string_view how :
       {"tcp 127.0.0.1", "udp 127.0.0.1", "tcp6 ::1", "udp6 ::1", "tcp 192.0.2.1", "udp 192.0.2.1",
        "tcp6 2001:db8::1", "udp6 2001:db8::1"}) {
    compare({"binder_tool getaddr " + std::string{how} + " 100000 4",
             "binder_tool getaddr " + std::string{how} + " 100000 9",
             "binder_tool getaddr " + std::string{how} + " 300001 1"});
  }
  compare({"rpcinfo -l 127.0.0.1 100000 4", "rpcinfo -l 192.0.2.1 100000 4",
           "rpcinfo -l ::1 100000 4", "rpcinfo -l 127.0.0.1 300001 1"});
  EXPECT_NE(said.find("192.0.2.1.0.111"), said.npos) << "reachable from where the caller is";
}

TEST_F(SideBySide, ServersAndTheirClients) {
  compare(
      {with_server("rpcinfo -T tcp 127.0.0.1 300099 1; rpcinfo -T udp6 ::1 300099; "
                   "rpcinfo -T tcp 127.0.0.1 300099 5; rpcinfo -u 192.0.2.1 300099; "
                   "binder_tool call tcp 192.0.2.1 300099 1; "
                   "binder_tool call udp ::1 300099 2")});
}

TEST_F(SideBySide, AskedByOurClient) {
  for (const std::string_view host :
       {"-", "127.0.0.1", "::1", "192.0.2.1", "2001:db8::1", "localhost"}) {
    compare({LOOKUP_CLIENT " " + std::string{host} + " 100000 4",
             LOOKUP_CLIENT " " + std::string{host} + " 100000 2",
             LOOKUP_CLIENT " " + std::string{host} + " 300001 1"});
  }
  for (const std::string_view line :
       {"tcp tcp://127.0.0.1:111", "udp6 udp://[::1]:111", "tcp tcp://192.0.2.1:111",
        "local unix:/run/rpcbind.sock", "12 entries"}) {
    EXPECT_NE(said.find(line), said.npos) << line;
  }
}

TEST_F(SideBySide, OurServersRegister) {
  const auto here = our_host.start({REGISTERING_SERVER});
  const auto there = debians_host.start({REGISTERING_SERVER});
  here->wait_for("registered");
  there->wait_for("registered");
  compare({"rpcinfo -T tcp 127.0.0.1 536871169 1", "rpcinfo -T udp 127.0.0.1 536871169 1",
           "rpcinfo -T tcp6 ::1 536871169", "rpcinfo -T udp6 2001:db8::1 536871169",
           "rpcinfo -T tcp 192.0.2.1 536871169 7"});
  EXPECT_NE(said.find("program 536871169 version 1 ready and waiting"), said.npos);
}

}  // namespace
}  // namespace tryst::binder
