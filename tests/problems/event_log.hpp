// What happened in a run, in one order: the checkers of the problems read it when all is over.
#pragma once

#include <mutex>
#include <vector>

namespace tryst::problems {

/// Kind is an enumeration of the problem.
template <class Kind>
struct event {
  Kind kind;
  int who;
  int value;
};

/// Any thread.
template <class Kind>
class event_log {
public:
  void note(Kind kind, int who, int value = 0) {
    const std::lock_guard lock{mutex_};
    events_.push_back({kind, who, value});
  }
  /// After the run.
  const std::vector<event<Kind>>& events() const { return events_; }

private:
  std::mutex mutex_;
  std::vector<event<Kind>> events_;
};

}  // namespace tryst::problems
