// How a policy runs the calls of one service: what typed services and local callers hand their
// work to.
#pragma once

#include <memory>
#include <tryst/loop.hpp>
#include <tryst/rpc/policy.hpp>
#include <utility>

namespace tryst::rpc {

class runner;

/// The right to run, as long as it lives: a serialised service begins its next call when the one
/// before has given it back. Empty for policies that do not count.
class turn {
public:
  turn() = default;
  explicit turn(runner& of) noexcept : of_{&of} {}
  turn(turn&& other) noexcept
      : of_{std::exchange(other.of_, nullptr)}, owner_{std::move(other.owner_)} {}
  turn& operator=(turn&& other) noexcept {
    std::swap(of_, other.of_);
    std::swap(owner_, other.owner_);
    return *this;
  }
  ~turn();

  /// Keeps the service, and the runner in it, until the call is over: for calls that outlive the
  /// function that began them.
  void keep(std::shared_ptr<void> owner) noexcept { owner_ = std::move(owner); }

private:
  runner* of_ = nullptr;
  std::shared_ptr<void> owner_;
};

/// A call that is ready to run. It owns itself from the moment it is handed to a runner.
class work : public job {
public:
  /// Runs on the thread that the policy chose; keeps `t` until the call is over.
  virtual void start(turn t) noexcept = 0;
  loop& home() const noexcept { return home_; }

protected:
  explicit work(loop& home) : home_{home} {}

private:
  friend class serialised_runner;
  friend class task_runner;
  friend class pool_runner;
  void run() noexcept final;

  loop& home_;
  turn turn_;
};

class runner {
public:
  /// Null for inline_, which needs nobody to run it.
  static std::unique_ptr<runner> make(policy how);

  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;
  virtual ~runner() = default;

  /// Runs `w` when its turn comes, on its home loop or on a thread of the policy's. On any thread.
  virtual void submit(work& w) = 0;
  /// A turn was given back. On any thread.
  virtual void over() noexcept {}

protected:
  runner() = default;
};

inline turn::~turn() {
  if (of_ != nullptr) of_->over();
}

}  // namespace tryst::rpc
