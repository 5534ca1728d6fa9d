// A client's side of UDP, against sockets that the test holds.
#include <gtest/gtest.h>

#include <future>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "compiler/golden/calc.hpp"
#include "support/datagram_socket.hpp"
#include "udp/played_datagrams.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using test::bytes;
using test::datagram_socket;
using v1 = calc::CALC_V1;

// The reply to `call`: success, and `number`.
bytes reply_to(const bytes& call, std::string_view number = "00000005") {
  return test::bytes_of(test::hex_of(std::span{call}.first(4)) +
                        "00000001 0000000000000000 00000000 00000000" + std::string{number});
}

struct Calling : ::testing::Test {
  std::future<std::expected<std::int32_t, failure>> add(client& c, call_options how = {}) {
    return std::async(std::launch::async,
                      [&c, how] { return v1::stub{c}.ADD({2, 3}, how, as_result).get(); });
  }

  datagram_socket peer;
  loop_thread home;
};

TEST_F(Calling, SendsOneMessageInOneDatagramWithoutAMark) {
  client c{home, peer.address()};
  auto five = add(c);
  const auto call = peer.receive();
  ASSERT_TRUE(call);
  EXPECT_EQ(test::hex_of(call->message).substr(8),
            "00000000"
            "00000002"
            "20000101"
            "00000001"
            "00000001"
            "0000000000000000"
            "0000000000000000"
            "0000000200000003");
  peer.send_to(call->from, reply_to(call->message));
  EXPECT_EQ(five.get(), 5);
}

TEST(Pitfall21, AReplyCountsOnlyFromTheAddressThatWasCalled) {
  datagram_socket peer;
  datagram_socket stranger;
  datagram_socket neighbour{INADDR_LOOPBACK + 1};
  loop_thread home;
  client c{home, peer.address()};
  auto five = std::async(std::launch::async, [&] { return v1::stub{c}.ADD({2, 3}).get(); });
  const auto call = peer.receive();
  ASSERT_TRUE(call);
  stranger.send_to(call->from, reply_to(call->message, "00000006"));
  neighbour.send_to(call->from, reply_to(call->message, "00000007"));
  bytes other = call->message;
  other[0] ^= std::byte{1};
  peer.send_to(call->from, reply_to(other, "00000008"));
  peer.send_to(call->from, reply_to(call->message));
  EXPECT_EQ(five.get(), 5);
}

TEST(Pitfall21, AClientMayAskToBelieveRepliesFromAnotherAddress) {
  datagram_socket peer;
  datagram_socket other_interface{INADDR_LOOPBACK + 1};
  loop_thread home;
  client c{home, peer.address(), {.replies_from_anywhere = true}};
  auto five = std::async(std::launch::async, [&] { return v1::stub{c}.ADD({2, 3}).get(); });
  const auto call = peer.receive();
  ASSERT_TRUE(call);
  bytes other = call->message;
  other[0] ^= std::byte{1};
  const sockaddr_in client_at = test::loopback(ntohs(call->from.sin_port));
  other_interface.send_to(client_at, reply_to(other, "00000008"));
  other_interface.send_to(client_at, reply_to(call->message));
  EXPECT_EQ(five.get(), 5);
  EXPECT_EQ(v1::stub{c}.ADD({2, 3}, call_options{.deadline = 1ms}, as_result).get().error().code,
            errc::timed_out);
}

TEST(Pitfall25, NobodyAtThePortIsToldEarlyAlsoWhereRepliesMayComeFromAnywhere) {
  loop_thread home;
  std::string where;
  {
    const datagram_socket gone;
    where = gone.address();
  }
  client c{home, where, {.replies_from_anywhere = true}};
  const auto ended = v1::stub{c}.ADD({2, 3}, call_options{.deadline = 1h}, as_result).get();
  EXPECT_EQ(ended.error().code, errc::connect_failed);
}

TEST_F(Calling, IsNotEndedByWhatIsNoMessage) {
  client c{home, peer.address()};
  auto five = add(c);
  const auto call = peer.receive();
  ASSERT_TRUE(call);
  for (const std::string_view hex : {"", "00", "01020304 00000002", "01020304 0000"}) {
    peer.send_to(call->from, test::bytes_of(hex));
  }
  peer.send_to(call->from, reply_to(call->message));
  EXPECT_EQ(five.get(), 5);
}

TEST(Pitfall23, AReplyThatIsLargerThanTheLimitIsAnErrorThatSaysSo) {
  datagram_socket peer;
  loop_thread home;
  client c{home, peer.address(), {.limits = {.record = {.max_bytes = 64}}}};
  auto ended =
      std::async(std::launch::async, [&] { return v1::stub{c}.ADD({2, 3}, as_result).get(); });
  const auto call = peer.receive();
  ASSERT_TRUE(call);
  peer.send_to(call->from, reply_to(call->message, std::string(200, '0')));
  EXPECT_EQ(ended.get().error().code, errc::record_too_large);
}

