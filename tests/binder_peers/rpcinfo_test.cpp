// Debian's rpcinfo, and programs of libtirpc, with tryst-rpcbind in rpcbind's place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "binder_peers/private_host.hpp"

namespace tryst::binder {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::private_host;

constexpr const char* all_versions =
    "program 100000 version 2 ready and waiting\n"
    "program 100000 version 3 ready and waiting\n"
    "program 100000 version 4 ready and waiting\n";

struct Rpcinfo : ::testing::Test {
  private_host host;
  std::unique_ptr<test::peer_process> binder = host.start_ours();
};

TEST_F(Rpcinfo, ListsEverythingOverTheLocalSocketAndOverTcp) {
  const auto local = host.run("rpcinfo");
  for (const std::string_view line :
       {"100000    4    local     /run/rpcbind.sock      portmapper superuser",
        "100000    4    tcp       0.0.0.0.0.111          portmapper superuser",
        "100000    3    udp6      ::.0.111               portmapper superuser",
        "100000    2    udp       0.0.0.0.0.111          portmapper superuser"}) {
    EXPECT_THAT(local, HasSubstr(line));
  }
  EXPECT_THAT(host.run("rpcinfo 127.0.0.1"), HasSubstr("::.0.111"));
  EXPECT_THAT(host.run("rpcinfo ::1"), HasSubstr("::.0.111"));
  EXPECT_THAT(host.run("rpcinfo -s"), HasSubstr("portmapper  superuser"));
  EXPECT_THAT(host.run("rpcinfo -s 127.0.0.1"), HasSubstr("portmapper  superuser"));
  EXPECT_THAT(host.run("rpcinfo -p"), HasSubstr("100000    2   tcp    111  portmapper"));
  EXPECT_THAT(host.run("rpcinfo -p 127.0.0.1"), HasSubstr("100000    4   udp    111  portmapper"));
}

TEST_F(Rpcinfo, CallsEveryVersionOverEveryTransport) {
  for (const std::string_view command :
       {"rpcinfo -T tcp 127.0.0.1 100000", "rpcinfo -T udp 127.0.0.1 100000",
        "rpcinfo -u 127.0.0.1 100000", "rpcinfo -t 127.0.0.1 100000",
        "rpcinfo -n 111 -t 127.0.0.1 100000", "rpcinfo -n 111 -u 127.0.0.1 100000",
        "rpcinfo -a 127.0.0.1.0.111 -T tcp 100000", "rpcinfo -a 127.0.0.1.0.111 -T udp 100000"}) {
    EXPECT_EQ(host.run(std::string{command}), all_versions) << command;
  }
  for (const std::string_view command :
       {"rpcinfo -T tcp6 ::1 100000 4", "rpcinfo -T udp6 ::1 100000 4",
        "rpcinfo -T local '' 100000 4", "rpcinfo -a ::1.0.111 -T udp6 100000 4"}) {
    EXPECT_EQ(host.run(std::string{command}), "program 100000 version 4 ready and waiting\n")
        << command;
  }
  EXPECT_EQ(host.run("rpcinfo -T tcp 127.0.0.1 100000 9"),
            "rpcinfo: RPC: Program/version mismatch; low version = 2, high version = 4\n"
            "program 100000 version 9 is not available\nstatus 1\n");
}

TEST_F(Rpcinfo, ShowsAddressesAndStatistics) {
  const auto list = host.run("rpcinfo -l 127.0.0.1 100000 4");
  EXPECT_THAT(list, HasSubstr("inet/tcp/cots_ord       127.0.0.1.0.111"));
  EXPECT_THAT(list, HasSubstr("inet/udp/clts           127.0.0.1.0.111"));
  EXPECT_THAT(host.run("rpcinfo -l ::1 100000 4"), HasSubstr("inet6/udp/clts          ::1.0.111"));
  EXPECT_EQ(host.run("binder_tool getaddr udp 127.0.0.1 100000 4"), "127.0.0.1.0.111\n");
  const auto statistics = host.run("rpcinfo -m 127.0.0.1");
  EXPECT_THAT(statistics, HasSubstr("RPCBIND (version 4) statistics"));
  EXPECT_THAT(statistics, HasSubstr("portmapper      4\tudp\t  1           \t0"));
}

TEST_F(Rpcinfo, DeletesWhatItsUserOwns) {
  EXPECT_EQ(host.run("binder_tool set tcp 300001 1 127.0.0.1.8.1"), "TRUE\n");
  EXPECT_THAT(host.run("setpriv --reuid=1000 --clear-groups rpcinfo -d 300001 1"),
              HasSubstr("Could not delete registration"));
  EXPECT_EQ(host.run("rpcinfo -d -T tcp 300001 1"), "");
  EXPECT_THAT(host.run("rpcinfo"), Not(HasSubstr("300001")));
}

TEST_F(Rpcinfo, BroadcastsAreNotPassedOn) {
  EXPECT_THAT(host.run("timeout 1 rpcinfo -b 100000 2"), Not(HasSubstr("192.0.2.1")))
      << "the call is not passed on, and nothing is said about it";
}

struct LibtirpcPrograms : Rpcinfo {};

TEST_F(LibtirpcPrograms, RegisterAtStartAreFoundByNameAndWithdrawAtTheEnd) {
  auto server = host.start({"/run/bin/binder_tool", "serve", "300002", "7"});
  EXPECT_GE(std::stoi(server->wait_for("registered ")), 4);
  const auto all = host.run("rpcinfo");
  for (const std::string_view netid : {"tcp ", "udp ", "tcp6", "udp6"}) {
    EXPECT_THAT(all, HasSubstr("300002    7    " + std::string{netid}));
  }
  for (const std::string_view how : {"tcp 127.0.0.1", "udp 127.0.0.1", "tcp ::1", "udp ::1",
                                     "tcp 192.0.2.1", "udp 192.0.2.1", "tcp 2001:db8::1"}) {
    const auto line = "binder_tool call " + std::string{how} + " 300002 7";
    EXPECT_EQ(host.run(line), "RPC: Success\n") << line;
  }
  EXPECT_EQ(host.run("binder_tool call tcp 127.0.0.1 300003 7"),
            "RPC: Program not registered\nstatus 1\n");
  EXPECT_EQ(host.run("kill " + std::to_string(server->pid())), "");
  server->finish();
  EXPECT_THAT(host.run("rpcinfo"), Not(HasSubstr("300002")));
}

TEST_F(LibtirpcPrograms, AreTakenOutWhenTheyWereKilled) {
  auto server = host.start({"/run/bin/binder_tool", "serve", "300002", "7"});
  server->wait_for("registered ");
  EXPECT_EQ(host.run("binder_tool call tcp 127.0.0.1 300002 7"), "RPC: Success\n");
  server.reset();  // kills it
  EXPECT_EQ(host.run("binder_tool call tcp 127.0.0.1 300002 7"),
            "RPC: Program not registered\nstatus 1\n");
}

}  // namespace
}  // namespace tryst::binder
