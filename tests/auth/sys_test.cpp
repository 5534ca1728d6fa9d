#include <gtest/gtest.h>

#include <tryst/auth/none.hpp>
#include <tryst/auth/sys.hpp>
#include <tryst/error.hpp>

#include "xdr/hex.hpp"

namespace tryst::auth {
namespace {

using test::bytes_of;
using test::hex_of;

std::string sent_by(authenticator& a) {
  xdr::byte_buffer out;
  a.put(out, 0);
  return hex_of(out);
}

bool makes(const sys_credential& who) {
  try {
    sys made{who};
    return true;
  } catch (const std::system_error& refused) {
    EXPECT_EQ(refused.code(), errc::arguments_invalid);
    return false;
  }
}

TEST(None, SendsTwoEmptyFields) {
  none nobody;
  EXPECT_EQ(sent_by(nobody), "00000000000000000000000000000000");
  EXPECT_FALSE(nobody.refresh(1));
}

// RFC 5531 Appendix A: stamp, machinename<255>, uid, gid, gids<16>; the verifier is AUTH_NONE.
TEST(Sys, SendsItsCredentialAsTheStandardSays) {
  sys me{{.stamp = 0x11223344, .machine_name = "wolke", .uid = 1000, .gid = 100, .gids = {4, 27}}};
  EXPECT_EQ(sent_by(me), hex_of(bytes_of("00000001 00000024 11223344 00000005 776f6c6b65 000000"
                                         "000003e8 00000064 00000002 00000004 0000001b"
                                         "00000000 00000000")));
}

TEST(Sys, KnowsThisProcess) {
  const auto me = sys_credential::of_this_process();
  EXPECT_LE(me.gids.size(), max_gids);
  EXPECT_LE(me.machine_name.size(), max_machine_name);
  EXPECT_TRUE(makes(me));
}

TEST(Pitfall44, ACredentialBeyondTheLimitsIsAnErrorAndNeverTruncated) {
  EXPECT_TRUE(
      makes({.machine_name = std::string(255, 'x'), .gids = std::vector<std::uint32_t>(16, 1)}));
  EXPECT_FALSE(makes({.machine_name = std::string(256, 'x')}));
  EXPECT_FALSE(makes({.gids = std::vector<std::uint32_t>(17, 1)}));
}

TEST(Pitfall48, AReplyMayEchoTheVerifierOfTheCallOrBringAnyOther) {
  sys me{{}};
  const std::string before = sent_by(me);
  const auto body = bytes_of("01020304");
  std::span<const std::byte> result;
  for (const std::uint32_t f : {0U, 1U, 3U, 6U, 99U}) {
    EXPECT_FALSE(me.check(1, {flavor{f}, body}, result));
    EXPECT_EQ(sent_by(me), before);
  }
}

TEST(Pitfall49, OnlyWhatANewCredentialCanMendIsWorthARepetition) {
  sys me{{}};
  for (std::uint32_t stat = 0; stat < 20; ++stat) EXPECT_FALSE(me.refresh(stat)) << stat;
  const auto shorthand = bytes_of("01020304");
  std::span<const std::byte> result;
  ASSERT_FALSE(me.check(1, {flavor::shorthand, shorthand}, result));
  constexpr std::uint32_t rejectedcred = 2;
  for (std::uint32_t stat = 0; stat < 20; ++stat) {
    EXPECT_EQ(me.refresh(stat), stat == rejectedcred) << stat;
  }
}

}  // namespace
}  // namespace tryst::auth
