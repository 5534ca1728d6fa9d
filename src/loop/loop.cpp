#include <atomic>
#include <exception>
#include <tryst/loop.hpp>
#include <utility>

namespace tryst {
namespace {

class function_job final : public job {
public:
  explicit function_job(std::move_only_function<void()> function)
      : function_{std::move(function)} {}

  void run() noexcept override {
    const std::unique_ptr<function_job> self{this};
    function_();
  }

  void abandoned() noexcept override { delete this; }

private:
  std::move_only_function<void()> function_;
};

class awaited_job final : public job {
public:
  explicit awaited_job(const std::function<void()>& function) : function_{function} {}

  void run() noexcept override {
    try {
      function_();
    } catch (...) {
      failure_ = std::current_exception();
    }
    // The waiter may be gone as soon as it sees the flag: notify through nothing of this object.
    done_.store(true, std::memory_order_release);
    done_.notify_one();
  }

  void wait() {
    done_.wait(false, std::memory_order_acquire);
    if (failure_) std::rethrow_exception(failure_);
  }

private:
  const std::function<void()>& function_;
  std::exception_ptr failure_;
  std::atomic<bool> done_ = false;
};

}  // namespace

void loop::post(std::move_only_function<void()> function) {
  post(*new function_job{std::move(function)});
}

void run_on(loop& l, const std::function<void()>& function) {
  if (l.running_here()) return function();
  awaited_job job{function};
  if (!l.post_if_running(job)) return function();
  job.wait();
}

}  // namespace tryst
