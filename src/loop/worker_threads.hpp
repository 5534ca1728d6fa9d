// Threads that run jobs, oldest first: where handlers and procs that block are run. They come as
// they are needed, up to a bound, and go when they have had nothing to do for a while; one stays.
#pragma once

#include <cstdint>
#include <memory>
#include <tryst/loop.hpp>

namespace tryst {

class worker_threads {
public:
  /// At least one thread. Throws std::system_error when the system has none left.
  explicit worker_threads(std::uint32_t most);
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
