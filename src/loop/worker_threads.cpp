#include "loop/worker_threads.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>
#include <vector>

namespace tryst {
namespace {

// A thread without work that is not the last one ends after so long.
constexpr std::chrono::seconds longest_idle{10};

}  // namespace

struct worker_threads::state : std::enable_shared_from_this<state> {
  std::mutex mutex;  // guards what follows
  std::condition_variable_any more;
  job_queue jobs;
  std::size_t waiting = 0;  // jobs
  std::size_t idle = 0;     // threads without a job
  std::size_t most = 1;
  std::vector<std::jthread> threads;

  void add_thread() {
    // A thread may be the one that destroys its own group: it then outlives it.
    threads.emplace_back(
        [shared = shared_from_this()](const std::stop_token& stop) { shared->work(stop); });
    ++idle;
  }

  void work(const std::stop_token& stop) {
    while (job* const next = wait_for_job(stop)) {
      next->run();
      const std::lock_guard lock{mutex};
      ++idle;
    }
  }

  // Null: the thread ends.
  job* wait_for_job(const std::stop_token& stop) {
    std::unique_lock lock{mutex};
    bool found = false;
    do {
      found = more.wait_for(lock, stop, longest_idle, [this] { return waiting > 0; });
    } while (!found && !stop.stop_requested() && threads.size() == 1);
    --idle;
    if (stop.stop_requested()) return nullptr;
    if (!found) {
      forget_this_thread();
      return nullptr;
    }
    --waiting;
    return jobs.pop();
  }

  void forget_this_thread() {
    const auto self = std::ranges::find(threads, std::this_thread::get_id(), &std::jthread::get_id);
    if (self == threads.end()) return;
    self->detach();
    threads.erase(self);
  }
};

worker_threads::worker_threads(std::uint32_t most) : state_{std::make_shared<state>()} {
  state_->most = std::max(most, 1U);
  const std::lock_guard lock{state_->mutex};
  state_->add_thread();
}

worker_threads::~worker_threads() {
  std::vector<std::jthread> threads;
  {
    const std::lock_guard lock{state_->mutex};
    threads = std::move(state_->threads);
    state_->threads.clear();
  }
  for (std::jthread& t : threads) t.request_stop();
  for (std::jthread& t : threads) {
    if (t.get_id() == std::this_thread::get_id()) t.detach();
  }
  threads.clear();
  while (job* j = state_->jobs.pop()) j->abandoned();
}

void worker_threads::post(job& j) {
  {
    const std::lock_guard lock{state_->mutex};
    if (state_->waiting >= state_->idle && state_->threads.size() < state_->most) {
      try {
        state_->add_thread();
      } catch (const std::system_error&) {  // those that there are will come to it
      }
    }
    state_->jobs.push(j);
    ++state_->waiting;
  }
  state_->more.notify_one();
}

}  // namespace tryst
