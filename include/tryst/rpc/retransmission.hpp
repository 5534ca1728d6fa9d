// When a call is sent again because nothing was heard of it: values, and the arithmetic of waiting.
// No clock, no I/O.
//
// A repeated call keeps its xid, so that a server can know it again (RFC 5531 §5). The first wait
// follows from how long replies take, after Jacobson and Karn (RFC 6298); each further one is twice
// as long, and a little more by chance. Nothing that arrives, but the reply, changes a wait.
//
// Path: call_options.hpp → session → here
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace tryst::rpc {

/// Whether a call may be sent more than once. What this means for the number of times that it runs
/// stands in docs/guarantees.md.
enum class retransmission : std::uint8_t {
  /// It is sent once. What is lost ends as timed_out or connection_lost.
  never,
  /// It is sent again until its deadline: the caller says that running twice is as good as once.
  idempotent,
  /// It is sent again for as long as a server with a reply cache is sure to know it
  /// (retransmission_timing::window): such a server runs it at most once.
  cached
};

/// How a client waits before it sends a call again.
struct retransmission_timing {
  /// The first wait while nothing is known of the server.
  std::chrono::milliseconds first{500};
  /// No wait is shorter, however fast the server was so far.
  std::chrono::milliseconds least{200};
  /// Nor longer.
  std::chrono::milliseconds longest{8000};
  /// For retransmission::cached: counted from the first time that it was sent. Less than the time
  /// for which reply caches remember (120 s for this library's), by what a network may delay.
  std::chrono::milliseconds window{90'000};

  /// The wait behind a copy, when the one before it was `last`; `random` bits lengthen it by up to
  /// an eighth, so that many clients of a server that comes back do not return all at once.
  std::chrono::nanoseconds next(std::chrono::nanoseconds last,
                                std::uint64_t random) const noexcept {
    const auto doubled = std::min<std::chrono::nanoseconds>(2 * last, longest);
    const auto eighth = static_cast<std::uint64_t>(doubled.count() / 8);
    return doubled +
           std::chrono::nanoseconds{eighth > 0 ? static_cast<std::int64_t>(random % eighth) : 0};
  }
};

/// How long replies of one server take.
class round_trip_estimate {
public:
  explicit round_trip_estimate(const retransmission_timing& timing) noexcept : timing_{timing} {}

  /// A reply took so long. Only for calls that were sent once: of another nobody knows which copy
  /// was answered (Karn).
  void sample(std::chrono::nanoseconds took) noexcept {
    if (smoothed_.count() == 0) {
      smoothed_ = std::max(took, std::chrono::nanoseconds{1});
      variation_ = took / 2;
    } else {
      const auto off = took > smoothed_ ? took - smoothed_ : smoothed_ - took;
      variation_ += (off - variation_) / 4;
      smoothed_ += (took - smoothed_) / 8;
    }
    floor_ = {};
  }

  /// A call had to be sent again, and now waits so long. No wait is shorter until a sample has
  /// come: a server that has become slow would otherwise be asked everything twice for ever.
  void back_off(std::chrono::nanoseconds wait) noexcept { floor_ = std::max(floor_, wait); }

  /// How long to wait for the reply to a call that is sent for the first time.
  std::chrono::nanoseconds timeout() const noexcept {
    const std::chrono::nanoseconds known =
        smoothed_.count() == 0 ? timing_.first : smoothed_ + 4 * variation_;
    return std::clamp<std::chrono::nanoseconds>(std::max(known, floor_), timing_.least,
                                                timing_.longest);
  }

private:
  retransmission_timing timing_;
  std::chrono::nanoseconds smoothed_{0};
  std::chrono::nanoseconds variation_{0};
  std::chrono::nanoseconds floor_{0};
};

}  // namespace tryst::rpc
