// Counts the heap allocations of this program: malloc and its kin, and so operator new, of whatever
// library. glibc only.
#pragma once

namespace bench {

class shared_counter;

/// Counts from now on, in `counter`, which must live as long as the program does.
void count_allocations_in(shared_counter& counter);

}  // namespace bench
