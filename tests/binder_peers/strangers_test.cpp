// What others than the programs of this host get from tryst-rpcbind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "binder_peers/private_host.hpp"

namespace tryst::binder {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tests::private_host;

const std::string strangers = "/usr/bin/python3 " STRANGERS " ";

struct measured {
  double worst = 0;
  std::size_t largest = 0;
  std::size_t answered = 0;
  std::size_t dump = 0;
};

measured measure(const private_host& host, const std::string& address) {
  const auto said = host.run(strangers + "amplification " + address);
  std::istringstream in{said};
  std::string word;
  measured m;
  in >> word >> m.worst >> word >> m.largest >> word >> m.answered;
  const auto at = said.find("dump ");
  EXPECT_NE(at, said.npos) << said;
  if (at != said.npos) m.dump = std::stoul(said.substr(at + 5));
  return m;
}

TEST(SecE1, NoAnswerByUdpIsLargerThanItsQuestionHoweverManyEntriesThereAre) {
  for (const int entries : {0, 6, 200}) {
    const private_host host;
    const auto binder = host.start_ours();
    host.run("for ((i = 0; i < " + std::to_string(entries) +
             "; ++i)); do binder_tool set tcp $((300001 + i)) 1 0.0.0.0.8.1; done");
    for (const std::string address : {private_host::outer_v4, private_host::outer_v6}) {
      const auto m = measure(host, address);
      EXPECT_LE(m.worst, 1.0) << entries << " entries, " << address;
      EXPECT_GT(m.answered, 100U) << "it does answer";
      EXPECT_GT(m.dump, static_cast<std::size_t>(entries) * 40) << "and all of it over TCP";
    }
    if (entries == 6) {
      EXPECT_GT(measure(host, "127.0.0.1").worst, 1.0) << "this host is told everything";
    }
  }
}

TEST(SecE3, SetAndUnsetByIpAreDeniedWhoeverAsks) {
  const private_host host;
  const auto binder = host.start_ours();
  for (const std::string_view address : {"127.0.0.1", "::1", "192.0.2.1", "2001:db8::1"}) {
    const auto said = host.run(strangers + "set " + std::string{address});
    std::istringstream in{said};
    int answers = 0;
    for (std::string line; std::getline(in, line); ++answers) {
      // MSG_DENIED, AUTH_ERROR, AUTH_TOOWEAK
      EXPECT_THAT(line, HasSubstr("(1, 1, 5)")) << address;
    }
    EXPECT_EQ(answers, 12) << said;
  }
  EXPECT_THAT(host.run("rpcinfo"), Not(HasSubstr("300001")));
}

TEST(SecE3, TheUnsafeOptionOpensLoopbackAndNothingElse) {
  const private_host host;
  const auto binder = host.start_ours({"--unsafe-loopback-registration"});
  EXPECT_THAT(host.run(strangers + "set 127.0.0.1"), HasSubstr("(0, 0, 0, 0, 1)"));
  EXPECT_THAT(host.run(strangers + "set 192.0.2.1"), Not(HasSubstr("(0, 0, 0, 0, 1)")));
}

}  // namespace
}  // namespace tryst::binder
