// Calls that are passed on to servers of this host (RFC 1833 §2.2.1, CALLIT, BCAST, INDIRECT): few,
// each to what was allowed, and each caller's only once at a time.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <tryst/binder/binder.hpp>
#include <tryst/rpc/failure.hpp>
#include <utility>
#include <vector>

namespace tryst::binder {

class remote_calls {
public:
  struct answer {
    std::string universal;  ///< where the server is
    std::vector<std::byte> result;
  };
  using outcome = std::expected<answer, rpc::failure>;
  /// Told on the loop where the calls are made, or, if none is, at once.
  using ended = std::move_only_function<void(outcome)>;

  struct request {
    rpc::address from;
    std::uint32_t xid = 0;  ///< with `from`: which call this is, should it come again
    rpc::address to;
    std::string universal;
    rpc::interface_id interface;
    std::uint32_t procedure = 0;
    std::vector<std::byte> arguments;
  };

  explicit remote_calls(const remote_call_options& options) : options_{options} {}

  bool allows(rpc::interface_id interface, std::uint32_t procedure) const noexcept;
  /// Makes the call, with a new xid and no credential, once.
  void make(request what, ended done);

private:
  using key = std::pair<rpc::address, std::uint32_t>;
  void over(const key& which);

  const remote_call_options& options_;
  std::mutex mutex_;
  std::set<key> under_way_;
};

}  // namespace tryst::binder
