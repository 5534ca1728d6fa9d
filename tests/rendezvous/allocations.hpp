// Counts what this thread allocates from the system.
#pragma once

#include <cstddef>

namespace tryst::rendezvous_test {

std::size_t allocations() noexcept;

}  // namespace tryst::rendezvous_test
