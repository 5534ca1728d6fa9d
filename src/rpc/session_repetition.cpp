// What a session does about calls that may be sent more than once (retransmission.hpp): over
// datagrams when nothing is heard of them, over streams when the connection is lost.

#include <tryst/error.hpp>
#include <tryst/rpc/message.hpp>

#include "rpc/session.hpp"

namespace tryst::rpc {

retransmission session::repetition_of(const outstanding_call& call) const noexcept {
  if (call.options_.repeat) return *call.options_.repeat;
  return transport_ && lossy_ ? retransmission::cached : retransmission::never;
}

void session::expect_reply(outstanding_call& call) noexcept {
  const loop::time_point now = home().now();
  call.sent_at_ = now;
  call.turned_away_ = 0;
  call.repeat_at_ = loop::time_point::max();
  if (lossy_ && repetition_of(call) != retransmission::never) {
    call.wait_ = round_trip_.timeout();
    call.repeat_at_ = now + call.wait_;
  }
  look_at_calls_by(std::min(call.expires_at_, call.repeat_at_));
}

void session::repeat(outstanding_call& call) noexcept {
  const loop::time_point now = home().now();
  if (repetition_of(call) == retransmission::cached && now - call.sent_at_ >= how_.timing.window) {
    call.repeat_at_ = loop::time_point::max();
    return;
  }
  // What the kernel does not take yet is no more likely to arrive for being queued twice.
  if (!transport_->blocked() && encode(call) == errc{}) {
    ++repeated_;
    call.wait_ = how_.timing.next(call.wait_, home().random());
    round_trip_.back_off(call.wait_);
  }
  call.repeat_at_ = now + call.wait_;
}

void session::heard(const outstanding_call& call) noexcept {
  if (call.copies_ == 1) round_trip_.sample(home().now() - call.sent_at_);
}

void session::on_message_lost(std::span<const std::byte> beginning, std::error_code why) {
  outstanding_call* const call = outstanding_.find(xid_of(beginning));
  if (call == nullptr || call->stage_ != stage::waiting) return;
  if (why != errc::connect_failed) {
    outstanding_.take(call->xid_);
    return call->finish({.why = why});
  }
  // A server that is being restarted turns calls away for a moment, and a call of which an earlier
  // copy may have arrived has perhaps run.
  const bool may_be_repeated = call->repeat_at_ != loop::time_point::max();
  if (++call->turned_away_ < how_.turned_away && may_be_repeated) return;
  outstanding_.take(call->xid_);
  call->finish({.why = call->copies_ == 1 ? errc::connect_failed : errc::connection_lost});
}

bool session::resume(outstanding_call& call) noexcept {
  if (call.copies_ == 0) return false;
  // It has kept its xid, and its place among the outstanding ones. Whoever has forgotten that xid
  // would run it once more.
  const bool forgotten = repetition_of(call) == retransmission::cached &&
                         home().now() - call.sent_at_ >= how_.timing.window;
  if (forgotten || encode(call) != errc{}) {
    outstanding_.take(call.xid_);
    call.finish({.why = errc::connection_lost});
    return true;
  }
  ++repeated_;
  if (call.armed()) home().disarm(call);
  call.stage_ = stage::waiting;
  if (lossy_) {
    call.wait_ = round_trip_.timeout();
    call.repeat_at_ = home().now() + call.wait_;
  }
  look_at_calls_by(std::min(call.expires_at_, call.repeat_at_));
  return true;
}

bool session::survives_loss(const outstanding_call& call) const noexcept {
  const retransmission how = call.options_.repeat.value_or(retransmission::never);
  // A reply cache knows its callers over datagrams by their port, and the next transport has
  // another.
  const bool known_again = !lossy_ || how == retransmission::idempotent;
  return how_.repeat_after_loss && !closed_ && how != retransmission::never && known_again;
}

void session::end_outstanding(std::uint64_t taken, std::error_code why) noexcept {
  // One of them got a reply beyond our limits, and would get it again. Nobody knows which.
  const bool beyond = why == errc::record_too_large || why == errc::record_fragmented;
  for (std::size_t i = 0; i < outstanding_.slots(); ++i) {
    outstanding_call* const call = outstanding_.in_slot(i);
    if (call == nullptr || call->stage_ != stage::waiting) continue;
    const bool sent = call->copies_ > 1 || call->position_ < taken;
    if (sent && !beyond && survives_loss(*call)) continue;
    outstanding_.take(call->xid_);
    const std::error_code lost = beyond ? why : make_error_code(errc::connection_lost);
    call->finish({.why = failure{sent ? lost : make_error_code(errc::connection_lost_unsent)}});
  }
}

// Those that survived the loss of a transport wait for the next.
void session::queue_survivors() noexcept {
  for (std::size_t i = 0; i < outstanding_.slots(); ++i) {
    outstanding_call* const call = outstanding_.in_slot(i);
    if (call == nullptr || call->stage_ != stage::waiting) continue;
    call->repeat_at_ = loop::time_point::max();
    call->stage_ = stage::queued;
    call->arm_deadline();
    unsent_.push(*call);
  }
}

// The call waits for a transport no longer.
void session::end_waiting(outstanding_call& call, const failure& unsent, errc sent) noexcept {
  if (call.copies_ == 0) return call.finish({.why = unsent});
  outstanding_.give_up(call.xid_);
  call.finish({.why = sent});
}

}  // namespace tryst::rpc
