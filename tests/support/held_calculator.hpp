// A calculator whose DIVIDE is answered when the test says so, from the test's thread; and calls
// of it as bytes, for those who repeat calls with their xids.
#pragma once

#include <future>
#include <optional>

#include "support/calculator.hpp"
#include "support/raw_client.hpp"

namespace tryst::tests {

struct held_calculator : calculator {
  struct held {
    std::promise<void> began;
    std::optional<rpc::reply<calc::quotient>> owed;

    void wait() { began.get_future().get(); }
    void answer() {
      calc::quotient q;
      q.set_value(5);
      (*owed)(q);
    }
  };
  held* h = nullptr;

  void DIVIDE(rpc::reply<calc::quotient> to, std::int32_t, std::int32_t, calc::rounding) {
    ++record->calls;
    h->owed.emplace(std::move(to));
    h->began.set_value();
  }
};

/// DIVIDE(a, 2, DOWN), which says nothing about repetition, as ADD does, which is idempotent.
inline bytes divide_call(std::uint32_t xid, std::uint32_t a = 10) {
  return bytes_of({xid, 0, 2, 0x20000101, 1, 2, 0, 0, 0, 0, a, 2, 0});
}

}  // namespace tryst::tests
