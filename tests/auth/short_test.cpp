// AUTH_SHORT, at both ends (RFC 5531 Appendix A).
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <tryst/auth/sys.hpp>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/xdr/byte_order.hpp>

#include "xdr/hex.hpp"

namespace tryst::auth {
namespace {

using test::bytes_of;
using test::hex_of;

constexpr std::uint32_t rejectedcred = 2;

// A client's authenticator, and what the server decides about its next call.
class caller {
public:
  explicit caller(std::uint32_t uid, std::string_view host = "10.0.0.1")
      : sys_{{.machine_name = "here", .uid = uid, .gid = 5}}, host_{host} {}

  flavor next_flavor() {
    out_.clear();
    sys_.put(out_, 0);
    return static_cast<flavor>(xdr::load_big<std::uint32_t>(out_.data()));
  }
  verdict call(sys_verifier& server) {
    const flavor f = next_flavor();
    const auto length = xdr::load_big<std::uint32_t>(out_.data() + 4);
    who = {};
    const verdict decided =
        server.judge({.credential = {f, {out_.data() + 8, length}}, .peer = host_}, who);
    std::span<const std::byte> result;
    if (decided.is == verdict::kind::accepted) {
      EXPECT_FALSE(sys_.check(1, decided.reply, result));
    }
    return decided;
  }
  bool refresh() { return sys_.refresh(rejectedcred); }
  void moves_to(std::string_view host) { host_ = host; }

  identity who;

private:
  sys sys_;
  std::string_view host_;
  xdr::byte_buffer out_;
};

TEST(Pitfall47, AShorthandStandsForTheCredentialFromThenOn) {
  sys_verifier server{{.shorthands = 8}};
  EXPECT_TRUE(server.judges(flavor::shorthand));
  caller client{42};
  EXPECT_EQ(client.next_flavor(), flavor::sys);
  EXPECT_EQ(client.call(server).reply.flavor, flavor::shorthand);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.next_flavor(), flavor::shorthand);
    const auto decided = client.call(server);
    EXPECT_EQ(decided.is, verdict::kind::accepted);
    EXPECT_EQ(decided.reply.flavor, flavor::none);
    EXPECT_EQ(client.who.uid(), 42U);
    EXPECT_EQ(client.who.gid(), 5U);
  }
}

TEST(Pitfall47, TheFullCredentialIsSentAgainWhenTheServerHasForgotten) {
  sys_verifier server{{.shorthands = 8}};
  caller client{42};
  client.call(server);
  sys_verifier restarted{{.shorthands = 8}};
  const auto decided = client.call(restarted);
  EXPECT_EQ(decided.is, verdict::kind::refused);
  EXPECT_EQ(decided.why, errc::auth_rejected_cred);
  EXPECT_TRUE(client.refresh());
  EXPECT_EQ(client.next_flavor(), flavor::sys);
  EXPECT_EQ(client.call(restarted).is, verdict::kind::accepted);
  EXPECT_EQ(client.who.uid(), 42U);
}

TEST(Pitfall47, EveryCallUnderWayWithAForgottenShorthandIsWorthARepetition) {
  sys_verifier server{{.shorthands = 8}};
  caller client{42};
  client.call(server);
  for (int refused_calls = 0; refused_calls < 64; ++refused_calls) EXPECT_TRUE(client.refresh());
  EXPECT_EQ(client.next_flavor(), flavor::sys);
}

TEST(Pitfall47, AShorthandIsOfNoUseFromAnotherAddress) {
  sys_verifier server{{.shorthands = 8}};
  caller client{42};
  client.call(server);
  client.moves_to("10.0.0.2");
  EXPECT_EQ(client.call(server).why, errc::auth_rejected_cred);
  client.moves_to("10.0.0.1");
  EXPECT_EQ(client.call(server).is, verdict::kind::accepted);
}

TEST(Pitfall47, AShorthandCannotBeGuessed) {
  sys_verifier server{{.shorthands = 64}};
  std::set<std::string> seen;
  for (std::uint32_t uid = 0; uid < 64; ++uid) {
    caller client{uid};
    const auto offered = client.call(server).reply;
    EXPECT_EQ(offered.body.size(), 16U);
    EXPECT_TRUE(seen.insert(hex_of(offered.body)).second);
  }
  identity who;
  for (const char* guess : {"", "00000000", "00000000000000000000000000000000",
                            "000000000000000000000000000000000000000000000000"}) {
    const auto body = bytes_of(guess);
    const auto decided =
        server.judge({.credential = {flavor::shorthand, body}, .peer = "10.0.0.1"}, who);
    EXPECT_EQ(decided.why, errc::auth_rejected_cred) << guess;
    EXPECT_EQ(decided.is, verdict::kind::refused);
  }
}

TEST(Pitfall47, ShorthandsComeFromTheSourceThatIsHandedIn) {
  sys_verifier server{
      {.shorthands = 1, .random = +[] { return std::uint64_t{0x0102030405060708}; }}};
  caller client{42};
  EXPECT_EQ(hex_of(client.call(server).reply.body), "01020304050607080102030405060708");
}

TEST(Pitfall47, TheOneThatWasUsedLeastRecentlyIsForgotten) {
  sys_verifier server{{.shorthands = 2}};
  caller first{1};
  caller second{2};
  caller third{3};
  first.call(server);
  second.call(server);
  EXPECT_EQ(first.call(server).is, verdict::kind::accepted);
  third.call(server);
  EXPECT_EQ(first.call(server).is, verdict::kind::accepted);
  EXPECT_EQ(second.call(server).why, errc::auth_rejected_cred);
  EXPECT_EQ(third.call(server).is, verdict::kind::accepted);
}

TEST(Pitfall47, TheSameCredentialIsOfferedTheSameShorthand) {
  sys_verifier server{{.shorthands = 2}};
  caller one{7};
  caller same{7};
  const std::string offered = hex_of(one.call(server).reply.body);
  EXPECT_EQ(hex_of(same.call(server).reply.body), offered);
}

}  // namespace
}  // namespace tryst::auth