TEST(Pitfall23, ACallThatNoDatagramCanHoldIsNotSent) {
  datagram_socket peer;
  loop_thread home;
  client c{home, peer.address()};
  xdr::optional_data<calc::entry> list;
  for (int i = 0; i < 800; ++i) {
    calc::entry head;
    head.label = std::string(60, 'x');
    head.numbers.resize(16);
    head.next = std::move(list);
    list.emplace(std::move(head));
  }
  const auto ended = v1::stub{c}.DESCRIBE(list, as_result).get();
  EXPECT_EQ(ended.error().code, errc::arguments_too_large);
  EXPECT_EQ(ended.error().code, outcome::not_executed);
}

TEST(Pitfall25, NobodyAtThePortIsToldEarly) {
  loop_thread home;
  std::string where;
  {
    const datagram_socket gone;
    where = gone.address();
  }
  client c{home, where};
  for (int i = 0; i < 3; ++i) {
    const auto ended = v1::stub{c}.ADD({2, 3}, call_options{.deadline = 1h}, as_result).get();
    EXPECT_EQ(ended.error().code, errc::connect_failed);
  }
}

TEST(Pitfall25, TheWordThatNobodyIsThereEndsOnlyTheCallThatItIsAbout) {
  loop_thread home;
  auto gone = std::make_optional<datagram_socket>();
  client c{home, gone->address()};
  const sockaddr_in server = test::loopback(gone->port());
  gone.reset();
  // A server is there again at once; calls that are made now are not harmed by the word of before.
  EXPECT_EQ(v1::stub{c}.ADD({2, 3}, as_result).get().error().code, errc::connect_failed);
  const int again = ::socket(AF_INET, SOCK_DGRAM, 0);
  ASSERT_EQ(::bind(again, reinterpret_cast<const sockaddr*>(&server), sizeof server), 0);
  auto five = std::async(std::launch::async, [&] { return v1::stub{c}.ADD({2, 3}).get(); });
  std::array<std::byte, 200> call;
  sockaddr_in from{};
  socklen_t size = sizeof from;
  ASSERT_GT(
      ::recvfrom(again, call.data(), call.size(), 0, reinterpret_cast<sockaddr*>(&from), &size), 0);
  const bytes reply = reply_to(test::as_bytes(call));
  ::sendto(again, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
  EXPECT_EQ(five.get(), 5);
  ::close(again);
}

TEST(SecE4, AMillionForgedRepliesAreNotBelieved) {
  test::played_client c;
  int ended = 0;
  c.add({2, 3}, {.deadline = 10s}, [&](std::error_code, std::int32_t value) {
    ++ended;
    EXPECT_EQ(value, 5);
  });
  const bytes call = c.sent().front();
  const auto xid = xdr::load_big<std::uint32_t>(call.data());
  const auto chunk = xdr::buffer_ref::allocate(64);
  const bytes forged = reply_to(call, "00000666");
  std::copy(forged.begin(), forged.end(), chunk.data());
  for (std::uint32_t i = 1; i <= 1'000'000; ++i) {
    xdr::store_big(chunk.data(), xid + i);
    c.user().on_message({chunk.data(), forged.size()}, chunk);
  }
  EXPECT_EQ(ended, 0);
  EXPECT_EQ(c.sent().size(), 1U);
  c.answer(call, "00000005");
  EXPECT_EQ(ended, 1);
}

TEST(SecE6, ARefusalIsNoSuccessWhateverStandsBehindIt) {
  // Each with five as a body that would decode.
  for (const std::string_view refusal :
       {"00000000 00000000 00000000 00000001 00000005",
        "00000000 00000000 00000000 00000003 00000005",
        "00000000 00000000 00000000 00000004 00000005",
        "00000000 00000000 00000000 00000005 00000005",
        "00000000 00000000 00000000 00000002 00000001 00000002 00000005",
        "00000000 00000000 00000000 00000063 00000005", "00000001 00000001 00000005 00000005",
        "00000001 00000000 00000002 00000002 00000005"}) {
    test::played_client c;
    std::error_code why;
    c.add({2, 3}, {}, [&](std::error_code w, std::int32_t) { why = w; });
    const bytes call = c.sent().front();
    c.deliver(
        test::bytes_of(test::hex_of(std::span{call}.first(4)) + "00000001" + std::string{refusal}));
    EXPECT_EQ(why, outcome::refused) << refusal;
  }
}

}  // namespace
}  // namespace tryst::rpc
