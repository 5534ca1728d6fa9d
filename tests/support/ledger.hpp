// How calls ended: each exactly once, with a result or in one of the three ways of failing.
#pragma once

#include <tryst/rpc/failure.hpp>

namespace tryst::tests {

struct ledger {
  int started = 0;
  int results = 0;
  int refused = 0;
  int not_executed = 0;
  int unknown = 0;

  template <class T>
  const std::expected<T, rpc::failure>& note(const std::expected<T, rpc::failure>& ended) {
    if (ended) {
      ++results;
    } else if (ended.error().code == outcome::refused) {
      ++refused;
    } else if (ended.error().code == outcome::not_executed) {
      ++not_executed;
    } else if (ended.error().code == outcome::unknown) {
      ++unknown;
    }
    return ended;
  }
  bool balances() const { return started == results + refused + not_executed + unknown; }
};

}  // namespace tryst::tests
