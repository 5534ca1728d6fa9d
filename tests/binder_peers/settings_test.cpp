// What tryst-rpcbind is told, and what it tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "binder_peers/private_host.hpp"

namespace tryst::binder {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tests::private_host;

TEST(Settings, MayStandInAFile) {
  const private_host host;
  host.run("printf 'port = 1111\\nhost = \"192.0.2.1\"\\nudp = false\\n' >/run/conf");
  const auto binder = host.start_ours({"--config", "/run/conf"});
  const auto all = host.run("rpcinfo");
  EXPECT_THAT(all, HasSubstr("192.0.2.1.4.87"));
  EXPECT_THAT(host.run("rpcinfo -a 127.0.0.1.4.87 -T tcp 100000 4"), HasSubstr("ready"))
      << "loopback is always there, too";
  EXPECT_THAT(all, Not(HasSubstr("udp")));
  EXPECT_THAT(all, Not(HasSubstr("0.0.0.0")));
}

TEST(Settings, LimitTheRegistrationsOfAUser) {
  const private_host host;
  const auto binder = host.start_ours({"--entries-per-owner", "2", "--entries", "20"});
  const std::string set = "/run/bin/binder_tool set tcp $i 1 0.0.0.0.8.1; done";
  EXPECT_EQ(
      host.run("for i in 300001 300002 300003; do setpriv --reuid=1000 --clear-groups " + set),
      "TRUE\nTRUE\nFALSE\n");
  EXPECT_EQ(host.run("for i in 300011 300012 300013; do " + set), "TRUE\nTRUE\nTRUE\n");
}

TEST(Settings, AreRefusedWhenTheyMakeNoSense) {
  const private_host host;
  for (const std::string options :
       {"--host name.example", "--listen nowhere", "--user nobody-of-that-name", "--port 70000",
        "--allow-remote-call x", "--allow-remote-call 1:2:3:4x", "--what"}) {
    EXPECT_THAT(host.run(TRYST_RPCBIND " " + options + " </dev/null"), HasSubstr("status "))
        << options;
  }
}

TEST(Settings, ASecondBinderDoesNotStart) {
  const private_host host;
  const auto binder = host.start_ours();
  EXPECT_THAT(host.run(TRYST_RPCBIND), HasSubstr("status 1"));
  EXPECT_THAT(host.run("rpcinfo"), HasSubstr("portmapper")) << "and the first goes on";
}

// Debian's libtirpc knows the path; newer ones look for the abstract name before it, as our client.
TEST(Pitfall71, ProgramsFindTheAbstractSocketAndThePathAlike) {
  for (const std::string socket : {"unix:/run/rpcbind.sock", "unix:@/run/rpcbind.sock"}) {
    const private_host host;
    const auto binder = host.start_ours({"--listen", socket});
    const auto ours = host.start({REGISTERING_SERVER});
    ours->wait_for("registered");
    EXPECT_THAT(host.run(LOOKUP_CLIENT " - 536871169 1"), HasSubstr("udp6 udp://[::1]:")) << socket;
    if (!socket.starts_with("unix:@")) {
      EXPECT_EQ(host.run("binder_tool set tcp 300001 1 0.0.0.0.8.1"), "TRUE\n");
    }
  }
}

TEST(Metrics, TellWhatWasAskedAndWhatThereIs) {
  const private_host host;
  host.run("mkdir -m 777 /run/metrics");
  const auto binder = host.start_ours({"--metrics", "/run/metrics/binder.prom"});
  const auto metrics = host.run("cat /run/metrics/binder.prom");
  EXPECT_THAT(metrics, HasSubstr("tryst_rpcbind_entries 12\n"));
  EXPECT_THAT(metrics, HasSubstr("tryst_rpcbind_reply_cache_entries 0\n"));
}

}  // namespace
}  // namespace tryst::binder
