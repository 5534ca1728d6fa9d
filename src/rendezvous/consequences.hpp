// What the engine does when it has let go of its mutex: it closes procs, wakes statements, and
// refuses invocations.
#pragma once

#include <tryst/rendezvous/acceptor.hpp>
#include <tryst/rendezvous/operation_class.hpp>
#include <tryst/rendezvous/proc_gate.hpp>

namespace tryst::detail {

// What follows from a change under the mutex and is done when it is free. Declared before the lock,
// so that it ends after it.
class operation_class::consequences {
public:
  consequences() = default;
  consequences(const consequences&) = delete;
  consequences& operator=(const consequences&) = delete;
  ~consequences() {
    // Before its processes are woken, since the module may end with them.
    if (closing_ != nullptr) closing_->close();
    while (job* const woken = woken_.pop()) static_cast<acceptor*>(woken)->wake();
    while (invocation* const refused = refused_.pop()) refused->refuse(refused->why_);
  }

  void wake(acceptor& a) noexcept { woken_.push(a); }
  void refuse(invocation& i, errc why) noexcept {
    // It is in no queue any more, from which its caller could take it back.
    i.state_.store(invocation::state::given_up, std::memory_order_relaxed);
    i.why_ = why;
    refused_.append(i);
  }

  void close(proc_gate& gate) noexcept { closing_ = &gate; }

private:
  job_queue woken_;
  invocation_list refused_;
  proc_gate* closing_ = nullptr;
};

}  // namespace tryst::detail
