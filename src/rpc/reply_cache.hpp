// Which calls run and how those ended that ran lately: the state of at-most-once. It sends nothing
// and reads no clock.
//
// A call is new (started), or it runs, or it has ended. A copy of one that runs, from elsewhere,
// waits for the answer; of several the one that came last does. What runs is never forgotten, nor
// is what must run once before its window is over. Of that kind, a call that finds no room is
// remembered too, as one that must not run.
#pragma once

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <tryst/loop.hpp>
#include <tryst/rpc/call_info.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/rpc/reply_cache.hpp>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "rpc/siphash.hpp"

namespace tryst::rpc {

/// How a call ended: without an answer, with a refusal, or with the encoded result.
using answer = std::variant<std::monostate, refusal, std::vector<std::byte>>;

/// What makes two messages the same call.
struct reply_key {
  interface_id interface;
  std::uint32_t procedure = 0;
  std::uint32_t xid = 0;
  siphash::digest rest{};  ///< the caller and all bytes of the arguments

  bool operator==(const reply_key&) const = default;
};

class reply_cache {
public:
  using time_point = loop::time_point;

  /// A call that waits for the answer to another copy of it. Destroyed unanswered, it is dropped.
  class waiting_copy {
  public:
    waiting_copy() = default;
    waiting_copy(const waiting_copy&) = delete;
    waiting_copy& operator=(const waiting_copy&) = delete;
    virtual ~waiting_copy() = default;
    /// On the thread that answered the other copy.
    virtual void finish(const answer& as) = 0;
    /// Whether its connection has ended. Any thread.
    virtual bool lost() const = 0;
  };
  using make_waiting = std::function<std::unique_ptr<waiting_copy>()>;

  enum class kind { evictable, once };
  /// `refused` calls were not started and will not be; `full` ones are not this time.
  enum class state { started, in_progress, attached, finished, doubled, too_large, refused, full };
  struct finding {
    state is = state::started;
    std::shared_ptr<const answer> how{};  ///< if it is finished
  };

  /// Where a copy of a call came from.
  struct source {
    const void* connection;   ///< lives as long as the call runs
    bool may_double = false;  ///< whether copies may be the network's, which nobody waits for
  };

  /// `secret` is random where it is not a test's.
  reply_cache(const reply_cache_limits& limits, const siphash::key& secret);

  /// Of a call whose arguments are unwrapped. The port counts where the caller keeps it as long as
  /// it repeats the call: not over streams, where a new connection has a new one.
  reply_key key_of(const call_info& call, std::span<const std::byte> arguments) const;

  /// Any thread, as the others. `make` is used if the call is to wait.
  finding begin(const reply_key& key, kind what, time_point now, const source& from,
                const make_waiting& make);
  /// A call is run without it. Any thread.
  void note_bypass() noexcept { bypassed_.fetch_add(1, std::memory_order_relaxed); }
  /// A call that was started has ended.
  void finish(const reply_key& key, answer as);
  /// A call that was started was not begun, or was undone: the next copy of it is started. One that
  /// waits is dropped.
  void forget(const reply_key& key);
  /// Whether a copy of a call that was started waits for its end, and can be answered.
  bool has_copy(const reply_key& key) const;

  reply_cache_counters counters() const;

private:
  struct entry {
    kind what;
    const void* origin;
    const void* newest;
    time_point heeded;  // when the last copy came that was, or will be, answered
    bool finished = false;
    std::shared_ptr<const answer> how{};  // null: it is not kept
    std::unique_ptr<waiting_copy> waiting{};
  };
  struct ended {
    reply_key key;
    time_point at{};
  };
  // Calls of one kind that have ended, oldest first.
  struct ended_calls {
    std::deque<ended> all;
    std::size_t without_time = 0;  // the last of them, which ended since the time was last known
    std::size_t bytes = 0;         // of their results
  };
  // Nobody knows the key.
  struct key_hash {
    std::size_t operator()(const reply_key& k) const noexcept { return k.rest[0] ^ k.xid; }
  };

  void forget_old(time_point now);
  void forget_oldest(ended_calls& of);
  void evict_oldest();
  bool can_admit(kind what) const;
  void make_room(kind what);
  finding turn_away(const reply_key& key, kind what, time_point now);
  bool can_keep(std::size_t size) const;
  std::size_t taken_bytes() const { return evictable_.bytes + once_.bytes + reserved_; }
  // What is kept free for one call.
  std::size_t reply_room() const { return std::min(limits_.reply_bytes, limits_.bytes); }

  const reply_cache_limits limits_;
  const siphash::key secret_;
  mutable std::mutex mutex_;  // guards what follows
  std::unordered_map<reply_key, entry, key_hash> entries_;
  ended_calls evictable_;
  ended_calls once_;
  std::size_t reserved_ = 0;
  std::unordered_set<reply_key, key_hash> refused_;
  std::deque<ended> refusals_;  // those, oldest first
  reply_cache_counters counters_;
  std::atomic<std::uint64_t> bypassed_ = 0;  // for which nobody takes the mutex
};

/// The promise to tell the cache how a call ended.
class cached_reply {
public:
  cached_reply(std::shared_ptr<reply_cache> in, const reply_key& key)
      : in_{std::move(in)}, key_{key} {}
  void finish(answer as) { in_->finish(key_, std::move(as)); }
  void forget() { in_->forget(key_); }
  bool has_copy() const { return in_->has_copy(key_); }

private:
  std::shared_ptr<reply_cache> in_;  // the call may outlive the server
  reply_key key_;
};

}  // namespace tryst::rpc
