// A body that takes as long as a test likes, once it was asked to.
#pragma once

#include <atomic>
#include <stop_token>
#include <tryst/bridge/caller.hpp>
#include <tryst/rendezvous/semaphore.hpp>
#include <tryst/task.hpp>

namespace tryst::bridge_test {

class slow_once {
public:
  explicit slow_once(module* of) : finish_{of, 0} {}

  /// The next body to come here stays.
  void ask() { asked_ = true; }
  bool serving() const { return serving_; }
  /// Whether the caller of that body has gone; once it is serving.
  bool caller_is_gone() const { return gone_.stop_requested(); }
  void finish() { V(finish_); }

  task<> operator()(const caller& of) {
    if (!asked_.exchange(false)) co_return;
    gone_ = of.connection_lost;
    serving_ = true;
    co_await P(finish_);
  }

private:
  std::atomic<bool> asked_ = false;
  std::stop_token gone_;
  std::atomic<bool> serving_ = false;
  semaphore finish_;
};

/// Counts those that wait in the middle of a body.
class waits_in {
public:
  explicit waits_in(std::atomic<std::size_t>& count) : count_{count} { ++count_; }
  ~waits_in() { --count_; }
  waits_in(const waits_in&) = delete;
  waits_in& operator=(const waits_in&) = delete;

private:
  std::atomic<std::size_t>& count_;
};

}  // namespace tryst::bridge_test
