// A server that means harm, against calls of every kind: each ends in time, with an error that says
// what was wrong, and costs no more memory than the limits allow.
#include <gtest/gtest.h>

#include <tryst/rpc/client.hpp>

#include "interop/peer_service.hpp"
#include "interop/raw_socket.hpp"

namespace tryst::interop {
namespace {

/// Our client, whose server is the test.
class SecE5 : public testing::Test {
protected:
  template <class P, class... A>
  void begin(A... arguments) {
    outcome_.reset();
    const auto process = [](SecE5& test, typename P::arguments with) -> task<void> {
      auto call = test.client_.call<P>(std::move(with), rpc::as_result);
      const auto ended = co_await call;
      test.outcome_ = ended ? rpc::failure{} : ended.error();
    };
    spawn(loop_, process(*this, typename P::arguments{std::move(arguments)...}), nullptr);
    if (!server_) {
      loop_.turn(std::chrono::milliseconds{0});
      server_.emplace(listener_.accept());
    }
  }

  /// The xid of the call that was begun.
  std::uint32_t receive() { return next_message(loop_, *server_).at(0); }

  rpc::failure ended() {
    EXPECT_TRUE(turn_until(loop_, [&] { return outcome_.has_value(); }));
    return outcome_.value_or(rpc::failure{});
  }
  rpc::failure answered(words result) {
    words reply{receive(), 1, 0, 0, 0, 0};
    reply.insert(reply.end(), result.begin(), result.end());
    server_->send(to_record(reply));
    return ended();
  }

  /// Sends `record` again and again until neither the kernel nor the client takes any more, or the
  /// connection has ended: how many bytes that was.
  std::size_t flood(const bytes& record) {
    bytes all;
    while (all.size() < 1U << 16) test::append(all, record);
    std::size_t sent = 0;
    for (int refused = 0; refused < 100 && sent < too_much;) {
      const std::size_t n = server_->send_some(std::span{all}.subspan(sent % all.size()));
      sent += n;
      refused = n == 0 ? refused + 1 : 0;
      loop_.turn(std::chrono::milliseconds{0});
    }
    return sent;
  }

  static constexpr std::size_t too_much = 256U << 20;
  using v2 = peer::PEER_V2;

  raw_listener listener_;
  epoll_loop loop_;
  rpc::client client_{loop_, listener_.where()};
  std::optional<raw_socket> server_;
  std::optional<rpc::failure> outcome_;  // of the last call; without a code: it had a result
};

TEST_F(SecE5, ResultsThatSayTheyAreLongerThanTheyAreAreInvalid) {
  for (const std::uint32_t length : {9U, 1U << 20, 0x7fff'ffffU, 0xffff'fffdU, 0xffff'ffffU}) {
    begin<v2::REPEAT>(peer::payload{});
    EXPECT_EQ(answered({length, 1, 2}).code, errc::result_invalid) << length;
    begin<v2::REPEAT_NUMBERS>(peer::numbers{});
    EXPECT_EQ(answered({length, 1, 2}).code, errc::result_invalid) << length;
    begin<v2::DIVIDE>(1, 2, std::string{});
    EXPECT_EQ(answered({0, length, 1, 2}).code, errc::result_invalid) << length;
  }
}

TEST_F(SecE5, ATextBeyondItsBoundIsInvalidThoughItIsAllThere) {
  words result{0, 81};
  result.resize(2 + 21);
  begin<v2::DIVIDE>(1, 2, std::string{});
  EXPECT_EQ(answered(result).code, errc::result_invalid);
}

TEST_F(SecE5, ARangeOfAllVersionsIsToldAndNotWalkedThrough) {
  begin<v2::ADD>(peer::pair{});
  server_->send(to_record({receive(), 1, 0, 0, 0, 2, 0, 0xffff'ffff}));
  const rpc::failure mismatch = ended();
  EXPECT_EQ(mismatch.code, errc::prog_mismatch);
  EXPECT_EQ(mismatch.high, 0xffff'ffff);
  begin<v2::ADD>(peer::pair{});
  receive();
  server_->receive();
  EXPECT_FALSE(server_->record()) << "one call was made, and one more";
}

TEST_F(SecE5, AReplyThatSaysItIsTooLongEndsItsConnectionAtOnce) {
  begin<v2::ADD>(peer::pair{});
  receive();
  server_->send(to_bytes({0xffff'ffff}));
  EXPECT_EQ(ended().code, errc::record_too_large);
  EXPECT_TRUE(is_ended(loop_, *server_));
}

TEST_F(SecE5, AReplyWithoutEndEndsItsConnection) {
  begin<v2::REPEAT>(peer::payload{});
  receive();
  bytes begun = to_bytes({0x0001'0000});  // a fragment, and never the last
  begun.resize(4 + 0x10000);
  EXPECT_THROW(flood(begun), std::system_error) << "the connection is there no more";
  EXPECT_EQ(ended().code, errc::record_too_large);
}

TEST_F(SecE5, EmptyFragmentsWithoutEndEndTheConnection) {
  begin<v2::REPEAT>(peer::payload{});
  receive();
  EXPECT_THROW(flood(to_bytes({0})), std::system_error);
  EXPECT_EQ(ended().code, errc::record_fragmented);
}

TEST_F(SecE5, RepliesThatNobodyAskedForAreDropped) {
  begin<v2::ADD>(peer::pair{});
  const std::uint32_t xid = receive();
  const bytes stray = to_record({xid + 1, 1, 0, 0, 0, 0, 7});
  bytes all;
  for (int i = 0; i < 1000; ++i) test::append(all, stray);
  for (int i = 0; i < 100; ++i) {
    for (std::size_t sent = 0; sent < all.size();) {
      sent += server_->send_some(std::span{all}.subspan(sent));
      loop_.turn(std::chrono::milliseconds{0});
    }
  }
  server_->send(to_record({xid, 1, 0, 0, 0, 0, 5}));
  EXPECT_FALSE(ended().code);
  EXPECT_EQ(client_.late_replies(), 0U) << "they are no answers of calls that were given up";
}

TEST_F(SecE5, AServerThatCallsAndDoesNotReadIsReadFromNoMore) {
  begin<v2::ADD>(peer::pair{});
  receive();
  EXPECT_LT(flood(to_record({1, 0, 2, 7, 1, 0, 0, 0, 0, 0})), too_much);
  EXPECT_FALSE(outcome_) << "the call waits for its own deadline";
}

TEST_F(SecE5, AVerifierLongerThanAnyMayBeIsNoReply) {
  for (const std::uint32_t length : {404U, 0x7fff'ffffU, 0xffff'ffffU}) {
    begin<v2::ADD>(peer::pair{});
    server_->send(to_record({receive(), 1, 0, 1, length, 0, 0, 5}));
    EXPECT_EQ(ended().code, errc::reply_invalid) << length;
  }
}

}  // namespace
}  // namespace tryst::interop
