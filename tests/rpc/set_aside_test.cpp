// Calls that wait until somebody wants them: they do not keep others from being read, are bounded,
// and may be forgotten.
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>

#include "support/datagram_socket.hpp"
#include "support/raw_client.hpp"

namespace tryst::rpc {
namespace {

using tests::add_call;
using tests::bytes_of;
using tests::raw_client;
using tests::record_of;

class nothing final : public result_encoder {
public:
  void encode(xdr::writer&) const override {}
};

// All calls wait; DIVIDE lets all that wait go, with what it was told to do.
class waiting_room final : public service {
public:
  interface_id id() const noexcept override { return {0x20000101, 1}; }
  std::string_view name() const noexcept override { return "waiting_room"; }
  const auth_policy& auth() const noexcept override { return auth_; }

  void serve(incoming_call& call) override {
    if (call.info().procedure != 2) return wait(call);
    for (incoming_call& each : waiting) forgets ? each.forget() : void(each.reply(nothing{}));
    waiting.clear();
    call.reply(nothing{});
  }

  std::vector<incoming_call> waiting;
  std::size_t turned_away = 0;
  bool forgets = false;
  std::function<void()> lost;

private:
  void wait(incoming_call& call) {
    incoming_call own{std::move(call)};
    if (own.set_aside()) {
      EXPECT_TRUE(own.arguments().empty());
      if (lost) watch_.emplace(own.info().connection_lost(), lost);
      return waiting.push_back(std::move(own));
    }
    ++turned_away;
    own.refuse({.code = errc::system_err});
  }

  auth_policy auth_;
  std::optional<std::stop_callback<std::function<void()>>> watch_;
};

std::uint32_t xid_of(const tests::bytes& reply) { return reply.at(3); }
std::uint32_t status_of(const tests::bytes& reply) { return reply.at(23); }

tests::bytes release(std::uint32_t xid) {
  return bytes_of({xid, 0, 2, 0x20000101, 1, 2, 0, 0, 0, 0});
}

struct served {
  served(std::string_view at, server_options options) : serving{home, std::move(options)} {
    serving.serve(room);
    where = serving.listen(at);
  }
  ~served() {
    run_on(home, [this] { room->waiting.clear(); });
  }

  std::shared_ptr<waiting_room> room = std::make_shared<waiting_room>();
  loop_thread home;
  server serving;
  address where;
};

TEST(SetAside, CallsBeyondTheLimitOfRunningOnesDoNotKeepTheNextFromBeingRead) {
  served s{"tcp://127.0.0.1:0", {.limits = {.running_calls = 2, .calls_set_aside = 8}}};
  raw_client peer{s.where};
  for (std::uint32_t xid = 1; xid <= 8; ++xid) peer.write(record_of(add_call(xid, 1, 2)));
  peer.write(record_of(add_call(9, 1, 2)));
  const auto refused = peer.read_record();
  EXPECT_EQ(xid_of(refused), 9U);
  EXPECT_EQ(status_of(refused), 5U);
  peer.write(record_of(release(10)));
  for (std::uint32_t xid = 1; xid <= 8; ++xid) EXPECT_EQ(xid_of(peer.read_record()), xid);
  EXPECT_EQ(xid_of(peer.read_record()), 10U);
  // What was counted was given back.
  for (std::uint32_t xid = 11; xid <= 18; ++xid) peer.write(record_of(add_call(xid, 1, 2)));
  peer.write(record_of(release(19)));
  for (std::uint32_t xid = 11; xid <= 19; ++xid) EXPECT_EQ(status_of(peer.read_record()), 0U);
  run_on(s.home, [&] { EXPECT_EQ(s.room->turned_away, 1U); });
}

TEST(SetAside, CallsAreBoundedByTheBytesOfTheirArgumentsToo) {
  served s{"tcp://127.0.0.1:0", {.limits = {.bytes_set_aside = 20}}};
  raw_client peer{s.where};
  for (std::uint32_t xid = 1; xid <= 3; ++xid) peer.write(record_of(add_call(xid, 1, 2)));
  const auto refused = peer.read_record();
  EXPECT_EQ(xid_of(refused), 3U);
  EXPECT_EQ(status_of(refused), 5U);
}

TEST(SetAside, CallsOfOneProcedureLeaveRoomForThoseOfOthers) {
  served s{"tcp://127.0.0.1:0", {.limits = {.calls_set_aside = 1}}};
  raw_client peer{s.where};
  peer.write(record_of(add_call(1, 1, 2)));
  peer.write(record_of(bytes_of({2, 0, 2, 0x20000101, 1, 3, 0, 0, 0, 0})));
  peer.write(record_of(add_call(3, 1, 2)));
  EXPECT_EQ(xid_of(peer.read_record()), 3U);
  peer.write(record_of(release(4)));
  EXPECT_EQ(xid_of(peer.read_record()), 1U);
  EXPECT_EQ(xid_of(peer.read_record()), 2U);
}

TEST(SetAside, CallsLoseTheirConnectionWhenThePeerHasSaidAll) {
  served s{"tcp://127.0.0.1:0", {}};
  raw_client peer{s.where};
  std::promise<void> lost;
  run_on(s.home, [&] { s.room->lost = [&] { lost.set_value(); }; });
  peer.write(record_of(add_call(1, 1, 2)));
  peer.finish_writing();
  lost.get_future().wait();
}

TEST(SetAside, ACallThatWasForgottenIsANewOneWhenItComesAgain) {
  served s{"udp://127.0.0.1:0", {}};
  run_on(s.home, [&] { s.room->forgets = true; });
  test::datagram_socket peer;
  const auto send = [&](const tests::bytes& call) {
    peer.send_to(test::loopback(s.where.port), std::as_bytes(std::span{call}));
  };
  const auto call = add_call(1, 1, 2);
  send(call);
  send(call);  // dropped: the other one waits
  send(release(2));
  EXPECT_EQ(peer.receive().value().message[3], std::byte{2});
  EXPECT_EQ(s.serving.counters().replies.forgotten, 1U);
  EXPECT_EQ(s.serving.counters().replies.in_progress, 1U);
  run_on(s.home, [&] { s.room->forgets = false; });
  send(call);
  send(release(3));
  EXPECT_EQ(peer.receive().value().message[3], std::byte{1});
  EXPECT_EQ(peer.receive().value().message[3], std::byte{3});
  EXPECT_EQ(s.serving.counters().replies.hits, 0U);
}

}  // namespace
}  // namespace tryst::rpc
