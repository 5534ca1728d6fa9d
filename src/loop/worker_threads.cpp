#include "loop/worker_threads.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace tryst {

struct worker_threads::state {
  std::mutex mutex;
  std::condition_variable_any more;
  job_queue jobs;
  std::vector<std::jthread> threads;

  void work(const std::stop_token& stop) {
    for (;;) {
      job* next = nullptr;
      {
        std::unique_lock lock{mutex};
        if (!more.wait(lock, stop, [this] { return !jobs.empty(); })) return;
        if (stop.stop_requested()) return;
        next = jobs.pop();
      }
      next->run();
    }
  }
};

worker_threads::worker_threads(std::uint32_t count) : state_{std::make_unique<state>()} {
  for (std::uint32_t i = 0; i < std::max(count, 1U); ++i) {
    state_->threads.emplace_back([this](const std::stop_token& stop) { state_->work(stop); });
  }
}

worker_threads::~worker_threads() {
  for (std::jthread& t : state_->threads) t.request_stop();
  state_->threads.clear();
  while (job* j = state_->jobs.pop()) j->abandoned();
}

void worker_threads::post(job& j) {
  {
    const std::lock_guard lock{state_->mutex};
    state_->jobs.push(j);
  }
  state_->more.notify_one();
}

}  // namespace tryst
