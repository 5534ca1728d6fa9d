// What may be said of an operation where it is declared.
#pragma once

#include <cstddef>
#include <limits>

namespace tryst {

/// What becomes of a call that comes when its operation has no room (rule F7).
enum class full_queue : bool {
  fails,  ///< it ends with errc::op_full
  waits   ///< it queues all the same, as long as its limit lets it: its caller waits anyway
};

/// How the invocations of an operation are treated.
struct op_options {
  /// One that comes when so many are queued fails with errc::op_full (rule F7). At least 1.
  std::size_t max_pending = std::numeric_limits<std::size_t>::max();
  /// Calls may wait instead. What is sent or forwarded, or comes from outside, fails.
  full_queue when_full = full_queue::fails;
  /// A caller whose limit is reached while its call is serviced leaves with errc::call_abandoned,
  /// and does not wait for the end (rule F2). Not for operations with reference parameters.
  bool abandonable = false;
};

/// How the proc of an operation is run (rule I6).
struct proc_options {
  /// Invocations beyond so many at once queue.
  std::size_t max_active = std::numeric_limits<std::size_t>::max();
  /// See op_options.
  std::size_t max_pending = std::numeric_limits<std::size_t>::max();
  full_queue when_full = full_queue::fails;
  /// See op_options.
  bool abandonable = false;
  /// It may block its thread, and so runs on one of the module's. Only for procs that are no
  /// coroutines.
  bool blocking = false;
};

}  // namespace tryst
