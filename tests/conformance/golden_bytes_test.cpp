// The bytes that the RFCs themselves give, or that follow from them word by word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nfs3.hpp"
#include "rpc_msg.hpp"
#include "rpcsec_gss.hpp"
#include "sillyprog.hpp"
#include "unknown_to_rpcgen.hpp"

namespace {

using tryst::xdr::from_bytes;
using tryst::xdr::to_bytes;

std::vector<std::byte> bytes_of(std::string_view hex) {
  std::vector<std::byte> bytes;
  std::string digits;
  for (const char c : hex) {
    if (c == ' ' || c == '\n') continue;
    digits += c;
    if (digits.size() == 2) {
      bytes.push_back(static_cast<std::byte>(std::stoi(digits, nullptr, 16)));
      digits.clear();
    }
  }
  return bytes;
}

std::vector<std::byte> text(std::string_view characters) {
  std::vector<std::byte> bytes;
  for (const char c : characters) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

/// The value has exactly these bytes, and they are read as this value.
template <class T>
void expect_wire(const T& value, std::string_view hex) {
  const auto expected = bytes_of(hex);
  const auto written = to_bytes(value);
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_THAT(std::vector(written->data(), written->data() + written->size()),
              testing::ElementsAreArray(expected));
  const auto read = from_bytes<T>(expected);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, value);
}

// RFC 4506 §7: the file "sillyprog" of user "john".
TEST(GoldenBytes, AreThoseOfTheExampleInTheStandard) {
  sillyprog::file file;
  file.filename = "sillyprog";
  file.type.set_interpretor("lisp");
  file.owner = "john";
  file.data = text("(quit)");
  expect_wire(file,
              "00 00 00 09  73 69 6c 6c  79 70 72 6f  67 00 00 00"
              "00 00 00 02  00 00 00 04  6c 69 73 70"
              "00 00 00 04  6a 6f 68 6e"
              "00 00 00 06  28 71 75 69  74 29 00 00");
}

// RFC 5531 §9 and appendix A: NULL of NFS 3 with an AUTH_SYS credential.
TEST(GoldenBytes, OfACallAreTheHeaderOfRfc5531) {
  rpc_msg::authsys_parms who;
  who.stamp = 7;
  who.machinename = "peer";
  who.uid = 1000;
  who.gid = 100;
  who.gids = {100, 27};
  const auto credential = to_bytes(who);
  ASSERT_TRUE(credential);

  rpc_msg::call_body call;
  call.rpcvers = 2;
  call.prog = 100003;
  call.vers = 3;
  call.proc = 0;
  call.cred.flavor = rpc_msg::AUTH_SYS;
  call.cred.body.assign(credential->data(), credential->data() + credential->size());
  call.verf.flavor = rpc_msg::AUTH_NONE;
  rpc_msg::rpc_msg message;
  message.xid = 0x12345678;
  message.body.set_cbody(call);
  expect_wire(message,
              "12 34 56 78  00 00 00 00"
              "00 00 00 02  00 01 86 a3  00 00 00 03  00 00 00 00"
              "00 00 00 01  00 00 00 20"
              "00 00 00 07  00 00 00 04  70 65 65 72  00 00 03 e8  00 00 00 64"
              "00 00 00 02  00 00 00 64  00 00 00 1b"
              "00 00 00 00  00 00 00 00");
}

// RFC 5531 §9: the versions that the server does have.
TEST(GoldenBytes, OfAProgramMismatchCarryTheRange) {
  rpc_msg::accepted_reply accepted;
  accepted.verf.flavor = rpc_msg::AUTH_NONE;
  accepted.reply_data.set_mismatch_info({2, 4});
  rpc_msg::reply_body reply;
  reply.set_areply(accepted);
  rpc_msg::rpc_msg message;
  message.xid = 1;
  message.body.set_rbody(reply);
  expect_wire(message,
              "00 00 00 01  00 00 00 01  00 00 00 00  00 00 00 00  00 00 00 00"
              "00 00 00 02  00 00 00 02  00 00 00 04");
}

// RFC 5531 §9: AUTH_ERROR with AUTH_TOOWEAK.
TEST(GoldenBytes, OfADenialCarryTheReason) {
  rpc_msg::rejected_reply rejected;
  rejected.set_auth_reason(rpc_msg::AUTH_TOOWEAK);
  rpc_msg::reply_body reply;
  reply.set_rreply(rejected);
  expect_wire(reply, "00 00 00 01  00 00 00 01  00 00 00 05");
}

// RFC 1813 §3.3.3: LOOKUP of "etc" in a directory whose handle has five bytes.
TEST(GoldenBytes, OfALookupPadTheHandleAndTheName) {
  nfs3::LOOKUP3args lookup;
  lookup.what.dir.data = bytes_of("01 02 03 04 05");
  lookup.what.name = "etc";
  expect_wire(lookup,
              "00 00 00 05  01 02 03 04  05 00 00 00"
              "00 00 00 03  65 74 63 00");
}

// RFC 1813 §3.3.16: a directory with two names, a list that ends with FALSE.
TEST(GoldenBytes, OfADirectoryAreAListOfOptionalEntries) {
  nfs3::READDIR3resok directory;
  ASSERT_TRUE(directory.dir_attributes.set_attributes_follow(false));
  nfs3::entry3 last;
  last.fileid = 3;
  last.name = "b";
  last.cookie = 2;
  nfs3::entry3 first;
  first.fileid = 2;
  first.name = "a";
  first.cookie = 1;
  first.nextentry.emplace(last);
  directory.reply.entries.emplace(first);
  directory.reply.eof = true;
  nfs3::READDIR3res reply;
  reply.set_resok(directory);
  expect_wire(reply,
              "00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00"
              "00 00 00 01  00 00 00 00  00 00 00 02  00 00 00 01  61 00 00 00"
              "00 00 00 00  00 00 00 01"
              "00 00 00 01  00 00 00 00  00 00 00 03  00 00 00 01  62 00 00 00"
              "00 00 00 00  00 00 00 02"
              "00 00 00 00  00 00 00 01");
}

// RFC 2203 §5: the credential of a call in an established context.
TEST(GoldenBytes, OfAGssCredentialAreVersionProcedureNumberServiceAndHandle) {
  rpcsec_gss::rpc_gss_cred_t credential;
  auto& version_1 = credential.cred;
  ASSERT_TRUE(version_1.set_version(rpcsec_gss::RPCSEC_GSS_VERS_1));
  auto* fields = version_1.rpc_gss_cred_vers_1_t();
  ASSERT_NE(fields, nullptr);
  fields->gss_proc = rpcsec_gss::RPCSEC_GSS_DATA;
  fields->seq_num = 5;
  fields->service = rpcsec_gss::rpc_gss_svc_privacy;
  fields->handle = bytes_of("aa bb");
  expect_wire(credential,
              "00 00 00 01  00 00 00 00  00 00 00 05  00 00 00 03  00 00 00 02  aa bb 00 00");
}

// RFC 4506 §4.8: 1 as an IEEE quadruple is 3fff and zeros.
TEST(GoldenBytes, OfAQuadrupleAreItsSixteenBytes) {
  unknown_to_rpcgen::numbers numbers;
  const auto one = bytes_of("3f ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
  std::copy(one.begin(), one.end(), reinterpret_cast<std::byte*>(&numbers.first));
  numbers.rest = {numbers.first};
  expect_wire(numbers,
              "3f ff 00 00  00 00 00 00  00 00 00 00  00 00 00 00"
              "00 00 00 01"
              "3f ff 00 00  00 00 00 00  00 00 00 00  00 00 00 00");
}

// RFC 4506 §4.14, §4.15 and §4.19: types inside of types leave no trace on the wire.
TEST(GoldenBytes, OfNestedTypesAreThoseOfTheirMembers) {
  unknown_to_rpcgen::nested nested;
  nested.place.x = -1;
  ASSERT_TRUE(nested.rule.set_how(1));
  nested.rule.range()->low = 1;
  nested.rule.range()->high = -2;
  nested.nickname.emplace("ab");
  nested.place.where = static_cast<decltype(nested.place.where)>(2);
  expect_wire(nested,
              "ff ff ff ff  00 00 00 02"
              "00 00 00 01  00 00 00 00  00 00 00 01  ff ff ff ff  ff ff ff fe"
              "00 00 00 01  00 00 00 02  61 62 00 00");
  ASSERT_TRUE(nested.rule.set_how(9));
  *nested.rule.reason() = "no";
  nested.nickname.reset();
  expect_wire(nested,
              "ff ff ff ff  00 00 00 02"
              "00 00 00 09  00 00 00 02  6e 6f 00 00"
              "00 00 00 00");
}

}  // namespace
