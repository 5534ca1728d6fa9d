// An independent decoder reads what ours and libtirpc say to each other.
#include <gtest/gtest.h>

#include <map>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "interop/peer_service.hpp"
#include "interop/unix_relay.hpp"
#include "support/peer_process.hpp"
#include "support/tshark.hpp"

namespace tryst::interop {
namespace {

constexpr std::uint32_t put = 6;

using counts = std::map<std::uint32_t, std::uint32_t>;

/// Nothing is malformed, and each reply answers one call, each call but the one-way ones has one
/// reply. Returns how many calls of each procedure of PEER_V2 there were.
counts check(const test::decoded_traffic& traffic) {
  EXPECT_EQ(traffic.complaints, "");
  counts calls;
  std::map<std::uint32_t, test::decoded_message> open;
  for (const test::decoded_message& each : traffic.messages) {
    EXPECT_EQ(each.program, 0x20000104U) << "frame " << each.frame;
    if (!each.is_reply) {
      if (each.version == 2) ++calls[each.procedure];
      const bool is_new = each.procedure == put || open.emplace(each.xid, each).second;
      EXPECT_TRUE(is_new) << each.xid;
      continue;
    }
    const auto call = open.find(each.xid);
    if (call == open.end()) {
      ADD_FAILURE() << "frame " << each.frame << ": a reply to no call";
      continue;
    }
    EXPECT_EQ(each.version, call->second.version) << each.xid;
    EXPECT_EQ(each.procedure, call->second.procedure) << each.xid;
    open.erase(call);
  }
  EXPECT_TRUE(open.empty()) << "calls without a reply: " << open.size();
  return calls;
}

/// Every command of the C client, and the calls that it makes of it.
const std::vector<std::string> commands{"null",
                                        "add",
                                        "divide 17 5",
                                        "divide 1 0",
                                        "repeat 1048576",
                                        "repeat 0",
                                        "numbers 262144",
                                        "put 1000",
                                        "refuse 1",
                                        "refuse 2",
                                        "refuse 5",
                                        "as sys",
                                        "who",
                                        "misfit",
                                        "procedure 99",
                                        "use 20000104 3",
                                        "null",
                                        "use 20000104 4",
                                        "null"};
const counts calls_of_commands{{0, 1}, {1, 3},      {2, 2}, {3, 2}, {4, 1},
                               {5, 3}, {put, 1000}, {7, 1}, {8, 1}, {99, 1}};

void run_c_client(const std::string& address) {
  std::vector<std::string> argv{PEER_CLIENT, address};
  argv.insert(argv.end(), commands.begin(), commands.end());
  test::output_of(std::move(argv));
}

void run_our_client(const std::string& where) {
  loop_thread loop;
  rpc::client client{loop, where};
  peer::PEER_V2::stub stub{client};
  stub.ADD({2, 3}).get();
  stub.DIVIDE(1, 0, "nobody can").get();
  stub.REPEAT(peer::payload(1U << 20)).get();
  stub.REPEAT({}).get();
  stub.REPEAT_NUMBERS(peer::numbers(1U << 18)).get();
  for (int i = 0; i < 1000; ++i) stub.PUT(i).get();
  stub.TOTAL().get();
  EXPECT_FALSE(stub.REFUSE(peer::TOO_WEAK, rpc::as_result).get());
}
const counts calls_of_our_client{{1, 1}, {2, 1}, {3, 2}, {4, 1}, {5, 1}, {put, 1000}, {7, 1}};

TEST(Traffic, OfACClientWithOurServerIsAsTsharkReadsIt) {
  const test::scratch_directory directory;
  loop_thread loop;
  rpc::server server{loop};
  serve_peer(server);
  const rpc::address at = server.listen("tcp://127.0.0.1:0");
  test::packet_capture capture{at.port, directory / "traffic"};
  run_c_client("tcp:" + std::to_string(at.port));
  capture.finish();
  EXPECT_EQ(check(test::decode(directory / "traffic", at.port)), calls_of_commands);
}

TEST(Traffic, OfACClientWithOurServerOverAUnixSocketIsAsTsharkReadsIt) {
  const test::scratch_directory directory;
  loop_thread loop;
  rpc::server server{loop};
  serve_peer(server);
  server.listen("unix:" + directory / "server");
  unix_relay relay{directory / "client", directory / "server", directory / "traffic"};
  run_c_client("unix:" + directory / "client");
  relay.finish();
  EXPECT_EQ(check(test::decode(directory / "traffic", unix_relay::port)), calls_of_commands);
}

TEST(Traffic, OfOurClientWithACServerIsAsTsharkReadsIt) {
  const test::scratch_directory directory;
  test::peer_process server{{PEER_SERVER, "tcp"}};
  const std::string port = server.wait_for("READY ");
  const auto number = static_cast<std::uint16_t>(std::stoi(port));
  test::packet_capture capture{number, directory / "traffic"};
  run_our_client("tcp://127.0.0.1:" + port);
  capture.finish();
  EXPECT_EQ(check(test::decode(directory / "traffic", number)), calls_of_our_client);
}

TEST(Traffic, OfOurClientWithACServerOverAUnixSocketIsAsTsharkReadsIt) {
  const test::scratch_directory directory;
  test::peer_process server{{PEER_SERVER, "unix:" + directory / "server"}};
  server.wait_for("READY ");
  unix_relay relay{directory / "client", directory / "server", directory / "traffic"};
  run_our_client("unix:" + directory / "client");
  relay.finish();
  EXPECT_EQ(check(test::decode(directory / "traffic", unix_relay::port)), calls_of_our_client);
}

// Nagle's algorithm and a delayed acknowledgement cost 40 ms when a mark leaves before its record.
TEST(Pitfall05, AMarkLeavesTogetherWithItsRecord) {
  const test::scratch_directory directory;
  loop_thread server_loop;
  loop_thread client_loop;
  rpc::server server{server_loop};
  serve_peer(server);
  const rpc::address at = server.listen("tcp://127.0.0.1:0");
  test::packet_capture capture{at.port, directory / "traffic"};
  {
    rpc::client client{client_loop, at.text()};
    peer::PEER_V2::stub stub{client};
    for (const std::size_t size : {0U, 100U, 4096U, 20'000U}) {
      for (int i = 0; i < 10; ++i) stub.REPEAT(peer::payload(size)).get();
    }
  }
  capture.finish();
  const test::decoded_traffic traffic = test::decode(directory / "traffic", at.port);
  check(traffic);
  EXPECT_EQ(traffic.segments.size(), 80U);
  for (const test::decoded_segment& each : traffic.segments) {
    EXPECT_EQ(each.messages, 1U) << "frame " << each.frame << " of " << each.length << " bytes";
  }
}

}  // namespace
}  // namespace tryst::interop
