// How one call is made: a value, given beside the arguments.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <tryst/rpc/retransmission.hpp>

namespace tryst::auth {
class authenticator;
}

namespace tryst::rpc {

/// What is not given comes from the client's defaults (client_options::defaults).
struct call_options {
  /// How long the caller waits, from the moment it calls. A call that was not sent by then ends
  /// with timed_out_unsent, one that was with timed_out. RPC has no way to tell the server.
  std::optional<std::chrono::nanoseconds> deadline{};
  /// Cancels the call when a stop is requested, from any thread: cancelled_unsent or cancelled.
  std::stop_token stop{};
  /// The server sends no reply (RFC 5531 §8): the call ends when the kernel has taken it, with a
  /// default-constructed result, and whether it ran will never be known.
  bool oneway = false;
  /// Whether the call may be sent again, with its xid: over datagrams when no reply has come in
  /// time, over streams when the connection was lost and another can be made. If neither the call
  /// nor the client says, datagrams are `cached` and streams `never`.
  std::optional<retransmission> repeat{};
  /// The number of the program at its server, where it is not the one of the `.x`: for programs
  /// that chose theirs when they began (RFC 5531 §8.1, "transient"). Calls within the process have
  /// a service, and need no number.
  std::optional<std::uint32_t> program{};
  /// Whose credential the call carries; null: the client's. Must outlive the call.
  auth::authenticator* authenticator = nullptr;
};

/// The deadline of a call that has none of its own and whose client has no default.
inline constexpr std::chrono::seconds default_deadline{25};

}  // namespace tryst::rpc
