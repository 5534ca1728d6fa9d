// Call headers that no library would send, word by word, and what our server answers: RFC 5531 §9.
#include <gtest/gtest.h>

#include "interop/peer_service.hpp"
#include "interop/raw_socket.hpp"

namespace tryst::interop {
namespace {

constexpr std::uint32_t prog = 0x20000104;
constexpr std::uint32_t call = 0;
constexpr std::uint32_t reply = 1;
constexpr std::uint32_t accepted = 0;
constexpr std::uint32_t denied = 1;
constexpr std::uint32_t auth_error = 1;
constexpr std::uint32_t auth_sys = 1;

class Header : public testing::Test {
protected:
  void serve(rpc::service_options options = {.auth = {.sys = true}}) {
    serve_peer(server_, std::move(options));
    client_.emplace(raw_socket::connected_to(server_.listen("tcp://127.0.0.1:0")));
  }

  words answer_to(const words& message) {
    client_->send(to_record(message));
    return next_message(loop_, *client_);
  }

  /// With the credential and the verifier given, ADD(2, 3).
  words answer_to_add(words credential, words verifier = {0, 0}) {
    words message{9, call, 2, prog, 2, 1};
    message.insert(message.end(), credential.begin(), credential.end());
    message.insert(message.end(), verifier.begin(), verifier.end());
    message.insert(message.end(), {2, 3});
    return answer_to(message);
  }

  epoll_loop loop_;
  rpc::server server_{loop_};
  std::optional<raw_socket> client_;
};

const words five{9, reply, accepted, 0, 0, 0, 5};
words denial(std::uint32_t auth_stat) { return {9, reply, denied, auth_error, auth_stat}; }

using Pitfall08 = Header;
using Pitfall09 = Header;
using Pitfall10 = Header;
using Pitfall11 = Header;
using Pitfall12 = Header;
using Pitfall15 = Header;
using Pitfall16 = Header;
using Pitfall17 = Header;
using Pitfall44 = Header;
using Pitfall45 = Header;
using Pitfall48 = Header;
using Pitfall51 = Header;
using Pitfall53 = Header;

// Each message is wrong in all the ways that the ones after it are, and in one more.
TEST_F(Pitfall08, WhatIsWrongIsToldInTheOrderOfTheHeader) {
  serve();
  EXPECT_EQ(answer_to({9, call, 3, prog + 1, 3, 9, 77, 0, 0, 0, 1}),
            (words{9, reply, denied, 0, 2, 2}));
  EXPECT_EQ(answer_to({9, call, 2, prog + 1, 3, 9, 77, 0, 0, 0, 1}), denial(2));
  EXPECT_EQ(answer_to({9, call, 2, prog + 1, 3, 9, 0, 0, 0, 0, 1}),
            (words{9, reply, accepted, 0, 0, 1}));
  EXPECT_EQ(answer_to({9, call, 2, prog, 3, 9, 0, 0, 0, 0, 1}),
            (words{9, reply, accepted, 0, 0, 2, 2, 4}));
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 9, 0, 0, 0, 0, 1}),
            (words{9, reply, accepted, 0, 0, 3}));
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 1, 0, 0, 0, 0, 1}),
            (words{9, reply, accepted, 0, 0, 4}));
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 5, 0, 0, 0, 0, peer::SYSTEM}),
            (words{9, reply, accepted, 0, 0, 5}));
  EXPECT_EQ(answer_to_add({0, 0}), five);
}

TEST_F(Pitfall09, ADenialHasNoVerifierAndAnErrorOfACallHasOne) {
  serve();
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 5, 0, 0, 0, 0, peer::TOO_WEAK}), denial(5));
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 5, 0, 0, 0, 0, peer::GARBAGE}),
            (words{9, reply, accepted, 0, 0, 4}));
}

