#include "rpc/outstanding_calls.hpp"

#include <utility>

namespace tryst::rpc {

std::uint32_t outstanding_calls::add(outstanding_call& call) {
  if (2 * (live_ + tombstones_) >= slots_.size()) make_room();
  while (at(next_xid_).is != slot::state::free) ++next_xid_;
  const std::uint32_t xid = next_xid_++;
  at(xid) = {.call = &call, .xid = xid, .is = slot::state::waiting};
  ++live_;
  return xid;
}

outstanding_call* outstanding_calls::take(std::uint32_t xid) noexcept {
  slot& s = at(xid);
  if (s.is == slot::state::free || s.xid != xid) return nullptr;
  if (s.is == slot::state::given_up) {
    s.is = slot::state::free;
    --tombstones_;
    ++late_;
    return nullptr;
  }
  s.is = slot::state::free;
  --live_;
  return std::exchange(s.call, nullptr);
}

void outstanding_calls::give_up(std::uint32_t xid) noexcept {
  slot& s = at(xid);
  if (s.is != slot::state::waiting || s.xid != xid) return;
  s = {.call = nullptr, .xid = xid, .is = slot::state::given_up};
  --live_;
  ++tombstones_;
}

void outstanding_calls::make_room() {
  if (slots_.size() >= most_slots) {
    // Half a million replies that never came: forget them. A late one is then an unknown xid.
    for (slot& s : slots_) {
      if (s.is == slot::state::given_up) s.is = slot::state::free;
    }
    tombstones_ = 0;
    if (2 * live_ < slots_.size()) return;
  }
  // xids that differ in their low bits differ in more of them too: nothing collides.
  std::vector<slot> old(2 * slots_.size());
  old.swap(slots_);
  for (const slot& s : old) {
    if (s.is != slot::state::free) at(s.xid) = s;
  }
}

}  // namespace tryst::rpc
