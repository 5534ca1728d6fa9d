// What this test program has on the heap, as counted by its own operator new.
#pragma once

#include <cstddef>

namespace tryst::test {

/// The most that was on the heap, beyond what was there at the start, since it was made.
class allocation_meter {
public:
  allocation_meter();
  std::size_t peak() const;
  /// What is still there, beyond what was at the start.
  std::size_t left() const;

private:
  std::size_t start_;
};

}  // namespace tryst::test
