// Parties that this thread woke while it was resuming another one of the same loop. They run when
// that one has suspended, without a turn of the loop between them: a rendezvous then costs no
// system call, and chains of resumption take no stack.
#pragma once

#include <tryst/loop.hpp>

namespace tryst::detail {

struct ready_queue {
  loop* home = nullptr;  // of the party that this thread resumes, if that has one
  bool draining = false;
  job_queue parties;

  static thread_local constinit ready_queue here;
};

inline thread_local constinit ready_queue ready_queue::here;

}  // namespace tryst::detail
