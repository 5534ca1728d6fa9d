#include <tryst/rpc/outstanding_call.hpp>

#include <cassert>
#include <tryst/rpc/observer.hpp>

namespace tryst::rpc {

outstanding_call::~outstanding_call() {
  if (cancellation_) cancellation_->on_stop.reset();
  if (stage_ == stage::idle || stage_ == stage::settled) return;
  if (armed()) path_->home().disarm(*this);
  path_->end(*this, errc::cancelled_unsent, errc::cancelled);
}

void outstanding_call::submit(call_path& path) {
  assert(stage_ == stage::idle);
  path_ = &path;
  if (path.home().running_here()) return begin();
  path.home().post(*this);
}

void outstanding_call::run() noexcept {
  if (stage_ == stage::failing) return finish({.why = early_});
  if (stage_ == stage::settled) return deliver_there();
  begin();
}

void outstanding_call::fail_soon(errc why) noexcept {
  stage_ = stage::failing;
  early_ = why;
  path_->home().schedule(*this);
}

// The loop ended: nothing was sent and nothing will be.
void outstanding_call::abandoned() noexcept {
  if (stage_ == stage::settled) return;
  finish({.why = errc::closed});
}

void outstanding_call::begin() noexcept {
  loop& home = path_->home();
  // Over before it began: the server shall not be bothered with what nobody waits for.
  if (options_.stop.stop_requested()) return fail_soon(errc::cancelled_unsent);
  if (options_.deadline) {
    if (*options_.deadline <= loop::duration::zero()) return fail_soon(errc::timed_out_unsent);
    expires_at_ = home.now() + std::chrono::duration_cast<loop::duration>(*options_.deadline);
  }
  if (options_.stop.stop_possible()) {
    cancellation_.emplace(*this);
    cancellation_->on_stop.emplace(options_.stop, cancel_request{*this});
  }
  path_->start(*this);
}

void outstanding_call::arm_deadline() noexcept {
  if (expires_at_ != loop::time_point::max()) path_->home().arm(*this, expires_at_);
}

void outstanding_call::expired() noexcept {
  path_->end(*this, errc::timed_out_unsent, errc::timed_out);
}

void outstanding_call::cancel_request::operator()() const noexcept {
  owner.cancellation_->posted.store(true, std::memory_order_release);
  owner.path_->home().post(owner.cancellation_->job);
}

void outstanding_call::cancel_job::run() noexcept {
  owner.cancellation_->ran = true;
  if (owner.stage_ == stage::settled) return owner.deliver();
  owner.path_->end(owner, errc::cancelled_unsent, errc::cancelled);
}

void outstanding_call::finish(const call_outcome& outcome) noexcept {
  settle(outcome);
  settled();
}

void outstanding_call::settled() noexcept {
  if (armed()) path_->home().disarm(*this);
  stage_ = stage::settled;
  if (observer_ != nullptr) {
    observer_->ended({.interface = interface(),
                      .procedure = procedure_,
                      .xid = xid_,
                      .taken = path_->home().clock_now() - began_,
                      .why = why()});
  }
  if (cancellation_) {
    // Waits for a stop callback that is running on another thread; after this none begins.
    cancellation_->on_stop.reset();
    if (cancellation_->posted.load(std::memory_order_acquire) && !cancellation_->ran) return;
  }
  deliver();
}

}  // namespace tryst::rpc
