#include <tryst/bridge/published_call.hpp>

#include <algorithm>
#include <tryst/rpc/typed_service.hpp>
#include <utility>

namespace tryst::detail {

caller caller_of(const rpc::call_info& call) {
  caller c{.where = call.peer->where, .who = call.caller.without_machine_name()};
  // That a caller over datagrams is forgotten says nothing of it: it was silent, or others forged
  // so many addresses.
  const bool connected = c.where.kind != rpc::address::transport::udp;
  if (connected) c.connection_lost = call.connection_lost();
  return c;
}

void turn_away(rpc::incoming_call& call) {
  // Whoever sends datagrams sends them again, perhaps when there is room.
  if (call.info().peer->where.kind == rpc::address::transport::udp) return call.forget();
  call.refuse({.code = errc::system_err});
}

published_call::published_call(rpc::incoming_call&& call, std::shared_ptr<published> of)
    : call_{std::move(call)},
      of_{std::move(of)},
      home_{call_.home()},
      lost_{call_.info().connection_lost()} {}

void published_call::begin(std::chrono::milliseconds max_wait,
                           std::chrono::milliseconds grace) noexcept {
  if (!call_.set_aside()) {
    turn_away(call_);
    delete this;
    return;
  }
  grace_ = grace;
  if (max_wait.count() > 0) {
    expires_ = home_.now() + max_wait;
    home_.arm(*this, expires_);
  }
  on_lost_.emplace(lost_, on_lost{*this});
  const errc why = queue();
  if (why == errc{}) return;  // it may be gone
  if (why == errc::op_full) {
    turn_away(call_);
  } else {
    end_untaken(why);
  }
  end();
}

void published_call::invocation_ended() noexcept {
  if (home_.running_here()) return run();
  home_.post(*this);
}

// On the loop.
void published_call::run() noexcept {
  answer();
  end();
}

void published_call::end() noexcept {
  if (armed()) home_.disarm(*this);
  delete this;
}

// Whoever has connected anew, and has asked again, waits for the answer to this one. Of the end of
// that connection nobody tells, so that it is looked at now and then.
void published_call::connection_lost() noexcept {
  constexpr std::chrono::milliseconds between_looks{1000};
  if (grace_.count() == 0 && !call_.has_copy()) return take_back(errc::connection_lost);
  home_.arm(*this, std::min(expires_, home_.now() + (grace_.count() > 0 ? grace_ : between_looks)));
}

void published_call::expired() noexcept {
  if (home_.now() >= expires_) return take_back(errc::not_taken);
  if (!call_.has_copy()) return take_back(errc::connection_lost);
  connection_lost();
}

void published_call::reply(const rpc::result_encoder& result) {
  // What was undone must run again if its caller comes back.
  const bool for_another = call_.has_copy();  // who has connected anew
  if (lost_.stop_requested() && !for_another && undo_it()) return call_.forget();
  if (call_.reply(result) == errc::connection_lost && !for_another) undo_it();
}

void published_call::refuse_for(std::exception_ptr why) {
  rpc::detail::refuse_for(std::move(why), of_->options().service, call_);
}

void published_call::end_untaken(errc why) {
  if (why == errc::connection_lost) return call_.forget();
  call_.refuse(why == errc::op_closed ? of_->closed() : rpc::refusal{.code = errc::system_err});
}

}  // namespace tryst::detail
