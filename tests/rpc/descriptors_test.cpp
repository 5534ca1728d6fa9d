// A server whose process has no descriptor left, on a loop whose turns the test takes and counts.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

#include "support/calculator.hpp"
#include "support/raw_client.hpp"

namespace tryst::rpc {
namespace {

using namespace std::chrono_literals;
using tests::bytes_of;
using tests::raw_client;
using tests::record_of;

/// Sees what the server asks for its listening socket: the first that it watches.
class observed_loop final : public epoll_loop {
public:
  std::error_code add(int descriptor, watch& w, bool read, bool write) override {
    if (listening_ < 0) listening_ = descriptor;
    return epoll_loop::add(descriptor, w, read, write);
  }
  void change(int descriptor, watch& w, bool read, bool write) override {
    epoll_loop::change(descriptor, w, read, write);
    if (descriptor != listening_) return;
    pausing_ = !read;
    if (read) ++resumed;
  }
  void arm(timer& t, time_point when) noexcept override {
    epoll_loop::arm(t, when);
    if (std::exchange(pausing_, false)) pauses.push_back(when - now());
  }

  std::vector<duration> pauses;  ///< for which the server left new connections alone
  std::size_t resumed = 0;       ///< pauses that are over

private:
  int listening_ = -1;
  bool pausing_ = false;
};

/// While it lives, this process can open no descriptor more.
class no_descriptors {
public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(STDIN_FILENO);
    ::close(next);
    const rlimit now{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &now), 0);
  }
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;

private:
  rlimit before_{};
};

class Exhausted : public ::testing::Test {
protected:
  void expect_answer(raw_client& to) {
    to.write(record_of(tests::add_call(7, 2, 3)));
    pollfd reply{.fd = to.descriptor(), .events = POLLIN, .revents = 0};
    while (::poll(&reply, 1, 0) == 0) loop_.turn(1s);
    EXPECT_EQ(to.read_record(), bytes_of({7, 1, 0, 0, 0, 0, 5}));
  }

  observed_loop loop_;
  server server_{loop_};
  address where_ = [this] {
    server_.serve<calc::CALC_V1>(tests::calculator{});
    return server_.listen("tcp://127.0.0.1:0");
  }();
};

using SecD1 = Exhausted;

TEST_F(SecD1, WithoutDescriptorsTheServerRestsAndServesItsClients) {
  raw_client early{where_};
  expect_answer(early);
  {
    std::vector<raw_client> crowd;
    for (int i = 0; i < 100; ++i) crowd.emplace_back(where_);
    const no_descriptors left;
    std::size_t turns = 0;
    for (; loop_.resumed < 3; ++turns) loop_.turn();
    // One to refuse a connection and one that ends the pause, and some for timers that go off
    // early.
    EXPECT_LE(turns, 12U);
    EXPECT_EQ(loop_.pauses, (std::vector<loop::duration>{10ms, 20ms, 40ms}));
    expect_answer(early);
  }
  raw_client late{where_};
  expect_answer(late);
}

}  // namespace
}  // namespace tryst::rpc
