#include <gtest/gtest.h>

#include <asio/post.hpp>
#include <thread>
#include <tryst/asio_loop.hpp>

namespace tryst {
namespace {

using namespace std::chrono_literals;

struct function_timer final : timer {
  std::function<void()> on_expired;
  void expired() noexcept override { on_expired(); }
};

TEST(AsioLoop, TakesItsTurnsInTheIoContext) {
  asio::io_context context;
  asio_loop loop{context};
  bool here = false;
  std::thread other{[&] {
    loop.post([&] {
      here = loop.running_here();
      context.stop();
    });
  }};
  context.run();
  other.join();
  EXPECT_TRUE(here);
}

TEST(AsioLoop, RunsWhatAnAsioHandlerSchedules) {
  asio::io_context context;
  asio_loop loop{context};
  struct stop_job final : job {
    asio::io_context& context;
    explicit stop_job(asio::io_context& c) : context{c} {}
    void run() noexcept override { context.stop(); }
  } stop{context};
  asio::post(context, [&] { loop.at_turn_end(stop); });
  EXPECT_GT(context.run_for(10s), 0U);
  EXPECT_TRUE(context.stopped());
}

TEST(AsioLoop, WakesForItsTimers) {
  asio::io_context context;
  asio_loop loop{context};
  function_timer late;
  function_timer early;
  int order = 0;
  late.on_expired = [&] {
    EXPECT_EQ(order, 1);
    context.stop();
  };
  early.on_expired = [&] { ++order; };
  loop.arm(late, loop.now() + 60ms);
  loop.arm(early, loop.now() + 10ms);
  context.run_for(10s);
  EXPECT_EQ(order, 1);
}

TEST(AsioLoop, LeavesTheIoContextWhenItEnds) {
  asio::io_context context;
  {
    const asio_loop loop{context};
  }
  context.run();  // returns: nothing waits any more
}

}  // namespace
}  // namespace tryst
