#include <tryst/rpc/metrics.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <tryst/rpc/server.hpp>

namespace tryst::rpc {

std::size_t latency_histogram::bucket_of(std::uint64_t nanoseconds) noexcept {
  constexpr std::uint64_t steps = 1U << steps_bits;
  if (nanoseconds < steps) return static_cast<std::size_t>(nanoseconds);
  const auto exponent = static_cast<unsigned>(std::bit_width(nanoseconds)) - 1 - steps_bits;
  const std::uint64_t step = (nanoseconds >> exponent) - steps;
  return std::min<std::size_t>(((exponent + 1) << steps_bits) + step, buckets - 1);
}

std::uint64_t latency_histogram::last_of(std::size_t bucket) noexcept {
  constexpr std::uint64_t steps = 1U << steps_bits;
  if (bucket < steps) return bucket;
  const std::uint64_t exponent = (bucket >> steps_bits) - 1;
  const std::uint64_t step = bucket & (steps - 1);
  return ((steps + step + 1) << exponent) - 1;
}

void latency_histogram::add(std::chrono::nanoseconds latency) noexcept {
  const auto value = std::max(latency, std::chrono::nanoseconds{0});
  ++counts_[bucket_of(static_cast<std::uint64_t>(value.count()))];
  ++count_;
  total_ += value;
}

std::chrono::nanoseconds latency_histogram::quantile(double share) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(
      std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted && seen > 0) {
      return std::chrono::nanoseconds{static_cast<std::int64_t>(last_of(bucket))};
    }
  }
  return std::chrono::nanoseconds{0};
}

void metrics::ended(const observed_call& call) noexcept {
  const std::lock_guard lock{mutex_};
  procedure_metrics& of = procedures_[{call.interface, call.procedure}];
  if (!call.why) {
    ++of.results;
  } else {
    switch (outcome_of(static_cast<errc>(call.why.code.value()))) {
      case outcome::refused:
        ++of.refused;
        break;
      case outcome::not_executed:
        ++of.not_executed;
        break;
      case outcome::unknown:
        ++of.unknown;
        break;
    }
  }
  of.latency.add(call.taken);
}

std::vector<std::pair<metrics::key, procedure_metrics>> metrics::snapshot() const {
  const std::lock_guard lock{mutex_};
  return {procedures_.begin(), procedures_.end()};
}

std::string text_of(const server_counters& counted, std::string_view prefix) {
  const datagram_counters& d = counted.datagrams;
  const reply_cache_counters& r = counted.replies;
  const std::pair<std::string_view, std::uint64_t> lines[] = {
      {"connections_open", counted.open},
      {"connections_total", counted.accepted},
      {"connections_refused_total", counted.refused},
      {"results_oversized_total", counted.oversized},
      {"datagram_peers", d.peers},
      {"datagrams_total", d.received},
      {"datagrams_dropped_total{why=\"invalid\"}", d.invalid},
      {"datagrams_dropped_total{why=\"too_large\"}", d.too_large},
      {"datagrams_dropped_total{why=\"overload\"}", d.overload},
      {"datagrams_unsendable_total", d.unsendable},
      {"datagrams_silenced_total", d.silenced},
      {"reply_cache_entries", r.entries},
      {"reply_cache_bytes", r.bytes},
      {"reply_cache_reserved_bytes", r.reserved},
      {"reply_cache_calls_total{found=\"new\"}", r.started},
      {"reply_cache_calls_total{found=\"ended\"}", r.hits},
      {"reply_cache_calls_total{found=\"ended_now\"}", r.doubled},
      {"reply_cache_calls_total{found=\"ended_too_large\"}", r.too_large},
      {"reply_cache_calls_total{found=\"running_here\"}", r.in_progress},
      {"reply_cache_calls_total{found=\"running_elsewhere\"}", r.attached},
      {"reply_cache_calls_total{found=\"no_room\"}", r.refused},
      {"reply_cache_calls_total{found=\"idempotent\"}", r.bypassed},
      {"reply_cache_forgotten_total{why=\"expired\"}", r.expired},
      {"reply_cache_forgotten_total{why=\"taken_back\"}", r.forgotten},
      {"reply_cache_forgotten_total{why=\"no_room\"}", r.evicted},
  };
  std::string text;
  for (const auto& [name, value] : lines) {
    text.append(prefix).append(name).append(1, ' ').append(std::to_string(value)).append(1, '\n');
  }
  return text;
}

}  // namespace tryst::rpc
