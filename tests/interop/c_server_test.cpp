// Our client calls a C program made by rpcgen and libtirpc.
#include <gtest/gtest.h>

#include <tryst/auth/sys.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "interop/peer_service.hpp"
#include "support/peer_process.hpp"

namespace tryst::interop {
namespace {

/// An interface that peer_server does not have: a procedure, a version, a program.
template <std::uint32_t Program, std::uint32_t Version>
struct unserved {
  static constexpr rpc::interface_id id{Program, Version};
  static constexpr std::string_view name = "UNSERVED";
  struct CALL : rpc::procedure<77, void()> {
    using version = unserved;
    static constexpr std::string_view name = "CALL";
  };
  // As ADD is numbered, with less than it takes.
  struct SHORT : rpc::procedure<1, std::int32_t(std::int32_t)> {
    using version = unserved;
    static constexpr std::string_view name = "SHORT";
  };
};

class CServer : public testing::TestWithParam<const char*> {
protected:
  static bool over(std::string_view transport) { return GetParam() == transport; }

  std::string where() const {
    if (over("tcp")) return "tcp://127.0.0.1:" + port_;
    if (over("tcp6")) return "tcp://[::1]:" + port_;
    return socket_;
  }

  template <class P, class... A>
  rpc::failure failure_of(A... arguments) {
    auto outcome = client_.call<P>(std::tuple<A...>{std::move(arguments)...}, rpc::as_result).get();
    return outcome ? rpc::failure{} : outcome.error();
  }

  static peer::payload pattern(std::size_t size) {
    peer::payload made(size);
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::byte>(i * 7 + (i >> 8));
    return made;
  }

  test::scratch_directory directory_;
  std::string socket_ = "unix:" + directory_ / "socket";
  test::peer_process server_{{PEER_SERVER, over("unix") ? socket_ : GetParam()}};
  std::string port_ = server_.wait_for("READY ");
  loop_thread loop_;
  rpc::client client_{loop_, where()};
  peer::PEER_V2::stub<rpc::client> stub_{client_};
};

TEST_P(CServer, GivesResults) {
  EXPECT_EQ(stub_.ADD({2, 3}).get(), 5);
  EXPECT_EQ(*stub_.DIVIDE(17, 5, "").get().parts(), (peer::pair{3, 2}));
  EXPECT_EQ(*stub_.DIVIDE(1, 0, "nobody can").get().why(), "nobody can");
  EXPECT_EQ((peer::PEER_V4::stub{client_}.SUBTRACT({2, 3}).get()), -1);
}

TEST_P(CServer, TakesAndGivesAMebibyte) {
  for (const std::size_t size : {1U << 20, 0U, 1U, 70001U}) {
    EXPECT_EQ(stub_.REPEAT(pattern(size)).get(), pattern(size)) << size;
  }
  peer::numbers numbers(1U << 18);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int32_t>(i * 77);
  EXPECT_EQ(stub_.REPEAT_NUMBERS(numbers).get(), numbers);
}

TEST_P(CServer, TakesThousandCallsThatWantNoReply) {
  for (int i = 0; i < 1000; ++i) stub_.PUT(i).get();
  EXPECT_EQ(stub_.TOTAL().get(), 499500);
}

TEST_P(CServer, AnswersThousandCallsThatWereSentAtOnce) {
  const auto all = [](peer::PEER_V2::stub<rpc::client> stub) -> task<std::int64_t> {
    std::int64_t sum = 0;
    int left = 1000;
    for (int i = 0; i < 1000; ++i) {
      stub.ADD({i, 1}, [&](std::error_code failed, std::int32_t result) {
        EXPECT_FALSE(failed) << failed.message();
        sum += result;
        --left;
      });
    }
    while (left > 0) co_await stub.ADD({0, 0});
    co_return sum;
  };
  EXPECT_EQ(run(loop_, all(stub_)), 500500);
}

TEST_P(CServer, KnowsWhoWeSayWeAre) {
  auth::sys as{{.stamp = 1, .machine_name = "here", .uid = 11, .gid = 12, .gids = {13, 14}}};
  const peer::identity expected{.machine = "here", .uid = 11, .gid = 12, .groups = {13, 14}};
  EXPECT_EQ(stub_.WHO().get(), peer::identity{});
  EXPECT_EQ(stub_.WHO(rpc::call_options{.authenticator = &as}).get(), expected);
}

TEST_P(CServer, RefusesInEveryWayThatThereIs) {
  using REFUSE = peer::PEER_V2::REFUSE;
  const std::vector<std::pair<peer::refusal, errc>> refusals{
      {peer::GARBAGE, errc::garbage_args},
      {peer::SYSTEM, errc::system_err},
      {peer::BAD_CREDENTIAL, errc::auth_bad_cred},
      {peer::REJECTED_CREDENTIAL, errc::auth_rejected_cred},
      {peer::BAD_VERIFIER, errc::auth_bad_verf},
      {peer::REJECTED_VERIFIER, errc::auth_rejected_verf},
      {peer::TOO_WEAK, errc::auth_too_weak}};
  for (const auto& [asked, expected] : refusals) {
    EXPECT_EQ(failure_of<REFUSE>(asked).code, expected) << asked;
  }
  EXPECT_EQ(stub_.ADD({2, 3}).get(), 5);
}

TEST_P(CServer, SaysWhatItDoesNotServe) {
  using no_procedure = unserved<0x20000104, 2>::CALL;
  using no_version = unserved<0x20000104, 3>::CALL;
  using no_program = unserved<0x20000105, 1>::CALL;
  EXPECT_EQ(failure_of<no_procedure>().code, errc::proc_unavail);
  EXPECT_EQ(failure_of<no_program>().code, errc::prog_unavail);
  const rpc::failure mismatch = failure_of<no_version>();
  EXPECT_EQ(mismatch.code, errc::prog_mismatch);
  EXPECT_EQ(mismatch.low, 2U);
  EXPECT_EQ(mismatch.high, 4U);
}

TEST_P(CServer, SaysThatArgumentsAreGarbage) {
  using too_short = unserved<0x20000104, 2>::SHORT;
  EXPECT_EQ(failure_of<too_short>(1).code, errc::garbage_args);
}

INSTANTIATE_TEST_SUITE_P(Over, CServer, testing::Values("tcp", "tcp6", "unix"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace tryst::interop
