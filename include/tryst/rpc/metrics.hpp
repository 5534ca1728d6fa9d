// Counters and latencies of calls, a procedure at a time: an observer that any exporter can read.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tryst/rpc/observer.hpp>
#include <utility>
#include <vector>

namespace tryst::rpc {

/// How often each latency came: buckets grow with the value, so that every quantile is known to
/// within an eighth of itself, from 1 ns to 18 minutes. A value.
class latency_histogram {
public:
  void add(std::chrono::nanoseconds latency) noexcept;
  std::uint64_t count() const noexcept { return count_; }
  std::chrono::nanoseconds total() const noexcept { return total_; }
  /// An upper bound of the latency that `share` of the calls kept (0.5: the median); 0 for none.
  std::chrono::nanoseconds quantile(double share) const noexcept;

private:
  static constexpr unsigned steps_bits = 3;  // 8 buckets for each power of two
  static constexpr std::size_t buckets = (40 - steps_bits + 1) << steps_bits;

  static std::size_t bucket_of(std::uint64_t nanoseconds) noexcept;
  static std::uint64_t last_of(std::size_t bucket) noexcept;

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds total_{0};
};

/// What is known of one procedure: a value. started = results + refused + not_executed + unknown.
struct procedure_metrics {
  std::uint64_t results = 0;
  std::uint64_t refused = 0;
  std::uint64_t not_executed = 0;
  std::uint64_t unknown = 0;
  latency_histogram latency;
};

struct server_counters;

/// What a server counts, in the text format of Prometheus: a line a number, whose name begins with
/// `prefix`.
std::string text_of(const server_counters& counted, std::string_view prefix = "tryst_");

/// Collects from any number of services and callers, on any threads.
class metrics final : public call_observer {
public:
  using key = std::pair<interface_id, std::uint32_t>;  ///< interface and procedure

  void ended(const observed_call& call) noexcept override;

  /// A copy of everything, as of now.
  std::vector<std::pair<key, procedure_metrics>> snapshot() const;

private:
  mutable std::mutex mutex_;
  std::map<key, procedure_metrics> procedures_;
};

}  // namespace tryst::rpc
