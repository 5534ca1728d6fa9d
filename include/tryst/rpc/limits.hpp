// What one connection may cost: every limit has a default, and none of them is infinite.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <tryst/rpc/record.hpp>
#include <vector>

namespace tryst::rpc {

/// When a connection is ended for being of no use. Zero turns a timer off. They are looked at
/// every few seconds: none ends a connection early, each may end it some seconds late.
struct session_timers {
  /// From the connection to the first whole message: stock clients connect early.
  std::chrono::seconds first_message{60};
  /// From the first byte of a record to its last, unless it keeps coming at record_rate.
  std::chrono::seconds record{30};
  /// Bytes per second, on average, with which a record may take longer.
  std::uint32_t record_rate = 256;
  /// With no call in progress, nothing received.
  std::chrono::seconds idle{360};
  /// With replies queued, nothing taken by the peer.
  std::chrono::seconds write_stall{30};
};

/// Limits of one session. Reaching a limit on incoming calls or on queued replies stops reading
/// from the peer until it falls again; nothing is dropped.
struct session_limits {
  record_limits record{};
  /// Calls that we make and whose replies are awaited; beyond it a call fails: too_many_calls.
  std::uint32_t outstanding_calls = 65536;
  /// Calls that wait to be sent; beyond it a call fails: too_many_calls.
  std::uint32_t unsent_calls = 65536;
  /// Incoming calls that have been begun and not been answered. A handler that answers at once
  /// does not count.
  std::uint32_t running_calls = 128;
  /// Incoming calls of one procedure that wait until somebody wants them
  /// (incoming_call::set_aside). They do not stop the reading: what they wait for may come over the
  /// same connection. Beyond so many, or so many bytes of arguments, the next one is refused.
  std::uint32_t calls_set_aside = 1024;
  std::uint64_t bytes_set_aside = 4U << 20;
  /// Bytes of replies that the peer has not taken.
  std::uint64_t queued_bytes = 1U << 20;
  session_timers timers{};
};

/// What datagrams may cost a server, for each address that it listens on (and each of its loops).
struct datagram_limits {
  /// Bytes of a datagram, either way. A larger call is dropped; a larger reply is SYSTEM_ERR.
  std::uint32_t max_bytes = 65507;
  /// Callers remembered at a time. The one that was heard least recently, and has no call in
  /// progress, makes room: source addresses are easily forged, so that no caller is turned away
  /// for having too many of them.
  std::uint32_t peers = 4096;
  /// A caller is forgotten when nothing was heard of it for so long.
  std::chrono::seconds idle{30};
  /// Replies to calls that came by broadcast or multicast leave after a random part of this, so
  /// that a network's servers do not answer all at once (pitfall 87). Zero: at once.
  std::chrono::milliseconds jitter{50};
  /// Multicast groups, in digits, that sockets of their family join on every interface that there
  /// is when they are opened: "ff02::202" is where IPv6 looks for binders.
  std::vector<std::string> groups{};
};

/// The timers of a client's session: it may wait for replies, and for its own next call, as long
/// as it likes. A record that has begun must still arrive, and what it sends must be taken.
inline constexpr session_timers client_timers{.first_message = std::chrono::seconds{0},
                                              .idle = std::chrono::seconds{0}};

}  // namespace tryst::rpc
