// Calls that are sent again over a stream, when its connection was lost.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "compiler/golden/calc.hpp"
#include "support/datagram_socket.hpp"
#include "support/record_stream.hpp"
#include "xdr/hex.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using test::bytes;
using v1 = calc::CALC_V1;

// A listening socket of which the test takes one connection after the other.
class lone_listener {
public:
  lone_listener() : descriptor_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(descriptor_, 8), 0);
  }
  ~lone_listener() { close(); }
  lone_listener(const lone_listener&) = delete;
  lone_listener& operator=(const lone_listener&) = delete;

  std::string address() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&own), &size);
    return "tcp://127.0.0.1:" + std::to_string(ntohs(own.sin_port));
  }
  int accept() const { return ::accept(descriptor_, nullptr, nullptr); }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

private:
  int descriptor_;
};

// The call of ADD that comes on a connection, behind its mark.
bytes read_call(int connection) {
  bytes call(4 + 48);
  EXPECT_EQ(::recv(connection, call.data(), call.size(), MSG_WAITALL), 52);
  return call;
}

void answer(int connection, const bytes& call) {
  const bytes reply = test::bytes_of("8000001c" + test::hex_of(std::span{call}.subspan(4, 4)) +
                                     "00000001 0000000000000000 00000000 00000000 00000005");
  ::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
}

struct Reconnect : ::testing::Test {
  auto add(client& c, call_options how) {
    return std::async(std::launch::async,
                      [&c, how] { return v1::stub{c}.ADD({2, 3}, how, as_result).get(); });
  }
  lone_listener peer;
  loop_thread home;
};

TEST_F(Reconnect, SendsACallThatMayBeRepeatedAgainWithItsXid) {
  for (const auto how : {retransmission::idempotent, retransmission::cached}) {
    client c{home, peer.address()};
    auto five = add(c, {.repeat = how});
    bytes first;
    for (int lost = 0; lost < 3; ++lost) {
      const int connection = peer.accept();
      const bytes call = read_call(connection);
      if (lost == 0) first = call;
      EXPECT_EQ(call, first);
      ::close(connection);
    }
    const int connection = peer.accept();
    EXPECT_EQ(read_call(connection), first);
    answer(connection, first);
    EXPECT_EQ(five.get(), 5);
    ::close(connection);
  }
}

TEST_F(Reconnect, DoesNotRepeatWhatAReplyCacheMayHaveForgotten) {
  client c{home, peer.address(), {.timing = {.window = 0ms}}};
  auto cached = add(c, {.repeat = retransmission::cached});
  const int first = peer.accept();
  read_call(first);
  ::close(first);
  EXPECT_EQ(cached.get().error().code, errc::connection_lost);
  auto idempotent = add(c, {.repeat = retransmission::idempotent});
  const int second = peer.accept();
  // The connection that the first call wanted may be this one.
  const bytes call = read_call(second);
  answer(second, call);
  EXPECT_EQ(idempotent.get(), 5);
  ::close(second);
}

TEST_F(Reconnect, OfCallsThatSayNothingAboutRepetitionIsUnknown) {
  client c{home, peer.address()};
  auto ended = add(c, {});
  const int connection = peer.accept();
  read_call(connection);
  ::close(connection);
  EXPECT_EQ(ended.get().error().code, errc::connection_lost);
}

TEST_F(Reconnect, ThatFailsEndsARepeatableCallAsUnknown) {
  client c{home, peer.address()};
  auto ended = add(c, {.repeat = retransmission::idempotent});
  const int connection = peer.accept();
  read_call(connection);
  peer.close();
  ::close(connection);
  EXPECT_EQ(ended.get().error().code, errc::connection_lost);
}

TEST_F(Reconnect, ThatIsNotWantedEndsARepeatableCallAsUnknown) {
  client c{home, peer.address(), {.reconnect = {.enabled = false}}};
  auto ended = add(c, {.repeat = retransmission::idempotent});
  const int connection = peer.accept();
  read_call(connection);
  ::close(connection);
  EXPECT_EQ(ended.get().error().code, errc::connection_lost);
}

TEST_F(Reconnect, IsWaitedForUntilTheDeadline) {
  client c{home,
           peer.address(),
           {.reconnect = {.attempts = 1'000'000, .first_delay = 1ms, .longest_delay = 1ms}}};
  auto ended = add(c, {.deadline = 300ms, .repeat = retransmission::idempotent});
  const int connection = peer.accept();
  read_call(connection);
  peer.close();
  ::close(connection);
  // It was sent: that it waits for a connection now does not make it one that did not run.
  EXPECT_EQ(ended.get().error().code, errc::timed_out);
}

TEST_F(Reconnect, LetsCallsBeCancelledMeanwhile) {
  client c{home,
           peer.address(),
           {.reconnect = {.attempts = 1'000'000, .first_delay = 1ms, .longest_delay = 1ms}}};
  std::stop_source stop;
  auto ended = add(c, {.stop = stop.get_token(), .repeat = retransmission::idempotent});
  const int connection = peer.accept();
  read_call(connection);
  peer.close();
  ::close(connection);
  stop.request_stop();
  EXPECT_EQ(ended.get().error().code, errc::cancelled);
}

// Puts a socket that sends nothing in the place of this process's UDP socket at `port`.
void break_socket(std::uint16_t port) {
  const int useless = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (int d = 0; d < 1024; ++d) {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    const int failed = ::getsockname(d, reinterpret_cast<sockaddr*>(&own), &size);
    if (failed == 0 && own.sin_family == AF_INET && ntohs(own.sin_port) == port) {
      ::dup2(useless, d);
      break;
    }
  }
  ::close(useless);
}

TEST(DatagramReconnect, RepeatsFromAnotherPortOnlyWhatMayRunTwice) {
  for (const auto how : {retransmission::idempotent, retransmission::cached}) {
    test::datagram_socket peer;
    loop_thread home;
    client c{home, peer.address(), {.timing = {.first = 20ms, .least = 20ms, .longest = 20ms}}};
    std::promise<std::error_code> ended;
    v1::stub{c}.ADD({2, 3}, call_options{.repeat = how},
                    [&](std::error_code why, int) { ended.set_value(why); });
    const auto first = peer.receive().value();
    run_on(home, [&] { break_socket(ntohs(first.from.sin_port)); });
    if (how == retransmission::cached) {
      EXPECT_EQ(ended.get_future().get(), errc::connection_lost);
      continue;
    }
    auto next = peer.receive().value();
    while (next.from.sin_port == first.from.sin_port) next = peer.receive().value();
    EXPECT_EQ(next.message, first.message);
    peer.send_to(next.from, test::bytes_of(test::hex_of(std::span{next.message}.first(4)) +
                                           "00000001 0000000000000000 00000000 00000000 00000005"));
    EXPECT_EQ(ended.get_future().get(), std::error_code{});
  }
}

}  // namespace
}  // namespace tryst::rpc