TEST_F(Pitfall10, TheRangeOfVersionsIsTrueWhereverTheHoleIs) {
  serve();
  for (const std::uint32_t version : {0U, 1U, 3U, 5U, 0xffff'ffffU}) {
    EXPECT_EQ(answer_to({9, call, 2, prog, version, 1, 0, 0, 0, 0}),
              (words{9, reply, accepted, 0, 0, 2, 2, 4}))
        << version;
  }
}

TEST_F(Pitfall11, ProcedureZeroIsThereForEverybody) {
  serve({.auth = {.none = false, .sys = true}});
  for (const std::uint32_t version : {2U, 4U}) {
    EXPECT_EQ(answer_to({9, call, 2, prog, version, 0, 0, 0, 0, 0}),
              (words{9, reply, accepted, 0, 0, 0}));
  }
  EXPECT_EQ(answer_to_add({0, 0}), denial(5));
}

TEST_F(Pitfall12, AHeaderThatIsCutOffIsAnsweredAndAReplyIsNot) {
  serve();
  // A message that ends after its type, or within its credential.
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 1}), denial(1));
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 1, 0, 400, 0}), denial(1));
  // The answer to a reply is the answer to the call behind it.
  client_->send(to_record({8, reply, accepted, 0, 0, 0, 5}));
  EXPECT_EQ(answer_to_add({0, 0}), five);
}

TEST_F(Pitfall12, WhoeverSendsNoMessageIsCutOff) {
  serve();
  client_->send(to_record({9}));
  EXPECT_TRUE(is_ended(loop_, *client_));
}

TEST_F(Pitfall15, BytesBehindTheArgumentsAreGarbage) {
  serve();
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 1, 0, 0, 0, 0, 2, 3, 4}),
            (words{9, reply, accepted, 0, 0, 4}));
}

TEST_F(Pitfall15, BytesBehindTheArgumentsOfLenientServicesAreIgnored) {
  serve({.lenient = true});
  EXPECT_EQ(answer_to({9, call, 2, prog, 2, 1, 0, 0, 0, 0, 2, 3, 4}), five);
}

TEST_F(Pitfall16, VersionZeroIsHowTheRangeIsAskedFor) {
  serve();
  EXPECT_EQ(answer_to({9, call, 2, prog, 0, 0, 0, 0, 0, 0}),
            (words{9, reply, accepted, 0, 0, 2, 2, 4}));
}

TEST_F(Pitfall17, AnyXidIsEchoed) {
  serve();
  for (const std::uint32_t xid : {0U, 1U, 0x7fff'ffffU, 0x8000'0000U, 0xffff'ffffU, 1U}) {
    EXPECT_EQ(answer_to({xid, call, 2, prog, 2, 1, 0, 0, 0, 0, 2, 3}),
              (words{xid, reply, accepted, 0, 0, 0, 5}));
  }
}

// AUTH_SYS (RFC 5531 Appendix A): flavor, length, stamp, name, uid, gid, groups.
TEST_F(Pitfall44, MoreThanSixteenGroupsAreABadCredential) {
  serve();
  words sixteen{auth_sys, 84, 0, 0, 1001, 1002, 16};
  sixteen.resize(sixteen.size() + 16, 7);
  EXPECT_EQ(answer_to_add(sixteen), five);
  words seventeen{auth_sys, 88, 0, 0, 1001, 1002, 17};
  seventeen.resize(seventeen.size() + 17, 7);
  EXPECT_EQ(answer_to_add(seventeen), denial(1));
}

TEST_F(Pitfall45, ACredentialIsAsLongAsItSays) {
  serve();
  EXPECT_EQ(answer_to_add({auth_sys, 20, 0, 0, 1001, 1002, 0}), five);
  EXPECT_EQ(answer_to_add({auth_sys, 24, 0, 0, 1001, 1002, 0, 0}), denial(1));
  EXPECT_EQ(answer_to_add({auth_sys, 16, 0, 0, 1001, 1002}), denial(1));
}

TEST_F(Pitfall48, TheVerifierOfACallIsNotEchoed) {
  serve();
  EXPECT_EQ(answer_to_add({auth_sys, 20, 0, 0, 1001, 1002, 0}, {auth_sys, 4, 0xdead'beef}), five);
}

TEST_F(Pitfall51, AuthDhIsRejectedWithAnAnswer) {
  serve();
  EXPECT_EQ(answer_to_add({3, 8, 0, 0}), denial(2));
}

TEST_F(Pitfall53, AnUnknownFlavorIsRejectedWithAnAnswer) {
  serve();
  EXPECT_EQ(answer_to_add({4711, 4, 0}), denial(2));
  EXPECT_EQ(answer_to_add({0, 0}), five);
}

}  // namespace
}  // namespace tryst::interop
