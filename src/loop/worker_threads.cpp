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

worker_threads::worker_threads(std::uint32_t count) : state_{std::make_shared<state>()} {
  for (std::uint32_t i = 0; i < std::max(count, 1U); ++i) {
    // A thread may be the one that destroys its own group: it then outlives it.
    state_->threads.emplace_back(
        [shared = state_](const std::stop_token& stop) { shared->work(stop); });
  }
}

worker_threads::~worker_threads() {
  for (std::jthread& t : state_->threads) t.request_stop();
  for (std::jthread& t : state_->threads) {
    if (t.get_id() == std::this_thread::get_id()) t.detach();
  }
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
