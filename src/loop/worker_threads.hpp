// Threads that run jobs, oldest first: where handlers that block are run.
#pragma once

#include <cstdint>
#include <memory>
#include <tryst/loop.hpp>

namespace tryst {

class worker_threads {
public:
  /// At least one thread. Throws std::system_error when the system has none left.
  explicit worker_threads(std::uint32_t count);
  /// Waits for the jobs that run, but for one that calls this, and abandons those that have not
  /// begun.
  ~worker_threads();

  /// Any thread.
  void post(job& j);

private:
  struct state;
  std::shared_ptr<state> state_;  // and the threads'
};

}  // namespace tryst
