// The bounds and the counters of a server's reply cache, which has a call that comes again answered
// again, and not run again: over datagrams, and over streams where a service asks for it (see
// service_options). What it promises is in docs/guarantees.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tryst::rpc {

struct reply_cache_limits {
  /// Calls remembered: those that run and those that have ended. A new one takes the place of the
  /// one that ended first; calls that run, and those that are `once` until their window is over,
  /// keep theirs. 0: there is no cache, whatever a service asks for.
  std::size_t entries = 65'536;
  /// Bytes of results, together. A call that is `once` has reply_bytes of them kept free while it
  /// runs.
  std::size_t bytes = std::size_t{64} << 20;
  /// Bytes of one result. A larger one is not kept: its call, if it comes again, is neither run nor
  /// answered.
  std::size_t reply_bytes = std::size_t{64} << 10;
  /// How long a call is remembered after it ended, unless younger ones take its place.
  std::chrono::nanoseconds window = std::chrono::seconds{120};
  /// Calls that are `once` remembered for as long because there was no room to run them: their
  /// callers were told that they do not run (errc::not_admitted), so no copy that comes later may.
  /// Callers beyond that many are told less, SYSTEM_ERR, as are those of other calls.
  std::size_t refusals = 4096;
  /// A datagram that asks for the answer of an ended call so soon after the last copy that was
  /// heeded was doubled on its way, and is dropped: the answer to the other is on its way too. No
  /// client waits for so short a time, so the next copy from one whose answer was lost is answered.
  /// 0: every copy is.
  std::chrono::nanoseconds doubled_within = std::chrono::milliseconds{5};
};

/// What became of the calls over datagrams, and over streams whose service asks for the cache. Of
/// those that were started, entries + evicted + expired + forgotten remain. Two calls are never
/// taken for one another: their keys are 128 bits of a keyed hash, and there is no collision to
/// count.
struct reply_cache_counters {
  std::uint64_t started = 0;      ///< new: they were run
  std::uint64_t hits = 0;         ///< had ended: answered as before, or not at all as before
  std::uint64_t doubled = 0;      ///< had ended, and came at once behind another copy: dropped
  std::uint64_t in_progress = 0;  ///< ran, on the same connection: dropped
  std::uint64_t attached = 0;     ///< ran, for another connection: answered when the call ended
  std::uint64_t too_large = 0;    ///< had ended with a result that is not kept: dropped
  std::uint64_t refused = 0;      ///< not run: there was no room, or not when it came first
  std::uint64_t bypassed = 0;     ///< idempotent: run without being looked up
  std::uint64_t evicted = 0;      ///< forgotten within the window, for want of room
  std::uint64_t expired = 0;      ///< forgotten when their window was over
  std::uint64_t forgotten = 0;    ///< taken back: they had no effect, or it was undone
  std::size_t entries = 0;        ///< remembered at this moment
  std::size_t bytes = 0;          ///< of results, at this moment
  std::size_t reserved = 0;       ///< bytes kept free for calls that run and are `once`
};

}  // namespace tryst::rpc
