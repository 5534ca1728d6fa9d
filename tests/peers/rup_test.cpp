// Debian's rup with examples/rstat, which it finds by each of three binders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "binder_peers/private_host.hpp"

namespace tryst {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using tests::private_host;

struct Rup : ::testing::Test {
  private_host host;
  test::scratch_directory proc;

  Rup() {
    std::ofstream{proc / "loadavg"} << "1.50 0.25 12.00 1/100 4711\n";
    std::ofstream{proc / "stat"} << "cpu  10 20 30 40 5 6 7 8 0 0\nbtime 946684800\n";
  }

  std::unique_ptr<test::peer_process> serve(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {RSTAT_SERVER, "--proc", proc.path()});
    auto server = host.start(std::move(options));
    // Its addresses come first.
    server->wait_for("tcp://");
    return server;
  }

  void expect_line() {
    EXPECT_THAT(host.run("rup 127.0.0.1"),
                AllOf(StartsWith("localhost "), HasSubstr(" up "), HasSubstr(" days"),
                      HasSubstr("load 1.50 0.25 12.00\n")));
  }
};

TEST_F(Rup, PrintsItsLineByOurBinderUntilTheServerEnds) {
  const auto binder = host.start_ours();
  const auto server = serve();
  server->wait_for("registered");
  expect_line();
  EXPECT_THAT(host.run("rpcinfo"),
              AllOf(HasSubstr("100001    3    udp "), HasSubstr("100001    4    tcp ")));
  ::kill(server->pid(), SIGTERM);
  server->finish();
  EXPECT_THAT(host.run("rpcinfo"), Not(HasSubstr("100001")));
}

TEST_F(Rup, PrintsItsLineByDebiansBinder) {
  const auto binder = host.start_debians();
  const auto server = serve();
  server->wait_for("registered");
  expect_line();
}

TEST_F(Rup, PrintsItsLineByTheServersOwnBinder) {
  const auto server = serve({"--own-binder"});
  server->wait_for("bound by itself");
  expect_line();
}

TEST_F(Rup, FindsNothingWhereThereIsNoBinder) {
  EXPECT_THAT(host.run(RSTAT_SERVER), AllOf(StartsWith("rstat_server: "), HasSubstr("status 1")));
}

// By a call to every binder, which that passes on. Ours does so for callers like this one only
// when the answer is no larger than the call, and these statistics are.
TEST_F(Rup, FindsItByBroadcast) {
  const auto binder = host.start_debians({"-r"});
  const auto server = serve({"--listen", "0.0.0.0"});
  server->wait_for("registered");
  host.allow_broadcast();
  const auto everywhere = host.start({"stdbuf", "-oL", "rup"});
  EXPECT_THAT(everywhere->wait_for(private_host::outer_v4),
              AllOf(HasSubstr(" up "), HasSubstr("load 1.50 0.25 12.00")));
}

// What the host has, as it has it.
TEST_F(Rup, ShowsTheLoadOfTheHostItself) {
  const auto binder = host.start_ours();
  const auto server = host.start({RSTAT_SERVER});
  server->wait_for("registered");
  const auto load_of = [&] { return host.run("cut -d' ' -f1-3 /proc/loadavg"); };
  std::string said;
  std::string before;
  do {  // it changes every five seconds
    before = load_of();
    said = host.run("rup 127.0.0.1");
  } while (before != load_of());
  EXPECT_THAT(said, HasSubstr("load " + before));
}

}  // namespace
}  // namespace tryst
