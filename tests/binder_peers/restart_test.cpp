// tryst-rpcbind ends, or is ended, and begins again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "binder_peers/private_host.hpp"

namespace tryst::binder {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tests::private_host;

constexpr std::uint32_t program = 536871169;  // CALC
const std::vector<std::string> with_state{"--state", "/run/state"};

struct Restart : ::testing::Test {
  private_host host;
  std::unique_ptr<test::peer_process> server;

  void serve() {
    server = host.start({"/run/bin/binder_tool", "serve", "300002", "7"});
    server->wait_for("registered ");
  }
};

TEST_F(Restart, WhatWasRegisteredIsStillThereAndWithdrawnByItsOwner) {
  auto binder = host.start_ours(with_state);
  serve();
  const auto before = host.run("rpcinfo");
  ::kill(binder->pid(), SIGTERM);
  binder->finish();
  binder = host.start_ours(with_state);
  EXPECT_EQ(host.run("rpcinfo"), before);
  EXPECT_EQ(host.run("binder_tool call udp 127.0.0.1 300002 7"), "RPC: Success\n");
  EXPECT_EQ(host.run("setpriv --reuid=1000 --clear-groups /run/bin/binder_tool unset - 300002 7"),
            "FALSE\n");
  EXPECT_EQ(host.run("binder_tool unset - 300002 7"), "TRUE\n");
}

TEST_F(Restart, KillingItLosesNothing) {
  auto binder = host.start_ours(with_state);
  serve();
  const auto before = host.run("rpcinfo");
  for (int i = 0; i < 10; ++i) {
    binder.reset();  // kills it
    binder = host.start_ours(with_state);
    ASSERT_EQ(host.run("rpcinfo"), before) << "round " << i;
  }
}

TEST_F(Restart, ServersThatEndedMeanwhileAreForgotten) {
  auto binder = host.start_ours(with_state);
  serve();
  binder.reset();
  server.reset();
  binder = host.start_ours(with_state);
  EXPECT_THAT(host.run("rpcinfo"), Not(HasSubstr("300002")));
}

// Entries of a server of ours: one for each of four transports.
std::string wait_for_entries(const private_host& host, int count) {
  return host.run("for ((i = 0; i < 6000; ++i)); do [ $(rpcinfo 2>/dev/null | grep -c ' " +
                  std::to_string(program) + " ') = " + std::to_string(count) +
                  " ] && exit; read -rt 0.01 <> <(:); done; rpcinfo");
}

TEST_F(Restart, OurServersComeBackByThemselvesToABinderThatKnowsNothing) {
  auto binder = host.start_ours();
  const auto ours = host.start({REGISTERING_SERVER});
  ours->wait_for("registered");
  for (int i = 0; i < 5; ++i) {
    binder.reset();  // kills it
    binder = host.start_ours();
    ASSERT_EQ(wait_for_entries(host, 4), "") << "round " << i;
  }
}

TEST_F(Restart, OurServersComeBackToDebiansBinderToo) {
  auto binder = host.start_debians();
  const auto ours = host.start({REGISTERING_SERVER});
  ours->wait_for("registered");
  for (int i = 0; i < 2; ++i) {
    binder.reset();
    binder = host.start_debians();
    ASSERT_EQ(wait_for_entries(host, 4), "") << "round " << i;
  }
}

TEST_F(Restart, AServerThatWasKilledIsNotAnsweredWith) {
  const auto binder = host.start_ours();
  for (int i = 0; i < 5; ++i) {
    auto ours = host.start({REGISTERING_SERVER});
    ours->wait_for("registered");
    const auto number = std::to_string(program);
    EXPECT_NE(host.run("binder_tool getport 6 127.0.0.1 " + number + " 1"), "0\n");
    ours.reset();  // kills it
    EXPECT_EQ(host.run("binder_tool getport 6 127.0.0.1 " + number + " 1"), "0\n");
    EXPECT_EQ(host.run("binder_tool getaddr udp6 ::1 " + number + " 1"),
              "RPC: Program not registered\nstatus 1\n");
  }
}

struct SecH2 : Restart {};

TEST_F(SecH2, AFileThatIsNotWholeCountsAsNone) {
  auto binder = host.start_ours(with_state);
  serve();
  for (const std::string_view damage :
       {"truncate -s -3 /run/state/entries", "sed -i s/300002/300003/ /run/state/entries",
        "truncate -s 0 /run/state/entries", "head -c 9000000 /dev/zero >/run/state/entries",
        "rm /run/state/entries; ln -s /etc/passwd /run/state/entries",
        "rm /run/state/entries; mkfifo /run/state/entries"}) {
    host.run("binder_tool set tcp 300009 1 0.0.0.0.8.1; binder_tool unset tcp 300009 1");
    binder.reset();
    EXPECT_EQ(host.run(std::string{damage}), "") << damage;
    binder = host.start_ours(with_state);
    EXPECT_THAT(host.run("rpcinfo"), Not(HasSubstr("30000"))) << damage;
    serve();
  }
}

TEST_F(SecH2, ADirectoryThatOthersCanWriteToIsNotUsed) {
  EXPECT_EQ(host.run("mkdir /run/open; chmod 777 /run/open; mkdir /run/mine; ln -s /run/mine "
                     "/run/link"),
            "");
  for (const std::string_view directory : {"/run/open", "/run/link"}) {
    EXPECT_THAT(host.run(TRYST_RPCBIND " --state " + std::string{directory}),
                HasSubstr("status 1"));
  }
}

TEST_F(SecH2, ItsDirectoryIsItsUsersAlone) {
  const auto binder = host.start_ours({"--state", "/run/state", "--user", "nobody"});
  serve();
  EXPECT_EQ(host.run("stat -c '%a %U' /run/state /run/state/entries"), "700 nobody\n600 nobody\n");
  EXPECT_THAT(host.run("grep Cap /proc/" + std::to_string(binder->pid()) + "/status"),
              HasSubstr("CapEff:\t0000000000000000"));
}

struct Pitfall80 : Restart {};

TEST_F(Pitfall80, SocketsOfSystemdAreKnownByWhatTheyAre) {
  const auto binder =
      host.start({"systemd-socket-activate", "-l", "[::1]:111", "-l", "/run/rpcbind.sock", "-l",
                  "127.0.0.1:111", "-l", "@/run/rpcbind.sock", TRYST_RPCBIND});
  host.run(
      "for ((i = 0; i < 1000; ++i)); do [ -S /run/rpcbind.sock ] && exit; "
      "read -rt 0.01 <> <(:); done");
  const auto all = host.run("rpcinfo");
  for (const std::string_view line :
       {"100000    4    local     /run/rpcbind.sock", "100000    2    tcp       127.0.0.1.0.111",
        "100000    4    tcp6      ::1.0.111"}) {
    EXPECT_THAT(all, HasSubstr(line));
  }
  EXPECT_THAT(all, Not(HasSubstr("udp"))) << "what was not passed is not served";
  EXPECT_EQ(host.run("binder_tool set tcp 300001 1 0.0.0.0.8.1"), "TRUE\n");
}

TEST_F(Pitfall80, DatagramsOfSystemdAreServed) {
  const auto binder =
      host.start({"systemd-socket-activate", "-d", "-l", "127.0.0.1:111", TRYST_RPCBIND});
  host.run(
      "for ((i = 0; i < 1000; ++i)); do grep -q :006F /proc/net/udp && exit; "
      "read -rt 0.01 <> <(:); done");
  EXPECT_EQ(host.run("rpcinfo -T udp 127.0.0.1 100000 4"),
            "program 100000 version 4 ready and waiting\n");
}

}  // namespace
}  // namespace tryst::binder
