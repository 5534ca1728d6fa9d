#include <gtest/gtest.h>

#include <tryst/error.hpp>
#include <tryst/rpc/message.hpp>

#include "xdr/hex.hpp"

namespace tryst::rpc {
namespace {

using test::bytes_of;
using test::hex_of;

// RFC 5531 §9: xid, REPLY, reply_stat; if accepted the verifier, accept_stat and what it selects.
reply_header parsed(std::string_view hex) {
  static std::vector<std::byte> message;
  message = bytes_of(hex);
  const auto reply = parse_reply(message);
  EXPECT_TRUE(reply) << hex;
  return reply.value_or(reply_header{});
}

TEST(Reply, OfSuccessHasItsResultInPlace) {
  const auto message = bytes_of("00000001 00000001 00000000 00000000 00000000 00000000 0a0b0c0d");
  const auto reply = parse_reply(message);
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->why);
  EXPECT_EQ(reply->result.data(), message.data() + 24);
  EXPECT_EQ(reply->result.size(), 4U);
}

TEST(Reply, OfSuccessMayHaveAVerifier) {
  const auto reply =
      parsed("00000001 00000001 00000000 00000006 00000003 010203 00 00000000 0a0b0c0d");
  EXPECT_EQ(reply.verifier.flavor, auth::flavor::rpcsec_gss);
  EXPECT_EQ(hex_of(reply.verifier.body), "010203");
  EXPECT_EQ(hex_of(reply.result), "0a0b0c0d");
}

TEST(Reply, SaysWhyItRefuses) {
  const std::string accepted = "00000001 00000001 00000000 00000000 00000000";
  EXPECT_EQ(parsed(accepted + "00000001").why, errc::prog_unavail);
  EXPECT_EQ(parsed(accepted + "00000002 00000002 00000004").why,
            (refusal{.code = errc::prog_mismatch, .low = 2, .high = 4}));
  EXPECT_EQ(parsed(accepted + "00000003").why, errc::proc_unavail);
  EXPECT_EQ(parsed(accepted + "00000004").why, errc::garbage_args);
  EXPECT_EQ(parsed(accepted + "00000005").why, errc::system_err);
  const std::string denied = "00000001 00000001 00000001";
  EXPECT_EQ(parsed(denied + "00000000 00000002 00000003").why,
            (refusal{.code = errc::rpc_mismatch, .low = 2, .high = 3}));
}

TEST(Reply, SaysWhichAuthStatRefused) {
  const std::string denied = "00000001 00000001 00000001 00000001";
  constexpr errc names[] = {errc::auth_bad_cred, errc::auth_rejected_cred, errc::auth_bad_verf,
                            errc::auth_rejected_verf, errc::auth_too_weak};
  for (std::uint32_t stat = 1; stat <= 15; ++stat) {
    std::byte word[4];
    xdr::store_big(word, stat);
    const auto why = parsed(denied + hex_of(word)).why;
    EXPECT_EQ(why.code, stat <= 5 ? names[stat - 1] : errc::auth_refused) << stat;
    EXPECT_EQ(why.status, stat);
  }
}

TEST(Reply, WithAReplyStatThatNoRfcNamesIsInvalid) {
  for (const char* stat : {"00000002", "80000000", "ffffffff"}) {
    const auto reply = parse_reply(
        bytes_of(std::string{"00000001 00000001"} + stat + "00000000 00000000 00000000"));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error(), errc::reply_invalid);
  }
}

TEST(Pitfall09, ADenialHasNoVerifier) {
  // If a verifier were read, the auth_stat would be its length.
  const auto reply = parsed("00000001 00000001 00000001 00000001 00000005");
  EXPECT_EQ(reply.why.code, errc::auth_too_weak);
  EXPECT_TRUE(reply.verifier.body.empty());
}

TEST(Pitfall09, AnAcceptanceHasOneEvenWhenItIsAnError) {
  const auto reply =
      parsed("00000001 00000001 00000000 00000006 00000004 01020304 00000002 00000001 00000002");
  EXPECT_EQ(hex_of(reply.verifier.body), "01020304");
  EXPECT_EQ(reply.why, (refusal{.code = errc::prog_mismatch, .low = 1, .high = 2}));
}

TEST(Pitfall10, ARangeThatMakesNoSenseIsPassedOnAsItIs) {
  const auto reply =
      parsed("00000001 00000001 00000000 00000000 00000000 00000002 ffffffff 00000000");
  EXPECT_EQ(reply.why, (refusal{.code = errc::prog_mismatch, .low = ~0U, .high = 0}));
}

TEST(Pitfall13, NumbersThatNoRfcNamesAreRefusalsToo) {
  const auto accepted = parsed("00000001 00000001 00000000 00000000 00000000 00000006").why;
  EXPECT_EQ(accepted, (refusal{.code = errc::unknown_refusal, .status = 6}));
  const auto denied = parsed("00000001 00000001 00000001 00000002").why;
  EXPECT_EQ(denied, (refusal{.code = errc::unknown_refusal, .status = 2}));
  const auto auth = parsed("00000001 00000001 00000001 00000001 fffffffe").why;
  EXPECT_EQ(auth, (refusal{.code = errc::auth_refused, .status = 0xfffffffe}));
  for (const auto& why : {accepted, denied, auth}) EXPECT_EQ(why.code, outcome::refused);
  EXPECT_NE(auth.text().find("4294967294"), std::string::npos) << auth.text();
}

TEST(Pitfall14, ARefusalHasNoResultHoweverDecodableItsBytesAre) {
  const std::string accepted = "00000001 00000001 00000000 00000000 00000000";
  for (const char* why :
       {"00000001", "00000002 00000001 00000001", "00000003", "00000004", "00000005", "00000006"}) {
    const auto reply = parsed(accepted + why + "0000002a 0000002a 0000002a");
    EXPECT_TRUE(reply.why) << why;
    EXPECT_TRUE(reply.result.empty()) << why;
  }
  for (const char* why : {"00000000 00000002 00000002", "00000001 00000001", "00000007"}) {
    const auto reply =
        parsed(std::string{"00000001 00000001 00000001"} + why + "00000000 0000002a");
    EXPECT_TRUE(reply.why) << why;
    EXPECT_TRUE(reply.result.empty()) << why;
  }
}

TEST(Failure, IsOneLineForPeople) {
  EXPECT_EQ(failure{errc::garbage_args}.text(), make_error_code(errc::garbage_args).message());
  const failure range{refusal{.code = errc::prog_mismatch, .low = 2, .high = 3}};
  EXPECT_NE(range.text().find("(versions 2 to 3)"), std::string::npos) << range.text();
}

}  // namespace
}  // namespace tryst::rpc
