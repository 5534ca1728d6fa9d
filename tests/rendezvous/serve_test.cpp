// serve(): the caller runs the body; otherwise it is a process that repeats an input statement.
#include <tryst/rendezvous/serve.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <latch>
#include <thread>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/op_array.hpp>
#include <tryst/rendezvous/outside_call.hpp>
#include <vector>

#include "rendezvous/stage.hpp"
#include "support/allocation_meter.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;

struct buffer : module {
  op<void(int)> deposit{this};
  op<int()> fetch{this};
  std::deque<int> items;
  std::size_t size;

  explicit buffer(std::size_t most) : size{most} {
    serve(
        *this, accept(deposit).when([this] {
          return items.size() < size;
        }) >> [this](int item) { items.push_back(item); },
        accept(fetch).when([this] { return !items.empty(); }) >>
            [this] {
              const int item = items.front();
              items.pop_front();
              return item;
            });
  }
};

TEST(Serve, RunsTheBodyWhereItIsCalled) {
  buffer b{2};
  b.deposit(1).wait();
  b.deposit.send(2);
  EXPECT_EQ(b.fetch().wait(), 1);
  EXPECT_EQ(b.fetch().wait(), 2);
  EXPECT_EQ(b.fetch.try_call().wait(), std::nullopt);
}

TEST(Serve, ALocalCallAllocatesNothing) {
  struct counter : module {
    op<int(int)> add{this};
    int count = 0;
    counter() {
      serve(
          *this, accept(add).such_that([this](int n) { return n > count; }) >>
                     [this](int n) { return count += n; });
    }
  } c;
  stage on{c};
  on.run([&]() -> task<> {
    const test::allocation_meter meter;
    for (int i = 1; i < 10; ++i) co_await c.add(1 << i);
    EXPECT_EQ(meter.peak(), 0U);
    EXPECT_EQ(c.count, 1022);
  });
}

TEST(Serve, QueuesWhatAGuardRefusesUntilABodyHasChangedIt) {
  buffer b{1};
  stage on{b};
  std::vector<int> fetched;
  for (int i = 0; i < 3; ++i) {
    on.run([&]() -> task<> { fetched.push_back(co_await b.fetch()); });
  }
  EXPECT_EQ(b.fetch.pending(), 3U);
  for (int i = 0; i < 3; ++i) b.deposit.send(i);
  on.play();
  EXPECT_EQ(fetched, (std::vector{0, 1, 2}));
  EXPECT_EQ(b.fetch.pending(), 0U);
}

TEST(Serve, TakesTheLimitOfACallAsAStatementDoes) {
  buffer b{1};
  stage on{b};
  std::error_code why;
  on.begin([&]() -> task<> {
    auto none = co_await b.fetch.call_for(std::chrono::seconds{1});
    why = none.error();
  });
  on.play();
  EXPECT_EQ(b.fetch.pending(), 1U);
  on.advance(std::chrono::seconds{2});
  EXPECT_EQ(why, errc::not_taken);
  EXPECT_EQ(b.fetch.pending(), 0U);
  int found = 0;
  on.run([&]() -> task<> {
    co_await b.deposit(7);
    found = (co_await b.fetch.call_for(std::chrono::seconds{1})).value();
  });
  EXPECT_EQ(found, 7);
}

TEST(Serve, ServesWhatCameBeforeIt) {
  struct sum_up : module {
    op<void(int)> add{this};
    int sum = 0;
  } s;
  s.add.send(1);
  s.add.send(2);
  serve(s, accept(s.add) >> [&s](int n) { s.sum = s.sum * 10 + n; });
  EXPECT_EQ(s.sum, 12);
}

struct scheduler : module {
  op<void(int)> request{this};
  op<void()> release{this};
  std::vector<int> order;
  bool busy = false;

  scheduler() {
    serve(
        *this,
        accept(request).such_that([this](int) { return !busy; }).by([](int length) {
          return length;
        }) >>
            [this](int length) {
              busy = true;
              order.push_back(length);
            },
        accept(release) >> [this] { busy = false; });
  }
};

TEST(RuleS4, HoldsInServe) {
  scheduler s;
  for (const int length : {5, 3, 9, 1}) s.request.send(length);
  for (int i = 0; i < 4; ++i) s.release().wait();
  EXPECT_EQ(s.order, (std::vector{5, 1, 3, 9}));
}

TEST(RuleS3, HoldsInServe) {
  struct gate : module {
    op<void(int)> a{this}, b{this};
    op<void()> open{this};
    bool is_open = false;
    std::vector<int> order;
    gate() {
      serve(
          *this,
          accept(a).when([this] { return is_open; }) >> [this](int n) { order.push_back(n); },
          accept(b).when([this] { return is_open; }) >> [this](int n) { order.push_back(n); },
          accept(open) >> [this] { is_open = true; });
    }
  } g;
  g.b.send(1);
  g.a.send(2);
  g.b.send(3);
  g.a.send(4);
  g.open().wait();
  EXPECT_EQ(g.order, (std::vector{1, 2, 3, 4}));
}

TEST(RuleS6, HoldsInServe) {
  struct desk : module {
    op<int(int)> ask{this};
    op<void(int)> answer{this};
    std::deque<call<int(int)>> asked;
    desk() {
      serve(
          *this, accept(ask) >> [this](call<int(int)> c, int) { asked.push_back(std::move(c)); },
          accept(answer).when([this] { return !asked.empty(); }) >>
              [this](int n) {
                asked.front().reply(n);
                asked.pop_front();
              });
    }
  } d;
  stage on{d};
  int told = 0;
  on.run([&]() -> task<> { told = co_await d.ask(1); });
  EXPECT_EQ(told, 0);
  on.run([&]() -> task<> { co_await d.answer(5); });
  EXPECT_EQ(told, 5);
}

