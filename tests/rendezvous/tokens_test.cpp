// Calls and statements with the completion tokens of Asio.
#include <gtest/gtest.h>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <expected>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <tryst/asio_loop.hpp>
#include <tryst/async.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

namespace tryst {
namespace {

struct desk : module {
  op<int(int)> ask{this};
  op<std::unique_ptr<int>()> fetch{this};
  op<void(int)> note{this};

  task<> server() {
    for (;;) {
      co_await in(
          accept(ask).caller_only() >>
              [](int n) {
                if (n < 0) throw std::domain_error{"less than nothing"};
                return 2 * n;
              },
          accept(fetch) >> [] { return std::make_unique<int>(7); });
    }
  }
};

struct served {
  served() { d.start(home.get(), d.server()); }
  served(const served&) = delete;
  served& operator=(const served&) = delete;
  ~served() {
    d.close();
    d.join();
  }

  desk d;
  loop_thread home;
};

TEST(Tokens, ACallMakesAFuture) {
  served s;
  std::future<int> got = async(s.home.get(), [&] { return s.d.ask(21); }, asio::use_future);
  EXPECT_EQ(got.get(), 42);
  EXPECT_EQ(*async(s.home.get(), [&] { return s.d.fetch(); }, asio::use_future).get(), 7);
}

TEST(Tokens, WhatABodyThrowsIsInTheFuture) {
  served s;
  auto got = async(s.home.get(), [&] { return s.d.ask(-1); }, asio::use_future);
  EXPECT_THROW(got.get(), std::domain_error);
}

TEST(Tokens, AnAwaitableOfAsioCallsAndServicesOnItsOwnContext) {
  asio::io_context context;
  asio_loop home{context};
  desk d;
  d.start(home, d.server());
  int sum = 0;
  asio::co_spawn(
      context,
      [&]() -> asio::awaitable<void> {
        sum += co_await async(home, [&] { return d.ask(1); }, asio::use_awaitable);
        d.note.send(40);
        co_await async(
            home, [&] { return in(accept(d.note) >> [&](int n) { sum += n; }); },
            asio::use_awaitable);
        d.close();
        context.stop();
      },
      asio::detached);
  context.run();
  EXPECT_EQ(sum, 42);
  context.restart();
  context.poll();  // the server ends
  d.join();
}

TEST(Tokens, AHandlerRunsOnItsExecutorWhichHasWorkUntilThen) {
  served s;
  asio::io_context elsewhere;
  std::thread::id where;
  async(
      s.home.get(), [&] { return s.d.ask(1); },
      asio::bind_executor(
          elsewhere, [&](const std::exception_ptr&, int) { where = std::this_thread::get_id(); }));
  elsewhere.run();
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(Tokens, ACancellationTakesBackACallThatIsQueued) {
  desk d;  // which nobody services
  loop_thread home;
  asio::io_context context;
  asio::cancellation_signal give_up;
  std::optional<std::expected<int, std::error_code>> got;
  async(
      home.get(), [&](std::stop_token stop) { return d.ask.call_unless(std::move(stop), 1); },
      asio::bind_cancellation_slot(
          give_up.slot(),
          asio::bind_executor(
              context, [&](const std::exception_ptr&, std::expected<int, std::error_code> result) {
                got = result;
              })));
  give_up.emit(asio::cancellation_type::terminal);
  context.run();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error(), errc::cancelled_unsent);
  EXPECT_EQ(d.ask.pending(), 0U);
}

}  // namespace
}  // namespace tryst
