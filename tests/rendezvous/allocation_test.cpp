// What a rendezvous costs in memory: no allocation once the pools are warm, no stack.
#include <gtest/gtest.h>
#include <pthread.h>

#include <memory>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

#include "rendezvous/stage.hpp"
#include "support/allocation_meter.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;
using test::allocation_meter;

struct calculator : module {
  op<int(int, int)> add{this};
  op<int(int, int)> multiply{this};

  task<> server() {
    for (;;) {
      co_await in(
          accept(add).such_that([](int a, int) { return a >= 0; }) >>
              [](int a, int b) { return a + b; },
          accept(multiply) >> [](int a, int b) -> task<int> { co_return a* b; });
    }
  }
};

task<> calculate(calculator& c, int times, long& sum) {
  for (int i = 0; i < times; ++i) {
    sum += co_await c.add(i, 1);
    sum += co_await c.multiply(2, 3);
  }
}

TEST(RuleI5, ALocalCallAllocatesNothing) {
  calculator c;
  stage on;
  on.start(c, c.server());
  long sum = 0;
  on.run([&]() -> task<> {
    co_await calculate(c, 10, sum);
    const allocation_meter meter;
    co_await calculate(c, 1000, sum);
    EXPECT_EQ(meter.peak(), 0U);
  });
}

TEST(RuleI2, ASendTakesItsBlockFromAPool) {
  struct sink : module {
    op<void(int)> put{this};
  } s;
  stage on;
  for (int i = 0; i < 100; ++i) s.put.send(i);
  const auto drain = [&]() -> task<> {
    for (int i = 0; i < 100; ++i) co_await receive(s.put);
  };
  on.run(drain);
  const allocation_meter meter;
  for (int i = 0; i < 100; ++i) s.put.send(i);
  EXPECT_EQ(meter.peak(), 0U);
  on.run(drain);
}

constexpr int many = 1'000'000;

TEST(RuleI2, AMillionQueuedSendsCost128BytesEachAtMostAndCloseFreesThem) {
  struct sink : module {
    op<void(std::unique_ptr<int>)> put{this};
  } s;
  const allocation_meter meter;
  for (int i = 0; i < many; ++i) s.put.send(nullptr);
  EXPECT_EQ(s.put.pending(), std::size_t{many});
  constexpr std::size_t each = 128 + sizeof(std::unique_ptr<int>);
  EXPECT_LE(meter.peak(), many * each);
  s.close();
  EXPECT_EQ(s.put.pending(), 0U);
  EXPECT_LE(meter.left(), 256 * each);  // the pool keeps some blocks
}

void* rendezvous_often(void* result) {
  calculator c;
  stage on;
  on.start(c, c.server());
  long& sum = *static_cast<long*>(result);
  on.run([&]() -> task<> { co_await calculate(c, many / 2, sum); });
  return nullptr;
}

TEST(RuleS8, AMillionRendezvousRunInAStackOf256KiB) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  long sum = 0;
  pthread_t thread{};
  ASSERT_EQ(pthread_create(&thread, &attributes, rendezvous_often, &sum), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  const long half = many / 2;
  EXPECT_EQ(sum, half * (half - 1) / 2 + half + 6 * half);
}

}  // namespace
}  // namespace tryst
