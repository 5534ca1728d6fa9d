#include <gtest/gtest.h>

#include <tryst/auth/sys.hpp>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/xdr/writer.hpp>

#include "xdr/hex.hpp"

namespace tryst::auth {
namespace {

using test::bytes_of;

struct judged {
  verdict decided;
  identity who;

  bool accepted() const { return decided.is == verdict::kind::accepted; }
  bool is_bad_credential() const {
    return decided.is == verdict::kind::refused && decided.why == errc::auth_bad_cred;
  }
};

judged judge(std::span<const std::byte> body, flavor f = flavor::sys) {
  sys_verifier verifier;
  judged result;
  result.decided = verifier.judge({.credential = {f, body}}, result.who);
  return result;
}

// An AUTH_SYS body that need not keep the limits.
std::vector<std::byte> body_of(std::size_t name_length, std::size_t gid_count,
                               std::uint32_t uid = 1000, std::uint32_t gid = 100) {
  xdr::byte_buffer out;
  xdr::writer w{out};
  w.put_u32(7);
  w.put_u32(static_cast<std::uint32_t>(name_length));
  w.put_opaque(std::vector<std::byte>(name_length, std::byte{'n'}));
  w.put_u32(uid);
  w.put_u32(gid);
  w.put_u32(static_cast<std::uint32_t>(gid_count));
  for (std::size_t i = 0; i < gid_count; ++i) w.put_u32(static_cast<std::uint32_t>(i + 1));
  return {out.begin(), out.end()};
}

TEST(SysVerifier, TakesTheClaimAsItIs) {
  const auto body =
      bytes_of("11223344 00000005 776f6c6b65 000000 000003e8 00000064 00000002 00000004 0000001b");
  const auto [decided, who] = judge(body);
  EXPECT_EQ(decided.is, verdict::kind::accepted);
  EXPECT_EQ(who.flavor(), flavor::sys);
  EXPECT_FALSE(who.anonymous());
  EXPECT_EQ(who.uid(), 1000U);
  EXPECT_EQ(who.gid(), 100U);
  EXPECT_EQ(std::vector(who.gids().begin(), who.gids().end()), (std::vector{4U, 27U}));
  EXPECT_TRUE(who.in_group(100));
  EXPECT_TRUE(who.in_group(27));
  EXPECT_FALSE(who.in_group(5));
  EXPECT_EQ(who.machine_name(), "wolke");
}

TEST(SysVerifier, KnowsNothingOfOtherFlavors) {
  sys_verifier verifier;
  EXPECT_TRUE(verifier.judges(flavor::sys));
  EXPECT_FALSE(verifier.judges(flavor::none));
  EXPECT_FALSE(verifier.judges(flavor::shorthand));
  EXPECT_FALSE(verifier.judges(flavor::dh));
}

TEST(SysVerifier, LeavesAnIdentityAnonymousThatNobodyFilledIn) {
  const identity nobody;
  EXPECT_TRUE(nobody.anonymous());
  EXPECT_EQ(nobody.uid(), identity::nobody);
  EXPECT_TRUE(nobody.gids().empty());
}

TEST(Pitfall52, PseudoFlavorsAreKnownByTheirNumbers) {
  for (const std::uint32_t f : {390000U, 390003U, 390255U})
    EXPECT_TRUE(is_pseudo_flavor(flavor{f}));
  for (const std::uint32_t f : {0U, 6U, 389999U, 390256U, ~0U}) {
    EXPECT_FALSE(is_pseudo_flavor(flavor{f}));
  }
}

TEST(Pitfall44, MoreThanSixteenGroupsOrALongerNameAreABadCredential) {
  EXPECT_TRUE(judge(body_of(255, 16)).accepted());
  EXPECT_TRUE(judge(body_of(0, 0)).accepted());
  EXPECT_TRUE(judge(body_of(255, 17)).is_bad_credential());
  EXPECT_TRUE(judge(body_of(256, 0)).is_bad_credential());
}

TEST(Pitfall45, TheBodyIsTheStructureAndNothingElse) {
  auto body = body_of(5, 2);
  EXPECT_TRUE(judge(body).accepted());
  body.resize(body.size() + 4);
  EXPECT_TRUE(judge(body).is_bad_credential());
  body.resize(body.size() - 8);
  EXPECT_TRUE(judge(body).is_bad_credential());
}

TEST(Pitfall45, PaddingOfTheNameIsZero) {
  for (std::size_t at = 13; at < 16; ++at) {
    auto body = body_of(5, 0);
    body[at] = std::byte{1};
    EXPECT_TRUE(judge(body).is_bad_credential()) << at;
  }
}

TEST(Pitfall45, CountsThatOverflowAreABadCredential) {
  for (const std::uint32_t count : {17U, 0x40000000U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    auto gids = body_of(4, 16);
    xdr::store_big(gids.data() + 20, count);
    EXPECT_TRUE(judge(gids).is_bad_credential()) << count;
    auto name = body_of(4, 16);
    xdr::store_big(name.data() + 4, count == 17 ? 256 : count);
    EXPECT_TRUE(judge(name).is_bad_credential()) << count;
  }
}

TEST(Pitfall46, TheNumberThatMeansNoIdIsABadCredential) {
  EXPECT_TRUE(judge(body_of(4, 1, 0xffffffff, 100)).is_bad_credential());
  EXPECT_TRUE(judge(body_of(4, 1, 1000, 0xffffffff)).is_bad_credential());
  EXPECT_TRUE(judge(body_of(4, 1, 0xfffffffe, 0xfffffffe)).accepted());
}

TEST(Pitfall48, TheVerifierOfTheReplyIsEmptyWhateverTheCallBrought) {
  sys_verifier verifier;
  identity who;
  const auto body = body_of(4, 1);
  const auto echo = bytes_of("0102030405060708");
  const auto decided =
      verifier.judge({.credential = {flavor::sys, body}, .verifier = {flavor::sys, echo}}, who);
  EXPECT_EQ(decided.is, verdict::kind::accepted);
  EXPECT_EQ(decided.reply.flavor, flavor::none);
  EXPECT_TRUE(decided.reply.body.empty());
}

}  // namespace
}  // namespace tryst::auth
