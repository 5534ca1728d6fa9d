#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>
#include <latch>

#include <array>
#include <functional>
#include <latch>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <vector>

namespace tryst {
namespace {

using namespace std::chrono_literals;

struct noted_job final : job {
  std::vector<int>& order;
  int number;
  noted_job(std::vector<int>& o, int n) : order{o}, number{n} {}
  void run() noexcept override { order.push_back(number); }
};

struct stopping_timer final : timer {
  epoll_loop& loop;
  explicit stopping_timer(epoll_loop& l) : loop{l} {}
  void expired() noexcept override { loop.stop(); }
};

struct pair_of_sockets {
  std::array<int, 2> ends{};
  pair_of_sockets() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  }
  ~pair_of_sockets() {
    for (const int end : ends) ::close(end);
  }
};

struct counting_watch final : watch {
  std::function<void(readiness)> on_ready;
  void ready(readiness what) noexcept override { on_ready(what); }
};

TEST(EpollLoop, RunsScheduledJobsBeforeThoseOfTheTurnsEnd) {
  epoll_loop loop;
  std::vector<int> order;
  noted_job last{order, 3};
  noted_job first{order, 1};
  noted_job second{order, 2};
  loop.at_turn_end(last);
  loop.schedule(first);
  loop.schedule(second);
  loop.turn();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(EpollLoop, RunsWhatOtherThreadsPostInOrder) {
  epoll_loop loop;
  std::vector<int> order;
  std::thread other{[&] {
    for (int i = 0; i < 1000; ++i) loop.post([&order, i] { order.push_back(i); });
    loop.post([&loop] { loop.stop(); });
  }};
  loop.run();
  other.join();
  ASSERT_EQ(order.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(EpollLoop, ReportsADescriptorUntilItsCauseIsGone) {
  epoll_loop loop;
  const pair_of_sockets sockets;
  counting_watch w;
  int reports = 0;
  w.on_ready = [&](readiness what) {
    EXPECT_TRUE(what.readable);
    if (++reports == 2) {
      char byte = 0;
      EXPECT_EQ(::read(sockets.ends[0], &byte, 1), 1);
    }
  };
  loop.add(sockets.ends[0], w, true, false);
  EXPECT_EQ(::write(sockets.ends[1], "x", 1), 1);
  loop.turn(0ms);
  loop.turn(0ms);
  loop.turn(0ms);
  EXPECT_EQ(reports, 2);
  loop.forget(sockets.ends[0], w);
}

TEST(EpollLoop, SaysNothingOfADescriptorForgottenInTheSameTurn) {
  epoll_loop loop;
  const pair_of_sockets one;
  const pair_of_sockets two;
  counting_watch a;
  counting_watch b;
  int reports = 0;
  a.on_ready = [&](readiness) {
    ++reports;
    loop.forget(two.ends[0], b);
  };
  b.on_ready = [&](readiness) {
    ++reports;
    loop.forget(one.ends[0], a);
  };
  loop.add(one.ends[0], a, true, false);
  loop.add(two.ends[0], b, true, false);
  EXPECT_EQ(::write(one.ends[1], "x", 1), 1);
  EXPECT_EQ(::write(two.ends[1], "x", 1), 1);
  loop.turn(0ms);
  EXPECT_EQ(reports, 1);
  loop.forget(one.ends[0], a);
}

TEST(EpollLoop, SleepsUntilItsFirstTimer) {
  epoll_loop loop;
  stopping_timer t{loop};
  const auto armed_at = loop::clock::now();
  loop.arm(t, loop.now() + 30ms);
  loop.run();
  EXPECT_GE(loop::clock::now() - armed_at, 30ms);
}

TEST(EpollLoop, MayEndWhenAJobRanWhosePosterHasNotReturned) {
  for (int i = 0; i < 200; ++i) {
    std::latch ran{1};
    std::jthread poster;
    loop_thread home;
    poster = std::jthread{[&] { home.get().post([&] { ran.count_down(); }); }};
    ran.wait();
  }
}

TEST(EpollLoop, CanRunAgainAfterAStop) {
  epoll_loop loop;
  for (int i = 0; i < 2; ++i) {
    loop.post([&loop] { loop.stop(); });
    loop.run();
  }
}

TEST(EpollLoop, DestroysAPostedFunctionThatItNeverRan) {
  const auto tracked = std::make_shared<int>(0);
  {
    epoll_loop loop;
    loop.post([tracked] {});
    EXPECT_EQ(tracked.use_count(), 2);
  }
  EXPECT_EQ(tracked.use_count(), 1);
}

TEST(EpollLoop, RunOnWaitsForTheOtherThreadAndPassesItsException) {
  loop_thread background;
  std::thread::id where;
  run_on(background, [&] { where = std::this_thread::get_id(); });
  EXPECT_NE(where, std::this_thread::get_id());
  EXPECT_THROW(run_on(background, [] { throw std::runtime_error("x"); }), std::runtime_error);
}

TEST(EpollLoop, RunOnWorksAtOnceWhereNoThreadRunsTheLoop) {
  epoll_loop loop;
  bool ran = false;
  run_on(loop, [&] { ran = true; });
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace tryst