TEST(RuleS10, HoldsInServe) {
  struct forks : module {
    op_array<void(int)> take{this, 3};
    op<void(int)> put{this};
    bool taken[3] = {};
    std::vector<int> log;
    forks() {
      serve(
          *this,
          accept(each(take)).such_that([this](std::size_t k, int) { return !taken[k]; }) >>
              [this](std::size_t k, int who) {
                taken[k] = true;
                log.push_back(who);
              },
          accept(put) >> [this](int k) { taken[k] = false; });
    }
  } f;
  f.take[1](10).wait();
  f.take[1].send(11);
  f.take[2](12).wait();
  EXPECT_EQ(f.log, (std::vector{10, 12}));
  f.put(1).wait();
  EXPECT_EQ(f.log, (std::vector{10, 12, 11}));
}

struct failing : module {
  op<int(int)> divide{this};
  op<int(int)> mildly{this};
  failing() {
    serve(
        *this,
        accept(divide) >> [](int n) { return n == 0 ? throw std::domain_error{"0"} : 100 / n; },
        accept(mildly).caller_only() >>
            [](int n) { return n == 0 ? throw std::domain_error{"0"} : 100 / n; });
  }
};

TEST(RuleS13, HoldsInServe) {
  failing f;
  EXPECT_THROW(f.mildly(0).wait(), std::domain_error);
  EXPECT_EQ(f.divide(5).wait(), 20);
  EXPECT_THROW(f.divide(0).wait(), std::domain_error);
  EXPECT_THROW(f.divide(5).wait(), call_error);
  EXPECT_THROW(f.join(), std::domain_error);
}

TEST(RuleM4, HoldsInServe) {
  buffer b{1};
  stage on;
  errc why{};
  on.begin([&]() -> task<> {
    try {
      co_await b.fetch();
    } catch (const call_error& error) {
      if (error.code() == errc::op_closed) why = errc::op_closed;
    }
  });
  on.play();
  b.close();
  on.play();
  EXPECT_EQ(why, errc::op_closed);
  EXPECT_THROW(b.deposit.send(1), call_error);
  b.join();
}

TEST(RuleI1, AnOperationThatIsServedIsInNoStatement) {
  buffer b{1};
  EXPECT_THROW(in(accept(b.deposit) >> [](int) {}).wait(), std::logic_error);
  EXPECT_THROW(serve(b, accept(b.deposit) >> [](int) {}), std::logic_error);
}

TEST(RuleS2, AStatementNoticesWhatServedBodiesChange) {
  struct both : module {
    op<void()> raise{this};
    op<void()> wait_high{this};
    int level = 0;
    both() {
      serve(*this, accept(raise) >> [this] { ++level; });
    }
    task<> watch() {
      co_await in(accept(wait_high).when([this] { return level > 1; }) >> [] {});
    }
  } m;
  stage on{m};
  m.start(on.home(), m.watch());
  bool high = false;
  on.run([&]() -> task<> {
    co_await m.wait_high();
    high = true;
  });
  m.raise().wait();
  on.play();
  EXPECT_FALSE(high);
  m.raise().wait();
  on.play();
  EXPECT_TRUE(high);
}

TEST(Serve, IsOneBodyAtATimeAmongThreads) {
  constexpr int callers = 4;
  constexpr int times = 5000;
  buffer b{3};
  std::atomic<long> sum = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < callers; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < times; ++i) b.deposit(1).wait();
      });
      threads.emplace_back([&] {
        for (int i = 0; i < times; ++i) sum += b.fetch().wait();
      });
    }
  }
  EXPECT_EQ(sum, callers * times);
  EXPECT_TRUE(b.items.empty());
  b.close();
  b.join();
}

TEST(Serve, ClosesWhileThreadsCall) {
  for (int round = 0; round < 20; ++round) {
    auto b = std::make_unique<buffer>(1);
    std::latch begun{3};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        begun.count_down();
        try {
          for (;;) {
            if (t == 0) {
              b->deposit(1).wait();
            } else if (t == 1) {
              b->fetch().wait();
            } else {
              static_cast<void>(b->fetch.call_for(std::chrono::microseconds{50}).wait().value());
            }
          }
        } catch (const call_error&) {
        } catch (const std::bad_expected_access<std::error_code>&) {
        }
      });
    }
    begun.wait();
    for (int i = 0; i < 100; ++i) static_cast<void>(b->deposit.try_call(1).wait());
    b->close();
    threads.clear();
    b->join();
  }
}

struct asker final : outside_call<int()> {
  explicit asker(op<int()>& of) : outside_call{of} {}
  void ended() noexcept override { ++told; }
  int told = 0;
};

// As one does who learns of both, in this order, on another thread.
TEST(Serve, WhatItHasRefusedIsNotTakenBackFromAnOperationThatIsGone) {
  auto b = std::make_unique<buffer>(1);
  asker one{b->fetch};
  ASSERT_EQ(one.arrive(), errc{});
  b->close();
  EXPECT_EQ(one.told, 1);
  b.reset();
  one.give_up(errc::cancelled);
  EXPECT_EQ(one.told, 1);
}

}  // namespace
}  // namespace tryst
