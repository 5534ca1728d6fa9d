// Many threads on one client.

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

#include "support/calculator.hpp"

namespace tryst::rpc {
namespace {

TEST(Stress, EightThreadsMakeAHundredThousandCallsEachOnOneClient) {
  constexpr int threads = 8;
  constexpr int calls = 100'000;
  constexpr int window = 100;  // calls that a thread has outstanding
  loop_thread server_loop;
  loop_thread client_loop;
  tests::calculator_record record;
  server s{server_loop};
  s.serve<calc::CALC_V1>(tests::calculator{&record});
  client c{client_loop, s.listen("unix:@tryst-stress-" + std::to_string(::getpid())).text()};
  std::atomic<int> results = 0;
  std::atomic<int> failures = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < threads; ++t) {
    callers.emplace_back([&, t] {
      calc::CALC_V1::stub stub{c};
      for (int done = 0; done < calls; done += window) {
        const auto open = std::make_shared<std::atomic<int>>(window);
        for (int i = 0; i < window; ++i) {
          stub.ADD({t, i}, [&, open, i, t](std::error_code why, std::int32_t sum) {
            (!why && sum == t + i ? results : failures)++;
            // The thread may be gone as soon as it sees zero: the count is shared with it.
            if (--*open == 0) open->notify_one();
          });
        }
        for (int left = *open; left != 0; left = *open) open->wait(left);
      }
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(results, threads * calls);
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(record.calls, threads * calls);
}

}  // namespace
}  // namespace tryst::rpc
