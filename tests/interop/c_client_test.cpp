// A C program made by rpcgen and libtirpc calls our server.
#include <gtest/gtest.h>

#include <tryst/epoll_loop.hpp>

#include "interop/peer_service.hpp"
#include "support/peer_process.hpp"

namespace tryst::interop {
namespace {

/// Our server at an address of each kind, and what a C client says about it.
class CClient : public testing::TestWithParam<const char*> {
protected:
  void serve(rpc::service_options options = {.auth = {.sys = true}}) {
    serve_on(server_, std::move(options));
  }
  void serve_on(rpc::server& server, rpc::service_options options) {
    serve_peer(server, std::move(options));
    std::string where = GetParam();
    if (where == "unix:") where += directory_ / "socket";
    if (where == "unix:@") where += directory_.path().filename();
    at_ = server.listen(where);
  }

  /// The lines that the client prints.
  std::string says(std::vector<std::string> commands) {
    commands.insert(commands.begin(), {PEER_CLIENT, address()});
    return test::output_of(std::move(commands));
  }

  std::string address() const {
    using kind = rpc::address::transport;
    if (at_.kind == kind::local) return "unix:" + at_.path;
    if (at_.kind == kind::abstract) return "abstract:" + at_.path;
    return (at_.host == "::1" ? "tcp6:" : "tcp:") + std::to_string(at_.port);
  }

  test::scratch_directory directory_;
  loop_thread loop_;
  rpc::server server_{loop_};
  rpc::address at_;
};

TEST_P(CClient, GetsResults) {
  serve();
  EXPECT_EQ(says({"null", "add", "divide 17 5", "divide 1 0", "use 20000104 4", "null"}),
            "null ok\nadd 5\ndivide 3 2\ndivide: nobody can\nnull ok\n");
}

TEST_P(CClient, SendsAndGetsAMebibyte) {
  serve();
  EXPECT_EQ(says({"repeat 1048576", "repeat 0", "repeat 1", "repeat 70001", "numbers 262144"}),
            "repeat 1048576 same\nrepeat 0 same\nrepeat 1 same\nrepeat 70001 same\n"
            "numbers 262144 same\n");
}

TEST_P(CClient, SendsThousandCallsAtOnceThatWantNoReply) {
  serve();
  EXPECT_EQ(says({"put 1000", "add"}), "total 499500\nadd 5\n");
}

TEST_P(CClient, IsBelievedWhenItSaysWhoItIs) {
  serve();
  EXPECT_EQ(says({"who", "as sys", "who"}), "who '' 0 0\nwho 'workstation' 1001 1002 7 8 9\n");
}

TEST_P(CClient, UnderstandsEveryRefusal) {
  serve();
  EXPECT_EQ(says({"refuse 1", "refuse 2", "refuse 3", "refuse 4", "refuse 5", "refuse 6",
                  "refuse 7", "add"}),
            "refuse garbage_args\nrefuse system_err\nrefuse auth 1\nrefuse auth 2\n"
            "refuse auth 3\nrefuse auth 4\nrefuse auth 5\nadd 5\n");
}

TEST_P(CClient, IsToldWhatIsNotServed) {
  serve();
  EXPECT_EQ(says({"procedure 9", "procedure 4294967295", "use 20000105 1", "null", "use 20000104 3",
                  "null", "procedure 1", "use 20000104 0", "null"}),
            "procedure proc_unavail\nprocedure proc_unavail\nnull prog_unavail\n"
            "null mismatch 2 4\nprocedure mismatch 2 4\nnull mismatch 2 4\n");
}

TEST_P(CClient, IsToldThatItsArgumentsAreGarbage) {
  serve();
  EXPECT_EQ(says({"misfit", "refuse 99", "add"}),
            "one garbage_args\nfour garbage_args\nrefuse garbage_args\nadd 5\n");
}

TEST_P(CClient, IsTooWeakWithoutACredential) {
  serve({.auth = {.none = false, .sys = true}});
  EXPECT_EQ(says({"null", "add", "as sys", "add"}), "null ok\nadd auth 5\nadd 5\n");
}

TEST_P(CClient, SeesASystemErrorWhereItsCallIsNotAdmitted) {
  rpc::server crowded{loop_, {.replies = {.entries = 1}}};
  serve_on(crowded, {.auth = {.sys = true}, .once = {peer::PEER_V2::ADD::number}});
  EXPECT_EQ(says({"add", "add", "as sys", "add", "null"}),
            "add 5\nadd system_err\nadd system_err\nnull ok\n");
  EXPECT_EQ(crowded.counters().replies.refused, 2U);
}

std::string name_of(const testing::TestParamInfo<const char*>& each) {
  const std::vector<std::string> names{"Tcp4", "Tcp6", "Unix", "Abstract"};
  return names.at(each.index);
}

INSTANTIATE_TEST_SUITE_P(Over, CClient,
                         testing::Values("tcp://127.0.0.1:0", "tcp://[::1]:0", "unix:", "unix:@"),
                         name_of);

}  // namespace
}  // namespace tryst::interop
