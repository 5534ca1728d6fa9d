// Every system call of a server and its client is made to fail once, at every place where it is
// made, with every error that the kernel may give there: each call still ends, and the server
// serves the next client, or says when it is made why it cannot.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <ostream>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

#include "support/calculator.hpp"
#include "system_failures/failing_call.hpp"

namespace tryst::rpc {
namespace {

using tests::failing_call;
using tests::system_call;
using v1 = calc::CALC_V1;
using namespace std::chrono_literals;

struct failure_of_system {
  std::string_view name;
  system_call which;
  std::vector<int> errors;
  bool streams = true;  // where it is called
  bool datagrams = true;
};

void PrintTo(const failure_of_system& f, std::ostream* to) { *to << f.name; }

const failure_of_system all_failures[] = {
    {"accept4",
     system_call::accept4,
     {EINTR, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM},
     true,
     false},
    {"bind", system_call::bind, {EADDRINUSE, EACCES}},
    {"connect", system_call::connect, {ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, EAGAIN}},
    {"epoll_create1", system_call::epoll_create1, {EMFILE, ENOMEM}},
    {"epoll_ctl", system_call::epoll_ctl, {ENOMEM, ENOSPC}},
    {"epoll_wait", system_call::epoll_wait, {EINTR}},
    {"eventfd", system_call::eventfd, {EMFILE, ENOMEM}},
    {"getpeername", system_call::getpeername, {ENOTCONN, ENOBUFS}},
    {"getsockname", system_call::getsockname, {ENOBUFS}},
    {"getsockopt", system_call::getsockopt, {ENOMEM}},
    {"listen", system_call::listen, {EADDRINUSE}, true, false},
    {"read", system_call::read, {EINTR}},
    {"recv", system_call::recv, {EINTR, ENOMEM, ECONNRESET, ETIMEDOUT}, true, false},
    {"recvmmsg", system_call::recvmmsg, {EINTR, ENOMEM, ECONNREFUSED}, false, true},
    {"send", system_call::send, {EINTR, ENOBUFS, ENOMEM, EPIPE, ECONNRESET, EAGAIN}, true, false},
    {"sendmmsg",
     system_call::sendmmsg,
     {EINTR, ENOBUFS, ENOMEM, EPERM, EAGAIN, EMSGSIZE},
     false,
     true},
    {"sendmsg",
     system_call::sendmsg,
     {EINTR, ENOBUFS, ENOMEM, EPIPE, ECONNRESET, EAGAIN},
     true,
     false},
    {"setsockopt", system_call::setsockopt, {ENOPROTOOPT, ENOMEM}},
    {"socket", system_call::socket, {EMFILE, ENFILE, ENOBUFS, ENOMEM, EAFNOSUPPORT}},
    {"timerfd_create", system_call::timerfd_create, {EMFILE, ENOMEM}},
    {"write", system_call::write, {EINTR, EAGAIN}},
};

// A loop that the test turns, a server, and clients of it.
class scene {
public:
  explicit scene(std::string_view listened_at) {
    server_.serve<v1>(tests::calculator{});
    where_ = server_.listen(listened_at);
  }

  // Three calls at once, one of which is large; how many ended.
  int call() {
    client c{loop_, where_.text(), quick()};
    int ended = 0;
    const auto add = [](client& by, int& count) -> task<void> {
      v1::stub stub{by};
      const auto got = co_await stub.ADD({2, 3}, as_result);
      EXPECT_TRUE(!got || *got == 5);
      ++count;
    };
    const auto echo = [](client& by, int& count) -> task<void> {
      v1::stub stub{by};
      calc::entry large;
      large.label = std::string(30'000, 'x');
      const auto got = co_await stub.DESCRIBE({std::move(large)}, as_result);
      EXPECT_TRUE(got || got.error().code);
      ++count;
    };
    spawn(loop_, add(c, ended), nullptr);
    spawn(loop_, echo(c, ended), nullptr);
    spawn(loop_, add(c, ended), nullptr);
    turn_until([&] { return ended == 3; });
    return ended;
  }

  // Whether a fresh client has its result.
  bool serves() {
    client c{loop_, where_.text()};
    std::optional<std::expected<std::int32_t, failure>> got;
    const auto add = [](client& by, decltype(got)& into) -> task<void> {
      v1::stub stub{by};
      into = co_await stub.ADD({2, 3}, as_result);
    };
    spawn(loop_, add(c, got), nullptr);
    turn_until([&] { return got.has_value(); });
    return got && *got && **got == 5;
  }

private:
  static client_options quick() {
    return {.defaults = {.deadline = 2s},
            .timing = {.first = 20ms, .least = 20ms, .longest = 50ms}};
  }

  template <class Condition>
  void turn_until(Condition holds) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!holds() && std::chrono::steady_clock::now() < end) loop_.turn(1ms);
  }

  epoll_loop loop_;
  server server_{loop_};
  address where_;
};

class SecC3 : public ::testing::TestWithParam<std::tuple<std::string, failure_of_system>> {};

TEST_P(SecC3, AFailedSystemCallEndsNoOthersCallAndNoServer) {
  const auto& [transport, what] = GetParam();
  const std::string where = transport == "unix"
                                ? "unix:@tryst.system.failures." + std::to_string(::getpid())
                                : transport + "://127.0.0.1:0";
  for (const int error : what.errors) {
    for (int nth = 1; nth < 1000; ++nth) {
      SCOPED_TRACE(std::to_string(nth) + ": " + std::generic_category().message(error));
      std::optional<scene> made;
      bool failed = false;
      {
        const failing_call one{what.which, error, nth};
        try {
          made.emplace(where);
          EXPECT_EQ(made->call(), 3);
        } catch (const std::system_error& e) {
          EXPECT_NE(e.code(), std::error_code{}) << "that it says why";
        }
        failed = one.failed();
      }
      if (!made) made.emplace(where);
      ASSERT_TRUE(made->serves());
      if (failed) continue;
      EXPECT_GT(nth, 1) << "it was never called";
      break;
    }
  }
}

std::vector<SecC3::ParamType> everywhere() {
  std::vector<SecC3::ParamType> all;
  for (const failure_of_system& each : all_failures) {
    if (each.streams) all.emplace_back("tcp", each);
    if (each.streams) all.emplace_back("unix", each);
    if (each.datagrams) all.emplace_back("udp", each);
  }
  return all;
}

std::string name_of(const ::testing::TestParamInfo<SecC3::ParamType>& info) {
  const auto& [transport, what] = info.param;
  return transport + "_" + std::string{what.name};
}

INSTANTIATE_TEST_SUITE_P(OfEveryKind, SecC3, ::testing::ValuesIn(everywhere()), name_of);

}  // namespace
}  // namespace tryst::rpc
