// SIGTERM and SIGINT, which end a server in good order.
#pragma once

#include <signal.h>

namespace serving {

/// Made before any other thread, for threads inherit that the signals are blocked.
class termination {
public:
  termination();
  /// Blocks until one of them comes.
  void wait() const;

private:
  ::sigset_t signals_;
};

}  // namespace serving
