#include <gtest/gtest.h>

#include <tryst/auth/none.hpp>
#include <tryst/auth/sys.hpp>
#include <tryst/error.hpp>
#include <tryst/rpc/message.hpp>

#include "xdr/hex.hpp"

namespace tryst::rpc {
namespace {

using test::bytes_of;
using test::hex_of;

// RFC 5531 §9: xid, CALL, rpcvers, prog, vers, proc, cred, verf.
constexpr std::string_view plain_call =
    "12345678 00000000 00000002 20000101 00000001 00000007 00000000 00000000 00000000 00000000";

TEST(Call, HeaderOfAuthNoneTakesFortyBytes) {
  xdr::byte_buffer out;
  put_call_header(out, 0x12345678, {0x20000101, 1}, 7);
  auth::none{}.put(out, 0);
  EXPECT_EQ(hex_of(out), hex_of(bytes_of(plain_call)));
  EXPECT_EQ(out.size(), 40U);
}

TEST(Call, HeaderIsParsedInPlace) {
  auto message = bytes_of(plain_call);
  const auto arguments = bytes_of("0a0b0c0d");
  message.insert(message.end(), arguments.begin(), arguments.end());
  const auto call = parse_call(message);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->xid, 0x12345678U);
  EXPECT_EQ(call->interface, (interface_id{0x20000101, 1}));
  EXPECT_EQ(call->procedure, 7U);
  EXPECT_EQ(call->credential.flavor, auth::flavor::none);
  EXPECT_TRUE(call->credential.body.empty());
  EXPECT_TRUE(call->verifier.body.empty());
  EXPECT_EQ(call->arguments.data(), message.data() + 40);
  EXPECT_EQ(call->arguments.size(), 4U);
  EXPECT_EQ(call->signed_part.data(), message.data());
  EXPECT_EQ(call->signed_part.size(), 32U);
}

TEST(Call, CredentialAndVerifierAreSpansWithoutTheirPadding) {
  const auto message = bytes_of(
      "00000001 00000000 00000002 00000003 00000004 00000005"
      "00000006 00000005 0102030405 000000"
      "00000007 00000002 0607 0000 ff");
  const auto call = parse_call(message);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->credential.flavor, auth::flavor::rpcsec_gss);
  EXPECT_EQ(hex_of(call->credential.body), "0102030405");
  EXPECT_EQ(call->verifier.flavor, auth::flavor::tls);
  EXPECT_EQ(hex_of(call->verifier.body), "0607");
  EXPECT_EQ(hex_of(call->arguments), "ff");
  EXPECT_EQ(call->signed_part.size(), 40U);
}

TEST(Call, PaddingThatIsNotZeroIsABadCredential) {
  auto message = bytes_of(
      "00000001 00000000 00000002 00000003 00000004 00000005"
      "00000006 00000005 0102030405 000000 00000000 00000000");
  for (std::size_t at = 37; at < 40; ++at) {
    auto dirty = message;
    dirty[at] = std::byte{1};
    const auto call = parse_call(dirty);
    ASSERT_FALSE(call);
    EXPECT_EQ(call.error().code, errc::auth_bad_cred);
  }
}

TEST(Call, TypeIsKnownOnlyOfCallsAndReplies) {
  EXPECT_EQ(type_of(bytes_of("00000001 00000000")), message_type::call);
  EXPECT_EQ(type_of(bytes_of("00000001 00000001")), message_type::reply);
  for (const char* neither : {"", "00000001", "00000001 000000", "00000001 00000002",
                              "00000001 01000000", "00000001 ffffffff"}) {
    EXPECT_FALSE(type_of(bytes_of(neither))) << neither;
  }
}

TEST(Pitfall08, AnotherVersionOfRpcIsAnsweredBeforeAnythingElseIsLookedAt) {
  // A credential of 2^32-1 bytes behind a version 3 of RPC.
  const auto call = parse_call(
      bytes_of("00000001 00000000 00000003 00000000 00000000 00000000 00000000 ffffffff"));
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error(), (refusal{.code = errc::rpc_mismatch, .low = 2, .high = 2}));
}

TEST(Pitfall08, ACredentialThatCannotBeReadIsAnsweredBeforeTheProgramIsLookedFor) {
  const auto call = parse_call(
      bytes_of("00000001 00000000 00000002 ffffffff ffffffff ffffffff 00000001 00000191"));
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error().code, errc::auth_bad_cred);
}

TEST(Pitfall12, AHeaderThatEndsAfterItsTypeIsStillAnswered) {
  const auto message = bytes_of("00000001 00000000");
  EXPECT_EQ(type_of(message), message_type::call);
  EXPECT_EQ(parse_call(message).error().code, errc::auth_bad_cred);
}

TEST(Pitfall12, WhatIsShorterIsNoMessageAtAll) {
  const auto message = bytes_of("00000001 00000000");
  for (std::size_t n = 0; n < 8; ++n) EXPECT_FALSE(type_of(std::span{message}.first(n)));
}

TEST(SecC1, EveryNumberOfAHeaderIsPassedOnAsItIs) {
  constexpr std::uint32_t grid[] = {0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
  for (const auto program : grid) {
    for (const auto version : grid) {
      for (const auto procedure : grid) {
        xdr::byte_buffer out;
        put_call_header(out, 9, {program, version}, procedure);
        auth::none{}.put(out, 0);
        const auto call = parse_call(out);
        ASSERT_TRUE(call);
        EXPECT_EQ(call->interface, (interface_id{program, version}));
        EXPECT_EQ(call->procedure, procedure);
      }
    }
  }
}

TEST(SecC1, EveryVersionOfRpcButTheSecondIsAMismatch) {
  for (const std::uint32_t version : {0U, 1U, 3U, 0x02000000U, 0x7fffffffU, 0x80000002U, ~0U}) {
    auto message = bytes_of(plain_call);
    xdr::store_big(message.data() + 8, version);
    const auto call = parse_call(message);
    ASSERT_FALSE(call) << version;
    EXPECT_EQ(call.error(), (refusal{.code = errc::rpc_mismatch, .low = 2, .high = 2}));
  }
}

}  // namespace
}  // namespace tryst::rpc
