// Threads and loops: several call one module, each process on a loop of its own (D8, shared
// engine).
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <vector>

namespace tryst {
namespace {

struct bounded_buffer : module {
  op<void(int)> deposit{this};
  op<int()> fetch{this};

  task<> server(std::size_t slots) {
    std::vector<int> stored;
    for (;;) {
      co_await in(
          accept(deposit).when(stored.size() < slots) >> [&](int item) { stored.push_back(item); },
          accept(fetch).when(!stored.empty()) >>
              [&] {
                const int item = stored.front();
                stored.erase(stored.begin());
                return item;
              });
    }
  }
};

constexpr int items = 2000;

task<> produce(bounded_buffer& buffer, int first) {
  for (int i = 0; i < items; ++i) co_await buffer.deposit(first + i);
}

task<long> consume(bounded_buffer& buffer) {
  long sum = 0;
  for (int i = 0; i < items; ++i) sum += co_await buffer.fetch();
  co_return sum;
}

constexpr long sum_of(int producers) {
  const long all = static_cast<long>(producers) * items;
  return all * (all - 1) / 2;
}

TEST(Shared, CoroutinesOnFourLoopsUseOneModule) {
  bounded_buffer buffer;
  loop_thread home;
  buffer.start(home, buffer.server(4));
  long sums[2] = {};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&, i] {
        loop_thread own;
        tryst::run(own, produce(buffer, i * items));
      });
      callers.emplace_back([&, i] {
        loop_thread own;
        sums[i] = tryst::run(own, consume(buffer));
      });
    }
  }
  EXPECT_EQ(sums[0] + sums[1], sum_of(2));
  buffer.close();
  buffer.join();
}

TEST(Shared, ThreadsCallAndAThreadServices) {
  bounded_buffer buffer;
  long sum = 0;
  {
    std::jthread server{[&] {
      std::vector<int> stored;
      for (int i = 0; i < 4 * items; ++i) {
        in(
            accept(buffer.deposit) >> [&](int item) { stored.push_back(item); },
            accept(buffer.fetch).when(!stored.empty()) >>
                [&] {
                  const int item = stored.back();
                  stored.pop_back();
                  return item;
                })
            .wait();
      }
    }};
    std::vector<std::jthread> producers;
    for (int i = 0; i < 2; ++i) {
      producers.emplace_back([&, i] {
        for (int k = 0; k < items; ++k) buffer.deposit(i * items + k).wait();
      });
    }
    for (int k = 0; k < 2 * items; ++k) sum += buffer.fetch().wait();
  }
  EXPECT_EQ(sum, sum_of(2));
}

struct allocator : module {
  op<void(int)> request{this};
  op<void(int)> release{this};
};

task<> serve(allocator& a, int& free, bool& overdrawn) {
  for (;;) {
    co_await in(
        accept(a.request).such_that([&](int units) { return units <= free; }) >>
            [&](int units) {
              free -= units;
              overdrawn = overdrawn || free < 0;
            },
        accept(a.release) >> [&](int units) { free += units; });
  }
}

TEST(Shared, GuardsOverArgumentsHoldAmongManyThreads) {
  allocator a;
  int free = 3;
  bool overdrawn = false;
  loop_thread home;
  a.start(home, serve(a, free, overdrawn));
  {
    std::vector<std::jthread> clients;
    for (int i = 1; i <= 3; ++i) {
      clients.emplace_back([&, i] {
        for (int k = 0; k < 500; ++k) {
          a.request(i).wait();
          a.release.send(i);
        }
      });
    }
  }
  a.close();
  a.join();
  EXPECT_FALSE(overdrawn);
}

TEST(Shared, ConditionalCallsOfManyThreadsAreTakenOrNot) {
  allocator a;
  int free = 1'000'000;
  bool overdrawn = false;
  loop_thread home;
  a.start(home, serve(a, free, overdrawn));
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 3; ++i) {
      clients.emplace_back([&] {
        for (int k = 0; k < 500; ++k) taken += a.request.try_call(1).wait() ? 1 : 0;
      });
    }
  }
  a.close();
  a.join();
  EXPECT_EQ(free, 1'000'000 - taken);
}

TEST(Shared, ServicersOnTwoLoopsShareTheWork) {
  struct pool : module {
    op<int(int)> square{this};

    task<> worker() {
      for (;;) {
        co_await in(accept(square).such_that([](int n) { return n >= 0; }) >>
                    [](int n) { return n * n; });
      }
    }
  } p;
  loop_thread first;
  loop_thread second;
  p.start(first, p.worker());
  p.start(second, p.worker());
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 3; ++i) {
      clients.emplace_back([&] {
        for (int n = 0; n < 500; ++n) ASSERT_EQ(p.square(n).wait(), n * n);
      });
    }
  }
  p.close();
  p.join();
}

TEST(Shared, AModuleIsClosedUnderThreadsThatCallIt) {
  bounded_buffer buffer;
  loop_thread home;
  buffer.start(home, buffer.server(2));
  const auto until_closed = [](auto invoke) {
    try {
      for (;;) invoke();
    } catch (const call_error& error) {
      EXPECT_EQ(error.code(), errc::op_closed);
    }
  };
  // Each kind keeps the other going, whatever the threads' turns.
  std::vector<std::jthread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] { until_closed([&] { buffer.fetch().wait(); }); });
    callers.emplace_back([&] { until_closed([&] { buffer.deposit(1).wait(); }); });
  }
  for (int i = 0; i < 100; ++i) buffer.deposit(i).wait();
  buffer.close();
  callers.clear();
  buffer.join();
}

}  // namespace
}  // namespace tryst
