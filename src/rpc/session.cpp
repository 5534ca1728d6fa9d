#include "rpc/session.hpp"

#include <algorithm>
#include <tryst/error.hpp>
#include <tryst/rpc/dispatcher.hpp>
#include <tryst/rpc/message.hpp>
#include <utility>

namespace tryst::rpc {

namespace {

// Without services every program is unavailable, but a call is answered all the same.
const dispatcher& no_services() {
  static const dispatcher none;
  return none;
}

}  // namespace

session::session(loop& home, settings how, owner& o)
    : call_path{home},
      how_{std::move(how)},
      owner_{&o},
      outstanding_{static_cast<std::uint32_t>(home.random()), how_.limits.outstanding_calls},
      watchdog_{home, how_.limits.timers},
      round_trip_{how_.timing} {
  if (how_.calls == nullptr) how_.calls = &no_services();
}

session::~session() {
  if (look_timer_.armed()) home().disarm(look_timer_);
}

void session::start(outstanding_call& call) noexcept {
  if (closed_ || draining_) return call.fail_soon(errc::closed);
  if (transport_ && !transport_->blocked() && unsent_.empty()) return send(call);
  if (unsent_.size() >= how_.limits.unsent_calls) {
    return call.fail_soon(errc::too_many_calls);
  }
  call.stage_ = stage::queued;
  call.arm_deadline();
  unsent_.push(call);
  if (!transport_) owner_->wants_transport(*this);
}

void session::send(outstanding_call& call) noexcept {
  if (resume(call)) return;
  if (outstanding_.full()) return call.fail_soon(errc::too_many_calls);
  const std::uint32_t xid = outstanding_.add(call);
  call.xid_ = xid;
  if (const errc failed = encode(call); failed != errc{}) {
    outstanding_.take(xid);
    return call.fail_soon(failed);
  }
  if (call.options_.oneway) {
    outstanding_.take(xid);
    call.position_ = transport_->out().taken() + transport_->out().pending();
    call.stage_ = stage::leaving;
    call.arm_deadline();
    leaving_.push(call);
  } else {
    call.stage_ = stage::waiting;
    if (lossy_ || call.options_.repeat) {
      expect_reply(call);
    } else {
      look_at_calls_by(call.expires_at_);
    }
  }
}

void session::look_at_calls_by(loop::time_point when) noexcept {
  if (when >= next_look_) return;
  next_look_ = when;
  home().arm(look_timer_, when);
}

void session::look_at_calls() noexcept {
  const loop::time_point now = home().now();
  const std::shared_ptr<session> self = self_;
  next_look_ = loop::time_point::max();
  loop::time_point next = next_look_;
  // Whoever is told may call again, and so add slots.
  for (std::size_t i = 0; i < outstanding_.slots(); ++i) {
    outstanding_call* const call = outstanding_.in_slot(i);
    if (call == nullptr || call->stage_ != stage::waiting) continue;
    if (call->expires_at_ <= now) {
      end(*call, errc::timed_out_unsent, errc::timed_out);
      continue;
    }
    if (call->repeat_at_ <= now) repeat(*call);
    next = std::min({next, call->expires_at_, call->repeat_at_});
  }
  look_at_calls_by(next);
}

errc session::encode(outstanding_call& call) noexcept try {
  xdr::byte_buffer& out = begin_message();
  const std::size_t header = out.size();
  auth::authenticator* const authenticator = authenticator_of(call);
  put_call_header(out, call.xid_, call.interface(), call.procedure_, authenticator == nullptr);
  if (authenticator != nullptr) authenticator->put(out, header);
  const std::size_t arguments = out.size();

  bool valid = false;
  const std::shared_ptr<void> kept = call.may_be_large_ ? call.keep_arguments() : nullptr;
  std::vector<xdr::reference> references;
  std::uint64_t referred = 0;
  if (kept) {
    xdr::writer w{out, references};
    call.encode_arguments(w);
    valid = w.ok();
    for (const xdr::reference& r : references) referred += r.bytes.size();
  } else {
    xdr::writer w{out};
    call.encode_arguments(w);
    valid = w.ok();
  }
  if (!valid) {
    abandon_message();
    return errc::arguments_invalid;
  }
  if (authenticator != nullptr) authenticator->protect(out, arguments);
  if (message_size() + referred > how_.limits.record.max_bytes) {
    abandon_message();
    return errc::arguments_too_large;
  }
  const std::uint64_t position = references.empty()
                                     ? transport_->out().end()
                                     : transport_->out().end(std::move(references), kept);
  // The first copy counts: once it has gone the call may run.
  if (call.copies_++ == 0) call.position_ = position;
  transport_->flush_soon();
  return {};
} catch (...) {
  // Only memory can run out here.
  abandon_message();
  return errc::too_many_calls;
}

auth::authenticator* session::authenticator_of(const outstanding_call& call) const noexcept {
  auth::authenticator* const own = call.options_.authenticator;
  return own != nullptr ? own : how_.authenticator;
}

void session::end(outstanding_call& call, errc unsent, errc sent) noexcept {
  switch (call.stage_) {
    case stage::queued:
      unsent_.remove(call);
      return end_waiting(call, unsent, sent);
    case stage::waiting:
      outstanding_.give_up(call.xid_);
      return call.finish({.why = sent});
    case stage::leaving:
      leaving_.remove(call);
      return call.finish({.why = sent});
    case stage::idle:
    case stage::failing:
    case stage::settled:
      return;
  }
}

void session::on_reply(std::span<const std::byte> message, const xdr::buffer_ref& buffer) {
  outstanding_call* const call = outstanding_.take(xid_of(message));
  if (call == nullptr) return;  // late, or never asked for
  if (lossy_) heard(*call);
  auth::authenticator* const authenticator = authenticator_of(*call);
  if (authenticator == nullptr) {
    const auto result = plain_result(message);
    if (result.data() != nullptr) return call->finish({.result = result, .buffer = &buffer});
  }
  auto reply = parse_reply(message);
  if (!reply) return call->finish({.why = reply.error()});
  if (reply->why) {
    if (repeat_with_fresh_credential(*call, reply->why)) return;
    return call->finish({.why = reply->why});
  }
  if (authenticator != nullptr &&
      authenticator->check(call->xid_, reply->verifier, reply->result)) {
    return call->finish({.why = errc::reply_unverified});
  }
  call->finish({.result = reply->result, .buffer = &buffer});
}

bool session::repeat_with_fresh_credential(outstanding_call& call, const failure& why) {
  const auto code = static_cast<errc>(why.code.value());
  const bool about_credential = code >= errc::auth_bad_cred && code <= errc::auth_refused;
  if (!about_credential || call.refreshed_ || closed_) return false;
  auth::authenticator* const authenticator = authenticator_of(call);
  if (authenticator == nullptr || !authenticator->refresh(why.status)) return false;
  call.refreshed_ = true;
  call.copies_ = 0;
  // The server refused: nothing ran, so that asking again is safe.
  call.stage_ = stage::idle;
  start(call);
  return true;
}

void session::attach(std::unique_ptr<transport> t) {
  transport_ = std::move(t);
  lossy_ = !transport_->reliable();
  peer_ = transport_->peer();
  self_ = shared_from_this();
  paused_ = false;
  peer_finished_ = false;
  ++generation_;
  watchdog_.begin(*transport_, deferred_);
  transport_->start(*this);
  send_waiting();
}

void session::send_waiting() {
  while (transport_ && !transport_->blocked() && !unsent_.empty()) send(*unsent_.pop());
}

void session::end_message() {
  transport_->out().end();
  transport_->flush_soon();
}

void session::end_message(std::vector<xdr::reference> references, std::shared_ptr<void> keeper) {
  transport_->out().end(std::move(references), std::move(keeper));
  transport_->flush_soon();
}

bool session::must_pause() const noexcept {
  return running() >= how_.limits.running_calls ||
         transport_->out().pending() >= how_.limits.queued_bytes;
}

bool session::on_message(std::span<const std::byte> message, const xdr::buffer_ref& buffer) {
  watchdog_.message_seen();
  const auto type = type_of(message);
  if (!type) {
    // Not a message at all: whoever speaks here does not speak RPC.
    transport_->close(make_error_code(errc::message_invalid));
    return true;
  }
  if (*type == message_type::reply) {
    on_reply(message, buffer);
    return true;
  }
  if (draining_) return true;
  how_.calls->dispatch(*this, message, buffer);
  paused_ = must_pause();
  return !paused_;
}

session::calls_aside& session::asides_like(const set_aside_call& call) {
  const auto found = std::ranges::find_if(asides_, [&](const calls_aside& each) {
    return each.interface == call.interface && each.procedure == call.procedure;
  });
  if (found != asides_.end()) return *found;
  return asides_.emplace_back(calls_aside{call.interface, call.procedure});
}

bool session::set_aside(const set_aside_call& call) {
  calls_aside& same = asides_like(call);
  if (same.calls >= how_.limits.calls_set_aside ||
      same.bytes + call.bytes > how_.limits.bytes_set_aside) {
    return false;
  }
  ++same.calls;
  same.bytes += call.bytes;
  ++aside_;
  return true;
}

void session::deferred_call_over(const std::optional<set_aside_call>& aside) noexcept {
  --deferred_;
  if (aside) {
    calls_aside& same = asides_like(*aside);
    --same.calls;
    same.bytes -= aside->bytes;
    --aside_;
  }
  resume_if_possible();
  end_if_drained();
}

void session::resume_if_possible() {
  if (!paused_ || !transport_) return;
  // Half of what is allowed: a peer at the limit shall not cost a pause a message.
  if (running() > how_.limits.running_calls / 2 ||
      transport_->out().pending() > how_.limits.queued_bytes / 2) {
    return;
  }
  paused_ = false;
  transport_->resume_reading();
}

void session::on_sent() {
  while (!leaving_.empty() && leaving_.first()->position_ <= transport_->out().taken()) {
    leaving_.pop()->finish({});
  }
  send_waiting();
  if (!transport_) return;
  resume_if_possible();
  end_if_drained();
}

void session::on_end_of_messages() {
  // The peer may have shut down its side only, and wait for what it asked (a half-closed TCP).
  peer_finished_ = true;
  if (outstanding_.size() > 0 || !unsent_.empty()) {
    return transport_->close(make_error_code(errc::connection_lost));
  }
  // A process that was killed cannot be told from one that has said all: what waits until somebody
  // wants it shall not be granted to the former.
  if (aside_ > 0) tell_that_lost();
  end_if_drained();
}

void session::drain() {
  if (closed_ || draining_) return;
  draining_ = true;
  end_if_drained();
}

void session::end_if_drained() {
  if (!transport_ || deferred_ > 0 || !(draining_ || peer_finished_)) return;
  if (!transport_->out().empty()) return transport_->flush_soon();
  if (peer_finished_) return transport_->close(make_error_code(errc::connection_lost));
  transport_->finish_sending();
}

void session::on_closed(std::error_code why) {
  const std::shared_ptr<session> self = std::move(self_);
  watchdog_.end();
  home().disarm(look_timer_);
  next_look_ = loop::time_point::max();
  const std::uint64_t taken = transport_->out().taken();
  transport_.reset();
  while (outstanding_call* call = leaving_.pop()) {
    call->finish(
        {.why = call->position_ <= taken ? errc::connection_lost : errc::connection_lost_unsent});
  }
  end_outstanding(taken, why);
  tell_that_lost();
  if (!how_.keep_unsent) fail_unsent(errc::connection_lost_unsent);
  queue_survivors();
  if (owner_ != nullptr) owner_->lost_transport(*this, why);
}

void session::tell_that_lost() {
  std::optional<std::stop_source> lost;
  {
    const std::lock_guard lock{stop_mutex_};
    lost.swap(connection_lost_);
  }
  // Whoever is told may look at the session, and end calls.
  if (lost) lost->request_stop();
}

std::stop_token session::connection_lost() {
  const std::lock_guard lock{stop_mutex_};
  if (!connection_lost_) connection_lost_.emplace();
  return connection_lost_->get_token();
}

void session::fail_unsent(const failure& why) {
  // Whoever is told may call again at once: that call is for the next transport.
  for (std::uint32_t left = unsent_.size(); left > 0; --left) {
    end_waiting(*unsent_.pop(), why, errc::connection_lost);
  }
}

void session::close(errc why_unsent) {
  closed_ = true;
  owner_ = nullptr;
  how_.keep_unsent = false;
  fail_unsent(why_unsent);
  if (transport_) transport_->close(make_error_code(errc::closed));
}

}  // namespace tryst::rpc
