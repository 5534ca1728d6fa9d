// A memory barrier on all threads of the process at once, which spares those that run on the fast
// side of an algorithm theirs.
#pragma once

namespace tryst {

/// Whether the kernel has it for us: membarrier(2), expedited.
bool has_process_barrier() noexcept;

/// When this returns each thread of the process has executed a full barrier since it was called.
void process_barrier() noexcept;

/// Lets whoever was put aside by the scheduler go on, of whatever priority.
void rest_a_moment() noexcept;

}  // namespace tryst
