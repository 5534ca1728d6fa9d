// What a client does when it has no connection: a value, and the arithmetic of waiting.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace tryst::rpc {

struct reconnect_policy {
  /// Connects again, for the next call, after a connection was lost. Otherwise calls then fail
  /// with errc::closed.
  bool enabled = true;
  /// Attempts for one call; when all have failed the waiting calls fail with connect_failed.
  std::uint32_t attempts = 1;
  /// Before the second attempt; doubled before each further one, up to `longest`.
  std::chrono::milliseconds first_delay{100};
  std::chrono::milliseconds longest_delay{5000};
  /// Calls that wait to be sent when the connection is lost wait for the next one; otherwise they
  /// fail with connection_lost_unsent.
  bool keep_unsent = false;

  /// The delay before attempt `number` (the first is 1), shortened by up to a half by `random`
  /// bits, so that many clients do not come back at once.
  std::chrono::milliseconds delay(std::uint32_t number, std::uint64_t random) const noexcept {
    if (number <= 1) return std::chrono::milliseconds{0};
    const auto doubled = first_delay * (std::int64_t{1} << std::min(number - 2, 20U));
    const auto full = std::min<std::chrono::milliseconds>(doubled, longest_delay);
    const auto half = full.count() / 2;
    return full -
           std::chrono::milliseconds{
               half > 0 ? static_cast<std::int64_t>(random % static_cast<std::uint64_t>(half)) : 0};
  }
};

}  // namespace tryst::rpc
