// Many at once: threads share one client, which is the one object that they may share.
#include <asio/use_future.hpp>
#include <atomic>
#include <future>
#include <iostream>
#include <latch>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

#include "calc.hpp"

struct calculator {
  std::int32_t ADD(calc::pair p) { return p.a + p.b; }
};

int main() {
  constexpr int calls = 1000;
  tryst::loop_thread loop;
  tryst::rpc::server server{loop};
  // How calls are run is said here, in one word: inline_, task_per_call, pool(n) or serialised.
  server.serve<calc::CALC_V1>(calculator{}, {.policy = tryst::rpc::pool(2)});
  tryst::rpc::client client{loop, server.listen("tcp://127.0.0.1:0").text()};
  calc::CALC_V1::stub calc{client};

  // One call after the other, each blocking its thread.
  std::atomic<int> by_blocking = 0;
  const auto block = [&] {
    for (int i = 0; i < calls; ++i) by_blocking += calc.ADD({i, 1}).get() - i;
  };
  {
    std::jthread one{block};
    std::jthread two{block};
  }
  std::cout << "two blocking threads: " << by_blocking << '\n';

  // All calls in flight at once, their results in futures.
  std::vector<std::future<std::int32_t>> futures;
  for (int i = 0; i < calls; ++i) futures.push_back(calc.ADD({i, 1}, asio::use_future));
  int by_future = 0;
  for (int i = 0; i < calls; ++i) by_future += futures[static_cast<std::size_t>(i)].get() - i;
  std::cout << "futures: " << by_future << '\n';

  // All calls in flight at once, with a function for each result. It runs on the loop.
  std::atomic<int> by_callback = 0;
  std::latch answered{calls};
  for (int i = 0; i < calls; ++i) {
    calc.ADD({i, 1}, [&, i](std::error_code error, std::int32_t sum) {
      by_callback += error ? 0 : sum - i;
      answered.count_down();
    });
  }
  answered.wait();
  std::cout << "callbacks: " << by_callback << '\n';
}
