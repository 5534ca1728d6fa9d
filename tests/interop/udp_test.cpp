// C programs made by rpcgen and libtirpc over UDP, as clients and as a server of ours.
#include <gtest/gtest.h>

#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "interop/peer_service.hpp"
#include "support/peer_process.hpp"

namespace tryst::interop {
namespace {

class CDatagramClient : public ::testing::TestWithParam<const char*> {
protected:
  std::string says(std::vector<std::string> commands) {
    const std::string kind = at_.host == "::1" ? "udp6:" : "udp:";
    commands.insert(commands.begin(), {PEER_CLIENT, kind + std::to_string(at_.port)});
    return test::output_of(std::move(commands));
  }

  loop_thread loop_;
  rpc::server server_{loop_};
  rpc::address at_ = [this] {
    serve_peer(server_, {.auth = {.sys = true}});
    return server_.listen(GetParam());
  }();
};

TEST_P(CDatagramClient, GetsResults) {
  EXPECT_EQ(says({"null", "add", "divide 17 5", "divide 1 0", "use 20000104 4", "null"}),
            "null ok\nadd 5\ndivide 3 2\ndivide: nobody can\nnull ok\n");
}

TEST_P(CDatagramClient, SendsAndGetsAllThatADatagramHolds) {
  EXPECT_EQ(says({"repeat 0", "repeat 1", "repeat 9000", "repeat 64000", "numbers 16000"}),
            "repeat 0 same\nrepeat 1 same\nrepeat 9000 same\nrepeat 64000 same\n"
            "numbers 16000 same\n");
}

TEST_P(CDatagramClient, IsBelievedWhenItSaysWhoItIs) {
  EXPECT_EQ(says({"who", "as sys", "who"}), "who '' 0 0\nwho 'workstation' 1001 1002 7 8 9\n");
}

TEST_P(CDatagramClient, UnderstandsEveryRefusal) {
  EXPECT_EQ(says({"refuse 1", "refuse 2", "refuse 3", "refuse 7", "misfit", "procedure 9",
                  "use 20000105 1", "null", "use 20000104 3", "null"}),
            "refuse garbage_args\nrefuse system_err\nrefuse auth 1\nrefuse auth 5\n"
            "one garbage_args\nfour garbage_args\nprocedure proc_unavail\nnull prog_unavail\n"
            "null mismatch 2 4\n");
}

INSTANTIATE_TEST_SUITE_P(Over, CDatagramClient,
                         ::testing::Values("udp://127.0.0.1:0", "udp://[::1]:0"),
                         [](const auto& each) { return each.index == 0 ? "V4" : "V6"; });

class CDatagramServer : public ::testing::Test {
protected:
  test::peer_process server_{{PEER_SERVER, "udp"}};
  std::string port_ = server_.wait_for("READY ");
  loop_thread loop_;
  rpc::client client_{loop_, "udp://127.0.0.1:" + port_};
  peer::PEER_V2::stub<rpc::client> stub_{client_};
};

TEST_F(CDatagramServer, GivesResults) {
  EXPECT_EQ(stub_.ADD({2, 3}).get(), 5);
  EXPECT_EQ(stub_.DIVIDE(17, 5, "").get().parts()->a, 3);
  EXPECT_EQ(*stub_.DIVIDE(1, 0, "nobody can").get().why(), "nobody can");
  const peer::payload large(64000, std::byte{7});
  EXPECT_EQ(stub_.REPEAT(large).get(), large);
}

TEST_F(CDatagramServer, RefusesAsOverStreams) {
  EXPECT_EQ(stub_.REFUSE(peer::GARBAGE, rpc::as_result).get().error().code, errc::garbage_args);
  EXPECT_EQ(stub_.REFUSE(peer::SYSTEM, rpc::as_result).get().error().code, errc::system_err);
  EXPECT_EQ(stub_.REFUSE(peer::TOO_WEAK, rpc::as_result).get().error().code, errc::auth_too_weak);
}

}  // namespace
}  // namespace tryst::interop
