// What we answer, byte by byte (RFC 5531 §9).
#include <gtest/gtest.h>

#include <algorithm>
#include <tryst/error.hpp>
#include <tryst/rpc/message.hpp>

#include "xdr/hex.hpp"

namespace tryst::rpc {
namespace {

using test::bytes_of;
using test::hex_of;

// A buffer whose memory is full of something else, so that a byte that nobody writes shows.
xdr::byte_buffer used_buffer() {
  xdr::byte_buffer used;
  std::fill_n(used.extend(1024), 1024, std::byte{0xee});
  used.clear();
  return used;
}

std::string refused_with(const refusal& why, const auth::opaque_auth& verifier = {}) {
  xdr::byte_buffer out = used_buffer();
  put_refusal(out, 0xa1b2c3d4, why, verifier);
  return hex_of(out);
}

std::string golden(std::string_view hex) { return hex_of(bytes_of(hex)); }

TEST(SecC2, EveryByteOfAnAcceptedRefusalIsDefined) {
  const std::string start = "a1b2c3d4 00000001 00000000 00000000 00000000";
  EXPECT_EQ(refused_with({errc::prog_unavail}), golden(start + "00000001"));
  EXPECT_EQ(refused_with({.code = errc::prog_mismatch, .low = 2, .high = 5}),
            golden(start + "00000002 00000002 00000005"));
  EXPECT_EQ(refused_with({errc::prog_mismatch}), golden(start + "00000002 00000000 00000000"));
  EXPECT_EQ(refused_with({errc::proc_unavail}), golden(start + "00000003"));
  EXPECT_EQ(refused_with({errc::garbage_args}), golden(start + "00000004"));
  EXPECT_EQ(refused_with({errc::system_err}), golden(start + "00000005"));
  EXPECT_EQ(refused_with({.code = errc::unknown_refusal, .status = 77}),
            golden(start + "0000004d"));
}

TEST(SecC2, EveryByteOfADenialIsDefined) {
  const std::string start = "a1b2c3d4 00000001 00000001";
  EXPECT_EQ(refused_with({.code = errc::rpc_mismatch, .low = 2, .high = 2}),
            golden(start + "00000000 00000002 00000002"));
  EXPECT_EQ(refused_with({errc::auth_bad_cred}), golden(start + "00000001 00000001"));
  EXPECT_EQ(refused_with({errc::auth_rejected_cred}), golden(start + "00000001 00000002"));
  EXPECT_EQ(refused_with({errc::auth_bad_verf}), golden(start + "00000001 00000003"));
  EXPECT_EQ(refused_with({errc::auth_rejected_verf}), golden(start + "00000001 00000004"));
  EXPECT_EQ(refused_with({errc::auth_too_weak}), golden(start + "00000001 00000005"));
  // RPCSEC_GSS_CREDPROBLEM (RFC 2203 §5.3.3.3), and AUTH_FAILED for want of a number.
  EXPECT_EQ(refused_with({.code = errc::auth_refused, .status = 13}),
            golden(start + "00000001 0000000d"));
  EXPECT_EQ(refused_with({errc::auth_refused}), golden(start + "00000001 00000007"));
}

TEST(SecC2, EveryByteOfASuccessIsDefined) {
  std::byte plain[plain_success_size];
  std::ranges::fill(plain, std::byte{0xee});
  put_plain_success(plain, 0xa1b2c3d4);
  EXPECT_EQ(hex_of(plain), golden("a1b2c3d4 00000001 00000000 00000000 00000000 00000000"));
  xdr::byte_buffer out = used_buffer();
  put_success(out, 0xa1b2c3d4, {});
  EXPECT_EQ(hex_of(out), hex_of(plain));
}

TEST(SecC2, TheVerifierOfAReplyIsPaddedWithZeros) {
  const auto mic = bytes_of("010203");
  const auth::opaque_auth verifier{auth::flavor::rpcsec_gss, mic};
  xdr::byte_buffer out = used_buffer();
  put_success(out, 1, verifier);
  EXPECT_EQ(hex_of(out), golden("00000001 00000001 00000000 00000006 00000003 01020300 00000000"));
  EXPECT_EQ(refused_with({errc::garbage_args}, verifier),
            golden("a1b2c3d4 00000001 00000000 00000006 00000003 01020300 00000004"));
}

TEST(Refusal, ThatNoServerCanSendBecomesASystemError) {
  for (const errc code : {errc::timed_out, errc::closed, errc::truncated, errc::unknown_refusal}) {
    EXPECT_EQ(refused_with({code}), refused_with({errc::system_err}));
  }
}

// RFC 5531 §10.1 leaves open what AUTH_NONE's verifier says.
TEST(Refusal, OfACallThatDidNotRunIsASystemErrorThatSaysMoreToThoseWhoKnow) {
  const auto body = bytes_of("01020304");
  const std::string marked =
      golden("a1b2c3d4 00000001 00000000 00000000 00000008 4e4556455252414e 00000005");
  EXPECT_EQ(refused_with({errc::not_admitted}), marked);
  EXPECT_EQ(refused_with({errc::not_admitted}, {auth::flavor::shorthand, body}), marked);
  // A verifier that vouches for the reply keeps its place.
  EXPECT_EQ(refused_with({errc::not_admitted}, {auth::flavor::rpcsec_gss, body}),
            refused_with({errc::system_err}, {auth::flavor::rpcsec_gss, body}));

  const auto code_of = [](std::string_view reply) {
    return parse_reply(bytes_of(reply)).value().why.code;
  };
  EXPECT_EQ(code_of(marked), errc::not_admitted);
  const std::string start = "a1b2c3d4 00000001 00000000 ";
  EXPECT_EQ(code_of(start + "00000000 00000008 4e45564552525454 00000005"), errc::system_err);
  EXPECT_EQ(code_of(start + "00000002 00000008 4e4556455252414e 00000005"), errc::system_err);
  EXPECT_EQ(code_of(start + "00000000 00000008 4e4556455252414e 00000004"), errc::garbage_args);
}

TEST(Refusal, IsReadAsItWasWritten) {
  for (auto code = static_cast<std::uint8_t>(errc::rpc_mismatch);
       code <= static_cast<std::uint8_t>(errc::unknown_refusal); ++code) {
    refusal sent{.code = static_cast<errc>(code)};
    if (sent.code == errc::rpc_mismatch || sent.code == errc::prog_mismatch) {
      sent.low = 3;
      sent.high = 9;
    }
    if (sent.code == errc::unknown_refusal || sent.code == errc::auth_refused) sent.status = 99;
    xdr::byte_buffer out;
    put_refusal(out, 1, sent);
    const auto reply = parse_reply(out);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->why.code, sent.code);
    EXPECT_EQ(reply->why.low, sent.low);
    EXPECT_EQ(reply->why.high, sent.high);
  }
}

TEST(Pitfall09, WeSendNoVerifierInADenial) {
  const auto mic = bytes_of("0102030405060708");
  const auth::opaque_auth verifier{auth::flavor::rpcsec_gss, mic};
  EXPECT_EQ(refused_with({errc::auth_too_weak}, verifier), refused_with({errc::auth_too_weak}));
  EXPECT_EQ(refused_with({errc::rpc_mismatch}, verifier), refused_with({errc::rpc_mismatch}));
}

TEST(Pitfall17, AnyXidIsEchoedVerbatim) {
  for (const std::uint32_t xid : {0U, 1U, 0x80000000U, 0x01020304U, 0xffffffffU}) {
    std::byte plain[plain_success_size];
    put_plain_success(plain, xid);
    EXPECT_EQ(xid_of(plain), xid);
    xdr::byte_buffer out;
    put_refusal(out, xid, {errc::proc_unavail});
    EXPECT_EQ(xid_of(out), xid);
  }
}

}  // namespace
}  // namespace tryst::rpc
