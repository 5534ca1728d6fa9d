// Peers that end a connection, speak something else, do not read, or want replies late: what a
// server has to live with.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "interop/peer_service.hpp"
#include "interop/raw_socket.hpp"
#include "support/peer_process.hpp"

namespace tryst::interop {
namespace {

words add(std::uint32_t xid, std::uint32_t n = 3) {
  return {xid, 0, 2, 0x20000104, 2, 1, 0, 0, 0, 0, 2, n};
}
words sum(std::uint32_t xid, std::uint32_t n = 3) { return {xid, 1, 0, 0, 0, 0, 2 + n}; }

/// Answers SUBTRACT when the test says so.
struct patient_service {
  std::vector<rpc::reply<std::int32_t>>* owed;

  void SUBTRACT(rpc::reply<std::int32_t> to, peer::pair) { owed->push_back(std::move(to)); }
};

class Connection : public testing::Test {
protected:
  Connection() {
    server_.serve<peer::PEER_V2>(peer_service{});
    server_.serve<peer::PEER_V4>(patient_service{&owed_});
  }

  raw_socket connect() { return raw_socket::connected_to(at_); }
  words reply(raw_socket& to) { return next_message(loop_, to); }
  bool is_served(raw_socket& client) {
    client.send(to_record(add(1)));
    return reply(client) == sum(1);
  }
  /// SUBTRACT, whose answer is owed from then on.
  void ask_patiently(raw_socket& client, std::uint32_t xid) {
    const std::size_t before = owed_.size();
    client.send(to_record({xid, 0, 2, 0x20000104, 4, 1, 0, 0, 0, 0, 9, 1}));
    ASSERT_TRUE(turn_until(loop_, [&] { return owed_.size() > before; }));
  }

  std::vector<std::error_code> errors_;
  std::vector<rpc::reply<std::int32_t>> owed_;
  epoll_loop loop_;
  rpc::server server_{loop_, {.on_connection_error = [this](const auto&, std::error_code why) {
                        errors_.push_back(why);
                      }}};
  rpc::address at_ = server_.listen("tcp://127.0.0.1:0");
};

using Pitfall03 = Connection;
using Pitfall07 = Connection;
using Pitfall84 = Connection;
using Pitfall85 = Connection;
using Pitfall86 = Connection;

TEST_F(Pitfall03, ARecordThatSaysItIsTooLongEndsTheConnectionAtOnce) {
  raw_socket client = connect();
  client.send(to_bytes({0x8000'0000U | ((1U << 20) + 4097)}));
  EXPECT_TRUE(is_ended(loop_, client));
  ASSERT_EQ(errors_.size(), 1U);
  EXPECT_EQ(errors_.front(), errc::record_too_large);
}

TEST_F(Pitfall07, WhoeverSpeaksAnotherProtocolIsCutOffAndToldOfOnce) {
  const std::string tls_hello{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
  for (const std::string& greeting :
       {std::string{"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"}, tls_hello,
        std::string{"SSH-2.0-OpenSSH_9.2\r\n"}, std::string{"EHLO localhost\r\n"}}) {
    errors_.clear();
    raw_socket client = connect();
    client.send(greeting);
    EXPECT_TRUE(is_ended(loop_, client)) << greeting;
    EXPECT_EQ(errors_, std::vector{make_error_code(errc::record_too_large)}) << greeting;
  }
  raw_socket client = connect();
  EXPECT_TRUE(is_served(client));
}

TEST_F(Pitfall84, RepliesLeaveInTheOrderInWhichTheyAreGiven) {
  raw_socket client = connect();
  ask_patiently(client, 1);
  ask_patiently(client, 2);
  EXPECT_TRUE(is_served(client));
  owed_[1](22);
  EXPECT_EQ(reply(client), (words{2, 1, 0, 0, 0, 0, 22}));
  owed_[0](11);
  EXPECT_EQ(reply(client), (words{1, 1, 0, 0, 0, 0, 11}));
}

TEST_F(Pitfall85, APeerThatDoesNotReadIsReadFromNoMore) {
  raw_socket client = connect();
  words call{1, 0, 2, 0x20000104, 2, 3, 0, 0, 0, 0, 1U << 16};
  call.resize(call.size() + (1U << 14));
  bytes all;
  for (int i = 0; i < 16; ++i) test::append(all, to_record(call));

  // Until neither the kernel nor the server takes any more.
  std::size_t sent = 0;
  for (int refused = 0; refused < 100;) {
    const std::size_t n = client.send_some(std::span{all}.subspan(sent % all.size()));
    sent += n;
    refused = n == 0 ? refused + 1 : 0;
    loop_.turn(std::chrono::milliseconds{0});
    ASSERT_LT(sent, 256U << 20) << "it takes everything";
  }
  // Another one is served meanwhile.
  raw_socket other = connect();
  EXPECT_TRUE(is_served(other));
  // Everything that was taken is answered as soon as it is read.
  const std::size_t whole = sent / to_record(call).size();
  for (std::size_t i = 0; i < whole; ++i) ASSERT_EQ(reply(client).size(), 7U + (1U << 14));
}

TEST_F(Pitfall86, AClientThatHasShutDownItsSideIsAnswered) {
  raw_socket client = connect();
  client.send(to_record(add(1)));
  client.send(to_record(add(2)));
  client.end_sending();
  EXPECT_EQ(reply(client), sum(1));
  EXPECT_EQ(reply(client), sum(2));
  EXPECT_TRUE(is_ended(loop_, client));
  EXPECT_TRUE(errors_.empty());
}

TEST_F(Pitfall86, AClientThatHasShutDownItsSideIsAnsweredLate) {
  raw_socket client = connect();
  ask_patiently(client, 1);
  client.end_sending();
  loop_.turn(std::chrono::milliseconds{0});
  owed_[0](8);
  EXPECT_EQ(reply(client), (words{1, 1, 0, 0, 0, 0, 8}));
  EXPECT_TRUE(is_ended(loop_, client));
}

TEST_F(Pitfall86, WritingToAClientThatIsGoneRaisesNoSignal) {
  ASSERT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_DFL) << "the test is of no use otherwise";
  const test::scratch_directory directory;
  const rpc::address local = server_.listen("unix:" + directory / "socket");
  for (const rpc::address& where : {local, at_}) {
    raw_socket client = raw_socket::connected_to(where);
    ask_patiently(client, 1);
    client.reset();
    owed_.back()(8);
    loop_.turn(std::chrono::milliseconds{0});
  }
  raw_socket other = connect();
  EXPECT_TRUE(is_served(other));
}

/// Lets the process open no more files than it has open.
class no_more_files {
public:
  no_more_files() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~no_more_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  no_more_files(const no_more_files&) = delete;
  no_more_files& operator=(const no_more_files&) = delete;

private:
  rlimit before_{};
};

TEST_F(Pitfall86, WithoutAFreeDescriptorOneClientIsTurnedAwayAndTheNextIsServed) {
  raw_socket served = connect();
  EXPECT_TRUE(is_served(served));
  raw_socket turned_away = connect();
  raw_socket late = connect();
  {
    const no_more_files limit;
    EXPECT_TRUE(is_ended(loop_, turned_away));
    EXPECT_TRUE(is_served(served));
  }
  EXPECT_TRUE(is_served(late));
}

}  // namespace
}  // namespace tryst::interop
