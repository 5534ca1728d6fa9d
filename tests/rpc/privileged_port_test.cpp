#include <gtest/gtest.h>

#include <cerrno>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

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
    }
    EXPECT_EQ(record.calls, sum ? 1 : 0);
  }
}

}  // namespace
}  // namespace tryst::rpc
