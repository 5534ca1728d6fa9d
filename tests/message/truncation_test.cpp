// Messages cut at every byte, and credentials of every length.
#include <gtest/gtest.h>

#include <memory>
#include <tryst/auth/sys.hpp>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/error.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/xdr/writer.hpp>

#include "xdr/hex.hpp"

namespace tryst::rpc {
namespace {

using test::bytes_of;
using test::hex_of;

// The bytes alone in memory of their own, so that a sanitizer sees the first one beyond.
class exactly {
public:
  explicit exactly(std::span<const std::byte> bytes)
      : size_{bytes.size()}, bytes_{std::make_unique<std::byte[]>(size_)} {
    std::ranges::copy(bytes, bytes_.get());
  }
  operator std::span<const std::byte>() const { return {bytes_.get(), size_}; }

private:
  std::size_t size_;
  std::unique_ptr<std::byte[]> bytes_;
};

std::vector<std::byte> call_with(auth::flavor f, std::size_t length, std::size_t present) {
  xdr::byte_buffer out;
  put_call_header(out, 1, {2, 3}, 4);
  std::byte* at = out.extend(8);
  xdr::store_big(at, static_cast<std::uint32_t>(f));
  xdr::store_big(at + 4, static_cast<std::uint32_t>(length));
  std::fill_n(out.extend(present), present, std::byte{});
  return {out.begin(), out.end()};
}

TEST(SecA3, CredentialsUpToFourHundredBytesAreSpansIntoTheMessage) {
  for (const std::uint32_t f : {0U, 1U, 2U, 3U, 6U, 7U, 390003U, ~0U}) {
    for (std::size_t length = 0; length <= 400; ++length) {
      const exactly message{call_with(auth::flavor{f}, length, xdr::padded(length) + 8)};
      const auto call = parse_call(message);
      ASSERT_TRUE(call) << f << ", " << length;
      const std::span<const std::byte> all{message};
      EXPECT_EQ(call->credential.body.size(), length);
      EXPECT_EQ(call->credential.body.data(), all.data() + 32);
      EXPECT_TRUE(call->arguments.empty());
    }
  }
}

TEST(SecA3, LongerCredentialsAreRefusedWhetherTheirBytesAreThereOrNot) {
  for (const std::size_t length :
       {401UL, 404UL, 65536UL, 0x7fffffffUL, 0x80000000UL, 0xfffffffcUL, 0xffffffffUL}) {
    for (const std::size_t present : {0UL, 8UL, 400UL, 70000UL}) {
      const exactly message{call_with(auth::flavor::sys, length, present)};
      const auto call = parse_call(message);
      ASSERT_FALSE(call);
      EXPECT_EQ(call.error().code, errc::auth_bad_cred) << length << ", " << present;
    }
  }
}

TEST(SecA3, TheSameHoldsForVerifiersOfCallsAndReplies) {
  auto call = bytes_of(
      "00000001 00000000 00000002 00000003 00000004 00000005 00000000 00000000"
      "00000001 00000190");
  call.resize(call.size() + 400);
  EXPECT_TRUE(parse_call(call));
  call[39] = std::byte{0x91};
  call.resize(call.size() + 4);
  EXPECT_EQ(parse_call(call).error().code, errc::auth_bad_verf);

  auto reply = bytes_of("00000001 00000001 00000000 00000001 00000190");
  reply.resize(reply.size() + 400 + 4);
  EXPECT_TRUE(parse_reply(reply));
  reply[19] = std::byte{0x91};
  reply.resize(reply.size() + 4);
  EXPECT_EQ(parse_reply(reply).error(), errc::reply_invalid);
}

TEST(SecA4, ACallCutAtAnyByteOfItsHeaderIsRefusedForWhatIsMissing) {
  xdr::byte_buffer out;
  put_call_header(out, 1, {2, 3}, 4);
  auth::sys{{.machine_name = "host", .uid = 1, .gid = 2, .gids = {3, 4}}}.put(out, 0);
  const std::span<const std::byte> whole{out};
  const std::size_t end_of_credential = whole.size() - 8;
  for (std::size_t n = 8; n < whole.size(); ++n) {
    const exactly cut{whole.first(n)};
    const auto call = parse_call(cut);
    ASSERT_FALSE(call) << n;
    EXPECT_EQ(call.error().code, n < end_of_credential ? errc::auth_bad_cred : errc::auth_bad_verf)
        << n;
  }
  EXPECT_TRUE(parse_call(whole));
}

TEST(SecA4, ACredentialCutAtAnyByteIsABadCredential) {
  xdr::byte_buffer out;
  auth::sys{{.machine_name = "host", .uid = 1, .gid = 2, .gids = {3, 4}}}.put(out, 0);
  const std::span<const std::byte> body{out.data() + 8, out.size() - 16};
  auth::sys_verifier verifier;
  for (std::size_t n = 0; n <= body.size(); ++n) {
    const exactly cut{body.first(n)};
    auth::identity who;
    const auto decided =
        verifier.judge({.credential = {.flavor = auth::flavor::sys, .body = cut}}, who);
    if (n == body.size()) {
      EXPECT_EQ(decided.is, auth::verdict::kind::accepted);
    } else {
      EXPECT_EQ(decided.is, auth::verdict::kind::refused) << n;
      EXPECT_EQ(decided.why, errc::auth_bad_cred) << n;
    }
  }
}

TEST(SecA4, AReplyCutAtAnyByteOfItsHeaderIsInvalid) {
  for (const char* hex : {
           "00000001 00000001 00000000 00000000 00000000 00000000",
           "00000001 00000001 00000000 00000006 00000005 0102030405 000000 00000000",
           "00000001 00000001 00000000 00000000 00000000 00000002 00000001 00000004",
           "00000001 00000001 00000000 00000000 00000000 00000005",
           "00000001 00000001 00000001 00000000 00000002 00000002",
           "00000001 00000001 00000001 00000001 00000005",
           "00000001 00000001 00000001 00000009",
       }) {
    const auto whole = bytes_of(hex);
    EXPECT_TRUE(parse_reply(whole)) << hex;
    for (std::size_t n = 8; n < whole.size(); ++n) {
      const exactly cut{std::span{whole}.first(n)};
      const auto reply = parse_reply(cut);
      ASSERT_FALSE(reply) << hex << " cut at " << n;
      EXPECT_EQ(reply.error(), errc::reply_invalid);
    }
  }
}

}  // namespace
}  // namespace tryst::rpc
