#include "rpc/reply_cache.hpp"

#include <algorithm>
#include <array>
#include <tryst/rpc/transport.hpp>
#include <utility>

namespace tryst::rpc {
namespace {

std::size_t size_of(const answer& a) {
  const auto* const bytes = std::get_if<std::vector<std::byte>>(&a);
  return bytes != nullptr ? bytes->size() : 0;
}

}  // namespace

reply_cache::reply_cache(const reply_cache_limits& limits, const siphash::key& secret)
    : limits_{limits}, secret_{secret} {}

reply_key reply_cache::key_of(const call_info& call, std::span<const std::byte> arguments) const {
  const auto hash = [this](const auto& bytes) {
    return siphash{secret_}.of(std::as_bytes(std::span{bytes}));
  };
  const address& from = call.peer->where;
  const std::uint32_t port = from.kind == address::transport::udp ? from.port : 0;
  const siphash::digest host = hash(from.host);
  const siphash::digest groups = hash(call.caller.gids());
  const siphash::digest rest = hash(arguments);
  const std::array<std::uint64_t, 9> all{
      host[0],
      host[1],
      groups[0],
      groups[1],
      rest[0],
      rest[1],
      std::uint64_t{port} << 32U | static_cast<std::uint32_t>(from.kind),
      std::uint64_t{call.caller.uid()} << 32U | call.caller.gid(),
      static_cast<std::uint32_t>(call.caller.flavor())};
  return {
      .interface = call.interface, .procedure = call.procedure, .xid = call.xid, .rest = hash(all)};
}

reply_cache::finding reply_cache::begin(const reply_key& key, time_point now, const void* origin,
                                        const make_duplicate& make) {
  std::unique_ptr<duplicate> replaced;  // dropped when the mutex is free
  const std::lock_guard lock{mutex_};
  forget_old(now);
  if (const auto known = entries_.find(key); known != entries_.end()) {
    entry& e = known->second;
    if (e.finished) {
      ++(e.how ? counters_.hits : counters_.too_large);
      return {.is = e.how ? state::finished : state::too_large, .how = e.how};
    }
    if (origin == e.origin || origin == e.newest) {
      ++counters_.in_progress;
      return {.is = state::in_progress};
    }
    replaced = std::exchange(e.waiting, make());
    e.newest = origin;
    ++counters_.attached;
    return {.is = state::attached};
  }
  if (entries_.size() >= limits_.entries) {
    if (ended_.empty()) {
      ++counters_.refused;
      return {.is = state::full};
    }
    forget_oldest();
    ++counters_.evicted;
  }
  entries_.emplace(key, entry{.origin = origin, .newest = origin});
  ++counters_.started;
  return {.is = state::started};
}

void reply_cache::finish(const reply_key& key, answer as) {
  const std::size_t size = size_of(as);
  const auto how = std::make_shared<const answer>(std::move(as));
  std::unique_ptr<duplicate> waiting;
  {
    const std::lock_guard lock{mutex_};
    entry& e = entries_.at(key);
    e.finished = true;
    waiting = std::move(e.waiting);
    if (size <= std::min(limits_.reply_bytes, limits_.bytes)) {
      while (counters_.bytes + size > limits_.bytes) {
        forget_oldest();
        ++counters_.evicted;
      }
      counters_.bytes += size;
      e.how = how;
    }
    ended_.push_back({.key = key});
    ++without_time_;
  }
  if (waiting) waiting->finish(*how);
}

reply_cache_counters reply_cache::counters() const {
  const std::lock_guard lock{mutex_};
  reply_cache_counters now = counters_;
  now.entries = entries_.size();
  now.bypassed = bypassed_.load(std::memory_order_relaxed);
  return now;
}

// A call that has ended is taken to have done so when the time is next known: it is remembered
// for the whole window, and a little longer where nothing comes.
void reply_cache::forget_old(time_point now) {
  for (; without_time_ > 0; --without_time_) ended_[ended_.size() - without_time_].at = now;
  for (; !ended_.empty() && now - ended_.front().at >= limits_.window; ++counters_.expired) {
    forget_oldest();
  }
}

void reply_cache::forget_oldest() {
  const auto oldest = entries_.find(ended_.front().key);
  if (oldest->second.how) counters_.bytes -= size_of(*oldest->second.how);
  entries_.erase(oldest);
  ended_.pop_front();
  without_time_ = std::min(without_time_, ended_.size());
}

}  // namespace tryst::rpc
