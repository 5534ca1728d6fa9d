// Replies and calls that no library would send reach our client.
#include <gtest/gtest.h>

#include <tryst/rpc/client.hpp>

#include "interop/peer_service.hpp"
#include "interop/raw_socket.hpp"

namespace tryst::interop {
namespace {

/// Our client, connected to bytes that the test writes.
class RawServer : public testing::Test {
protected:
  /// Begins ADD(2, n) and returns the xid of the call that arrived.
  std::uint32_t receive_add(std::uint32_t n = 3) {
    outcome_.reset();
    begin_add(n);
    if (!server_) {
      loop_.turn(std::chrono::milliseconds{0});
      server_.emplace(listener_.accept());
    }
    const words call = next_message(loop_, *server_);
    EXPECT_EQ(call, (words{call[0], 0, 2, 0x20000104, 2, 1, 0, 0, 0, 0, 2, n}));
    return call[0];
  }

  void begin_add(std::uint32_t n) {
    using arguments = std::tuple<peer::pair>;
    const auto process = [](RawServer& test, arguments with) -> task<void> {
      auto call = test.client_.call<peer::PEER_V2::ADD>(std::move(with), rpc::as_result);
      test.outcome_ = co_await call;
    };
    spawn(loop_, process(*this, {{2, static_cast<std::int32_t>(n)}}), nullptr);
  }

  void send(const words& message) { server_->send(to_record(message)); }
  void turn() { loop_.turn(std::chrono::milliseconds{0}); }

  /// How the call ended.
  rpc::failure failure() {
    EXPECT_TRUE(turn_until(loop_, [&] { return outcome_.has_value(); }));
    return outcome_ && !*outcome_ ? outcome_->error() : rpc::failure{};
  }
  std::int32_t result() {
    EXPECT_EQ(failure(), rpc::failure{});
    return outcome_ && *outcome_ ? **outcome_ : 0;
  }
  /// How a call ends that is answered so, the xid being put in front.
  rpc::failure failure_of(words reply) {
    reply.insert(reply.begin(), receive_add());
    send(reply);
    return failure();
  }

