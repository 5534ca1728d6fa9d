// Records reach our server in every way that a stream may cut them.
#include <gtest/gtest.h>

#include "interop/peer_service.hpp"
#include "interop/raw_socket.hpp"
#include "support/peer_process.hpp"

namespace tryst::interop {
namespace {

/// ADD(2, n) of PEER_V2, by nobody (RFC 5531 §9).
words add(std::uint32_t xid, std::uint32_t n = 3) {
  return {xid, 0, 2, 0x20000104, 2, 1, 0, 0, 0, 0, 2, n};
}
words sum(std::uint32_t xid, std::uint32_t n = 3) { return {xid, 1, 0, 0, 0, 0, 2 + n}; }

class RawClient : public testing::TestWithParam<const char*> {
protected:
  RawClient() {
    serve_peer(server_);
    std::string where = GetParam();
    if (where == "unix:") where += directory_ / "socket";
    at_ = server_.listen(where);
  }

  raw_socket connect() { return raw_socket::connected_to(at_); }
  words reply(raw_socket& to) { return next_message(loop_, to); }
  /// Has everything read that has been sent.
  void turn() { loop_.turn(std::chrono::milliseconds{0}); }

  test::scratch_directory directory_;
  epoll_loop loop_;
  rpc::server server_{loop_};
  rpc::address at_;
};

TEST_P(RawClient, MaySendARecordOneByteAtATime) {
  raw_socket client = connect();
  for (const std::byte each : to_record(add(1))) {
    client.send({&each, 1});
    turn();
  }
  EXPECT_EQ(reply(client), sum(1));
}

TEST_P(RawClient, MaySplitARecordAtAnyByte) {
  raw_socket client = connect();
  const bytes record = to_record(add(1));
  for (std::size_t at = 1; at < record.size(); ++at) {
    client.send(std::span{record}.first(at));
    turn();
    client.send(std::span{record}.subspan(at));
    ASSERT_EQ(reply(client), sum(1)) << at;
  }
}

TEST_P(RawClient, MayCutARecordIntoFragmentsAtAnyByte) {
  raw_socket client = connect();
  const bytes message = to_bytes(add(1));
  for (std::size_t at = 0; at <= message.size(); ++at) {
    client.send(test::fragment(std::span{message}.first(at), false));
    turn();
    client.send(test::fragment(std::span{message}.subspan(at), true));
    ASSERT_EQ(reply(client), sum(1)) << at;
  }
}

TEST_P(RawClient, MaySendFragmentsOfOneByteOneByteAtATime) {
  raw_socket client = connect();
  for (const std::byte each : test::in_fragments_of(1, to_bytes(add(1)))) {
    client.send({&each, 1});
    turn();
  }
  EXPECT_EQ(reply(client), sum(1));
}

TEST_P(RawClient, MaySendEmptyFragmentsBeforeWithinAndAfterARecord) {
  raw_socket client = connect();
  const bytes message = to_bytes(add(1));
  const bytes empty = to_bytes({0});
  const auto half = std::span{message}.first(message.size() / 2);
  const auto rest = std::span{message}.subspan(message.size() / 2);

  client.send(empty);
  client.send(test::fragment(message, true));
  EXPECT_EQ(reply(client), sum(1));

  client.send(test::fragment(half, false));
  client.send(empty);
  client.send(empty);
  client.send(test::fragment(rest, true));
  EXPECT_EQ(reply(client), sum(1));

  client.send(test::fragment(message, false));
  client.send(to_bytes({0x8000'0000}));
  EXPECT_EQ(reply(client), sum(1));
}

TEST_P(RawClient, MaySendManyRecordsAtOnceAndTheBeginningOfOneMore) {
  raw_socket client = connect();
  bytes all;
  for (std::uint32_t i = 0; i < 10; ++i) test::append(all, to_record(add(i, i)));
  const bytes last = to_record(add(10, 10));
  test::append(all, std::span{last}.first(9));
  client.send(all);
  for (std::uint32_t i = 0; i < 10; ++i) EXPECT_EQ(reply(client), sum(i, i));
  client.send(std::span{last}.subspan(9));
  EXPECT_EQ(reply(client), sum(10, 10));
}

TEST_P(RawClient, HasThousandCallsAnsweredThatItSentAtOnce) {
  raw_socket client = connect();
  bytes all;
  for (std::uint32_t i = 0; i < 1000; ++i) test::append(all, to_record(add(i, i)));
  client.send(all);
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(reply(client), sum(i, i));
}

std::string name_of(const testing::TestParamInfo<const char*>& each) {
  return each.index == 0 ? "Tcp" : "Unix";
}
INSTANTIATE_TEST_SUITE_P(Over, RawClient, testing::Values("tcp://127.0.0.1:0", "unix:"), name_of);

}  // namespace
}  // namespace tryst::interop
