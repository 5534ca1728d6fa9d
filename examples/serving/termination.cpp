#include "serving/termination.hpp"

namespace serving {

termination::termination() {
  ::sigemptyset(&signals_);
  ::sigaddset(&signals_, SIGTERM);
  ::sigaddset(&signals_, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

void termination::wait() const {
  int which = 0;
  ::sigwait(&signals_, &which);
}

}  // namespace serving
