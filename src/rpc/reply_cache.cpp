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

reply_cache::finding reply_cache::begin(const reply_key& key, kind what, time_point now,
                                        const source& from, const make_waiting& make) {
  std::unique_ptr<waiting_copy> replaced;  // dropped when the mutex is free
  const std::lock_guard lock{mutex_};
  forget_old(now);
  if (const auto known = entries_.find(key); known != entries_.end()) {
    entry& e = known->second;
    if (e.finished && !e.how) {
      ++counters_.too_large;
      return {.is = state::too_large};
    }
    if (e.finished && from.may_double && now - e.heeded < limits_.doubled_within) {
      ++counters_.doubled;
      return {.is = state::doubled};
    }
    e.heeded = now;
    if (e.finished) {
      ++counters_.hits;
      return {.is = state::finished, .how = e.how};
    }
    if (from.connection == e.origin || from.connection == e.newest) {
      ++counters_.in_progress;
      return {.is = state::in_progress};
    }
    replaced = std::exchange(e.waiting, make());
    e.newest = from.connection;
    ++counters_.attached;
    return {.is = state::attached};
  }
  if (refused_.contains(key) || !can_admit(what)) return turn_away(key, what, now);
  make_room(what);
  entries_.emplace(
      key,
      entry{.what = what, .origin = from.connection, .newest = from.connection, .heeded = now});
  ++counters_.started;
  return {.is = state::started};
}

bool reply_cache::can_admit(kind what) const {
  if (entries_.size() >= limits_.entries && evictable_.all.empty()) return false;
  return what != kind::once || once_.bytes + reserved_ + reply_room() <= limits_.bytes;
}

void reply_cache::make_room(kind what) {
  if (entries_.size() >= limits_.entries) evict_oldest();
  if (what != kind::once) return;
  while (taken_bytes() + reply_room() > limits_.bytes) evict_oldest();
  reserved_ += reply_room();
}

// Whoever is told that a call did not run may make it once more, and then no copy of it that is
// still on its way may run. Of a call that may be evicted an earlier copy may have run.
reply_cache::finding reply_cache::turn_away(const reply_key& key, kind what, time_point now) {
  ++counters_.refused;
  if (refused_.contains(key)) return {.is = state::refused};
  const bool known = what == kind::once && refused_.size() < limits_.refusals;
  if (!known) return {.is = state::full};
  refused_.insert(key);
  refusals_.push_back({.key = key, .at = now});
  return {.is = state::refused};
}

void reply_cache::finish(const reply_key& key, answer as) {
  const std::size_t size = size_of(as);
  const auto how = std::make_shared<const answer>(std::move(as));
  std::unique_ptr<waiting_copy> waiting;
  {
    const std::lock_guard lock{mutex_};
    entry& e = entries_.at(key);
    e.finished = true;
    waiting = std::move(e.waiting);
    if (e.what == kind::once) reserved_ -= reply_room();
    ended_calls& among = e.what == kind::once ? once_ : evictable_;
    if (can_keep(size)) {
      while (taken_bytes() + size > limits_.bytes) evict_oldest();
      among.bytes += size;
      e.how = how;
    }
    among.all.push_back({.key = key});
    ++among.without_time;
  }
  if (waiting) waiting->finish(*how);
}

void reply_cache::forget(const reply_key& key) {
  std::unique_ptr<waiting_copy> waiting;  // dropped when the mutex is free
  const std::lock_guard lock{mutex_};
  const auto started = entries_.find(key);
  waiting = std::move(started->second.waiting);
  if (started->second.what == kind::once) reserved_ -= reply_room();
  entries_.erase(started);
  ++counters_.forgotten;
}

bool reply_cache::has_copy(const reply_key& key) const {
  const std::lock_guard lock{mutex_};
  const std::unique_ptr<waiting_copy>& waiting = entries_.at(key).waiting;
  return waiting != nullptr && !waiting->lost();
}

// There is always room for what was reserved.
bool reply_cache::can_keep(std::size_t size) const {
  return size <= reply_room() && once_.bytes + reserved_ + size <= limits_.bytes;
}

reply_cache_counters reply_cache::counters() const {
  const std::lock_guard lock{mutex_};
  reply_cache_counters now = counters_;
  now.entries = entries_.size();
  now.bytes = evictable_.bytes + once_.bytes;
  now.reserved = reserved_;
  now.bypassed = bypassed_.load(std::memory_order_relaxed);
  return now;
}

// A call that has ended is taken to have done so when the time is next known: it is remembered
// for the whole window, and a little longer where nothing comes.
void reply_cache::forget_old(time_point now) {
  const auto is_old = [&](const ended& e) { return now - e.at >= limits_.window; };
  for (ended_calls* const of : {&evictable_, &once_}) {
    for (; of->without_time > 0; --of->without_time) {
      of->all[of->all.size() - of->without_time].at = now;
    }
    for (; !of->all.empty() && is_old(of->all.front()); ++counters_.expired) forget_oldest(*of);
  }
  for (; !refusals_.empty() && is_old(refusals_.front()); refusals_.pop_front()) {
    refused_.erase(refusals_.front().key);
  }
}

void reply_cache::evict_oldest() {
  forget_oldest(evictable_);
  ++counters_.evicted;
}

void reply_cache::forget_oldest(ended_calls& of) {
  const auto oldest = entries_.find(of.all.front().key);
  if (oldest->second.how) of.bytes -= size_of(*oldest->second.how);
  entries_.erase(oldest);
  of.all.pop_front();
  of.without_time = std::min(of.without_time, of.all.size());
}

}  // namespace tryst::rpc
