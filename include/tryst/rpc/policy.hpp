// How a service's calls are run: declared where it is served, the same for every procedure of it,
// and invisible to its callers.
#pragma once

#include <cstdint>

namespace tryst::rpc {

struct policy {
  enum class kind : std::uint8_t { inline_, task_per_call, pool, serialised };
  kind how = kind::inline_;
  std::uint32_t threads = 0;  ///< pool only

  bool operator==(const policy&) const = default;
};

/// At once, on the loop that received the call, in the order of arrival. For handlers that do not
/// block; one that is a coroutine may suspend, and others begin meanwhile.
inline constexpr policy inline_{policy::kind::inline_};

/// A process of its own for each call, on the loop: it begins when the messages that came with it
/// have been read.
inline constexpr policy task_per_call{policy::kind::task_per_call};

/// One call at a time, from its beginning to its end, in the order of arrival: a monitor. Held
/// while the handler waits. A handler that calls its own service, and waits, waits for ever.
inline constexpr policy serialised{policy::kind::serialised};

/// On one of `threads` threads of the service's own: for handlers that block. Calls begin in the
/// order of arrival and run side by side.
constexpr policy pool(std::uint32_t threads) noexcept { return {policy::kind::pool, threads}; }

}  // namespace tryst::rpc