  raw_listener listener_;
  epoll_loop loop_;
  rpc::client client_{loop_, listener_.where()};
  std::optional<raw_socket> server_;
  std::optional<std::expected<std::int32_t, rpc::failure>> outcome_;
};

using Pitfall01 = RawServer;
using Pitfall02 = RawServer;
using Pitfall10 = RawServer;
using Pitfall13 = RawServer;
using Pitfall14 = RawServer;
using Pitfall15 = RawServer;
using Pitfall48 = RawServer;
using Pitfall84 = RawServer;
using Pitfall88 = RawServer;

words sum(std::uint32_t xid, std::uint32_t n = 3) { return {xid, 1, 0, 0, 0, 0, 2 + n}; }

TEST_F(Pitfall01, EmptyFragmentsOfAReplyAreSkipped) {
  const bytes empty = to_bytes({0});
  const bytes message = to_bytes(sum(receive_add()));
  server_->send(empty);
  server_->send(test::fragment(std::span{message}.first(5), false));
  server_->send(empty);
  server_->send(test::fragment(std::span{message}.subspan(5), false));
  server_->send(to_bytes({0x8000'0000}));
  EXPECT_EQ(result(), 5);
}

TEST_F(Pitfall02, AReplyMayComeOneByteAtATime) {
  for (const std::byte each : to_record(sum(receive_add()))) {
    server_->send({&each, 1});
    turn();
  }
  EXPECT_EQ(result(), 5);
}

TEST_F(Pitfall02, AReplyMayBeSplitAtAnyByte) {
  for (std::size_t at = 1; at < to_record(sum(0)).size(); ++at) {
    const bytes record = to_record(sum(receive_add()));
    server_->send(std::span{record}.first(at));
    turn();
    server_->send(std::span{record}.subspan(at));
    ASSERT_EQ(result(), 5) << at;
  }
}

TEST_F(Pitfall02, AReplyMayComeInFragmentsOfOneByte) {
  const std::uint32_t xid = receive_add();
  server_->send(test::in_fragments_of(1, to_bytes(sum(xid))));
  EXPECT_EQ(result(), 5);
}

TEST_F(Pitfall10, ARangeThatMakesNoSenseReachesTheCallerAsItIs) {
  const rpc::failure nonsense = failure_of({1, 0, 0, 0, 2, 9, 3});
  EXPECT_EQ(nonsense.code, errc::prog_mismatch);
  EXPECT_EQ(nonsense.low, 9U);
  EXPECT_EQ(nonsense.high, 3U);
}

TEST_F(RawServer, MayRefuseInEveryWayThatRfc5531Has) {
  EXPECT_EQ(failure_of({1, 0, 0, 0, 1}).code, errc::prog_unavail);
  EXPECT_EQ(failure_of({1, 0, 0, 0, 3}).code, errc::proc_unavail);
  EXPECT_EQ(failure_of({1, 0, 0, 0, 4}).code, errc::garbage_args);
  EXPECT_EQ(failure_of({1, 0, 0, 0, 5}).code, errc::system_err);
  const rpc::failure mismatch = failure_of({1, 1, 0, 3, 4});
  EXPECT_EQ(mismatch.code, errc::rpc_mismatch);
  EXPECT_EQ(mismatch.low, 3U);
  EXPECT_EQ(mismatch.high, 4U);
  EXPECT_EQ(failure_of({1, 1, 1, 1}).code, errc::auth_bad_cred);
  EXPECT_EQ(failure_of({1, 1, 1, 2}).code, errc::auth_rejected_cred);
  EXPECT_EQ(failure_of({1, 1, 1, 3}).code, errc::auth_bad_verf);
  EXPECT_EQ(failure_of({1, 1, 1, 4}).code, errc::auth_rejected_verf);
  EXPECT_EQ(failure_of({1, 1, 1, 5}).code, errc::auth_too_weak);
}

TEST_F(Pitfall13, ANumberThatNoRfcNamesIsARefusalWithThatNumber) {
  for (const std::uint32_t status : {6U, 7U, 14U, 4711U}) {
    const rpc::failure refused = failure_of({1, 1, 1, status});
    EXPECT_EQ(refused.code, outcome::refused) << status;
    EXPECT_EQ(refused.code, errc::auth_refused) << status;
    EXPECT_EQ(refused.status, status);
  }
  const rpc::failure unknown = failure_of({1, 0, 0, 0, 77});
  EXPECT_EQ(unknown.code, errc::unknown_refusal);
  EXPECT_EQ(unknown.status, 77U);
}

TEST_F(Pitfall14, ARefusalIsNoResultWhateverFollowsIt) {
  EXPECT_EQ(failure_of({1, 0, 0, 0, 4, 5}).code, errc::garbage_args);
  EXPECT_EQ(failure_of({1, 1, 1, 5, 0, 0, 5}).code, errc::auth_too_weak);
}

TEST_F(RawServer, MaySayWhatIsNoReply) {
  EXPECT_EQ(failure_of({1}).code, errc::reply_invalid);
  EXPECT_EQ(failure_of({1, 2}).code, errc::reply_invalid);
  EXPECT_EQ(failure_of({1, 0, 0, 404}).code, errc::reply_invalid);
  EXPECT_EQ(failure_of({1, 0, 0, 0, 0}).code, errc::result_invalid);
  send(sum(receive_add()));
  EXPECT_EQ(result(), 5) << "the connection goes on";
}

TEST_F(RawServer, MaySayWhatNobodyAskedFor) {
  const std::uint32_t xid = receive_add();
  send({xid + 1, 1, 0, 0, 0, 0, 77});
  turn();
  EXPECT_FALSE(outcome_.has_value());
  send(sum(xid));
  send(sum(xid));
  EXPECT_EQ(result(), 5);
  send(sum(receive_add(4), 4));
  EXPECT_EQ(result(), 6);
}

TEST_F(Pitfall48, TheVerifierOfAReplyMayBeTheCallsOrAnyOther) {
  const std::uint32_t xid = receive_add();
  send({xid, 1, 0, 1, 4, 0xdead'beef, 0, 5});
  EXPECT_EQ(result(), 5);
}

TEST_F(Pitfall84, RepliesMayComeInAnyOrder) {
  const std::uint32_t first = receive_add(1);
  const std::uint32_t second = receive_add(2);
  send(sum(second, 2));
  EXPECT_EQ(result(), 4);
  outcome_.reset();
  send(sum(first, 1));
  EXPECT_EQ(result(), 3);
}

TEST_F(Pitfall88, ACallFromTheServerIsAnsweredThatThereIsNoProgram) {
  const std::uint32_t xid = receive_add();
  send({xid, 0, 2, 0x20000104, 2, 1, 0, 0, 0, 0, 2, 3});
  EXPECT_EQ(next_message(loop_, *server_), (words{xid, 1, 0, 0, 0, 1}));
  EXPECT_FALSE(outcome_.has_value()) << "a call is not the reply to a call";
  send(sum(xid));
  EXPECT_EQ(result(), 5);
}

TEST_F(RawServer, MayHangUpAndTheNextCallConnectsAgain) {
  receive_add();
  server_->reset();
  EXPECT_EQ(failure().code, errc::connection_lost);
  server_.reset();
  send(sum(receive_add()));
  EXPECT_EQ(result(), 5);
}

}  // namespace
}  // namespace tryst::interop
