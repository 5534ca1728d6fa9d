#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <sstream>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "rpc/dialler.hpp"
#include "rpc/listener.hpp"
#include "rpc/privileged_ports.hpp"
#include "rpc/socket.hpp"
#include "support/calculator.hpp"

namespace tryst::rpc {
namespace {

// Whether the kernel lets this process bind ports below 1024; one that is taken says yes, too.
bool may_bind_privileged_ports() {
  const socket s{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(1023);
  const auto* name = reinterpret_cast<const sockaddr*>(&where);
  return ::bind(s.descriptor(), name, sizeof where) == 0 || errno != EACCES;
}

TEST(Pitfall50, AClientTakesAPortBelow1024OrSendsNothing) {
  for (const char* listen_at : {"tcp://127.0.0.1:0", "tcp://[::1]:0"}) {
    tests::calculator_record record;
    loop_thread server_loop;
    loop_thread client_loop;
    server s{server_loop};
    s.serve<calc::CALC_V1>(tests::calculator{&record}, {.auth = {.privileged_port = true}});
    const address where = s.listen(listen_at);
    client ordinary{client_loop, where.text()};
    client privileged{client_loop, where.text(), {.privileged_port = true}};
    const auto refused = calc::CALC_V1::stub{ordinary}.ADD({2, 3}, as_result).get();
    EXPECT_EQ(refused.error().code, errc::auth_too_weak);
    const auto sum = calc::CALC_V1::stub{privileged}.ADD({2, 3}, as_result).get();
    if (may_bind_privileged_ports()) {
      EXPECT_EQ(sum, 5);
    } else {
      EXPECT_EQ(sum.error().code, errc::connect_failed);
      EXPECT_EQ(sum.error().status, static_cast<std::uint32_t>(EACCES));
    }
    EXPECT_EQ(record.calls, sum ? 1 : 0);
  }
}

TEST(Pitfall50, ThePortsAreThoseThatTheSystemLeavesToItsClients) {
  std::istringstream blacklist{"# of others\n\n631   # cups\n 636\n70000\n80\n"};
  const auto ports = privileged_ports(blacklist);
  EXPECT_EQ(ports.size(), 422U);
  EXPECT_EQ(ports.front(), 600);
  EXPECT_EQ(ports.back(), 1023);
  for (const int taken : {631, 636}) EXPECT_EQ(std::ranges::count(ports, taken), 0);
}

TEST(Pitfall50, WhoFindsNoPortFreeIsToldWhy) {
  const auto taken = open_listening(*address::parse("tcp://0.0.0.0:0"), 1);
  ASSERT_TRUE(taken);
  const std::vector<std::uint16_t> ports{bound_address(*taken).port};
  const auto where = resolve(*address::parse("tcp://127.0.0.1:1"));
  loop_thread home;
  std::promise<failure> told;
  std::optional<dialler> dialling;
  run_on(home, [&] {
    dialling.emplace(home, *where,
                     dialler::options{.timeout = std::chrono::seconds{60}, .local_ports = &ports},
                     [&](std::expected<socket, failure> got) { told.set_value(got.error()); });
  });
  const failure why = told.get_future().get();
  EXPECT_EQ(why.code, errc::connect_failed);
  EXPECT_EQ(why.status, static_cast<std::uint32_t>(EADDRINUSE));
  EXPECT_EQ(why.text(), "no connection could be made (Address already in use)");
  run_on(home, [&] { dialling.reset(); });
}

}  // namespace
}  // namespace tryst::rpc
