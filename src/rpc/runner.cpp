#include <tryst/rpc/runner.hpp>

#include <mutex>

#include "loop/worker_threads.hpp"

namespace tryst::rpc {

void work::run() noexcept { start(std::move(turn_)); }

class task_runner final : public runner {
public:
  void submit(work& w) override {
    if (w.home().running_here()) return w.home().schedule(w);
    w.home().post(w);
  }
};

class serialised_runner final : public runner {
public:
  serialised_runner() = default;
  ~serialised_runner() override {
    while (job* j = waiting_.pop()) j->abandoned();
  }

  void submit(work& w) override {
    {
      const std::lock_guard lock{mutex_};
      if (busy_) return waiting_.push(w);
      busy_ = true;
    }
    w.start(turn{*this});
  }

  void over() noexcept override {
    work* next = nullptr;
    {
      const std::lock_guard lock{mutex_};
      next = static_cast<work*>(waiting_.pop());
      if (next == nullptr) busy_ = false;
    }
    if (next == nullptr) return;
    // By way of its loop: the next call shall not run on the stack of the one before.
    next->turn_ = turn{*this};
    next->home().post(*next);
  }

private:
  std::mutex mutex_;
  job_queue waiting_;
  bool busy_ = false;
};

class pool_runner final : public runner {
public:
  explicit pool_runner(std::uint32_t threads) : threads_{threads} {}
  void submit(work& w) override { threads_.post(w); }

private:
  worker_threads threads_;
};

std::unique_ptr<runner> runner::make(policy how) {
  switch (how.how) {
    case policy::kind::inline_:
      return nullptr;
    case policy::kind::task_per_call:
      return std::make_unique<task_runner>();
    case policy::kind::serialised:
      return std::make_unique<serialised_runner>();
    case policy::kind::pool:
      return std::make_unique<pool_runner>(how.threads);
  }
  return nullptr;
}

}  // namespace tryst::rpc
