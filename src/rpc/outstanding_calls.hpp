// The calls of one session that wait for their replies, by xid. No I/O, no clock.
//
// The xid is a 32-bit counter with a random start, so that all values pass before one returns
// (RFC 5531 §9 asks only that a client can tell its calls apart, but reply caches remember more).
// A call's slot is its xid's low bits and the whole xid is compared: finding a call is one load.
#pragma once

#include <cstdint>
#include <optional>
#include <tryst/rpc/outstanding_call.hpp>
#include <vector>

namespace tryst::rpc {

class outstanding_calls {
public:
  /// `first_xid` should be random; at most `limit` calls may be outstanding at a time.
  outstanding_calls(std::uint32_t first_xid, std::size_t limit)
      : next_xid_{first_xid}, limit_{limit}, slots_(initial_slots) {}

  std::size_t size() const noexcept { return live_; }
  bool full() const noexcept { return live_ >= limit_; }

  /// Gives `call` the next xid that no call and no late reply may have. REQUIRES: !full().
  std::uint32_t add(outstanding_call& call);

  /// The call that `xid` answers; null if there is none.
  outstanding_call* find(std::uint32_t xid) const noexcept {
    const slot& s = slots_[xid & (slots_.size() - 1)];
    return s.is == slot::state::waiting && s.xid == xid ? s.call : nullptr;
  }

  /// The call that `xid` answers, which is outstanding no longer; null if there is none.
  outstanding_call* take(std::uint32_t xid) noexcept;

  /// Ends the waiting for `xid`, to which a reply may still come. Until it does, or every other
  /// slot is needed, no new call gets a slot where it could be mistaken for the old one.
  void give_up(std::uint32_t xid) noexcept;

  /// For a look at every call: the one in a slot, or null. The slots may become more meanwhile;
  /// calls then move to a higher one, if at all.
  std::size_t slots() const noexcept { return slots_.size(); }
  outstanding_call* in_slot(std::size_t index) const noexcept {
    const slot& s = slots_[index];
    return s.is == slot::state::waiting ? s.call : nullptr;
  }

  /// Replies that came for calls that had been given up.
  std::uint64_t late() const noexcept { return late_; }

private:
  static constexpr std::size_t initial_slots = 16;
  static constexpr std::size_t most_slots = std::size_t{1} << 20;

  struct slot {
    enum class state : std::uint8_t { free, waiting, given_up };
    outstanding_call* call = nullptr;
    std::uint32_t xid = 0;
    state is = state::free;
  };

  slot& at(std::uint32_t xid) noexcept { return slots_[xid & (slots_.size() - 1)]; }
  void make_room();

  std::uint32_t next_xid_;
  std::size_t limit_;
  std::size_t live_ = 0;
  std::size_t tombstones_ = 0;
  std::uint64_t late_ = 0;
  std::vector<slot> slots_;
};

}  // namespace tryst::rpc
