// A call that came over RPC while it is an invocation, without its types. It lives on the loop that
// received it: there it is answered, its time runs out, and its connection is lost; so that the
// three exclude each other.
//
// Path: publish.hpp → here → rendezvous/outside_call.hpp → module → here → rpc/incoming_call.hpp
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <tryst/bridge/caller.hpp>
#include <tryst/bridge/published.hpp>
#include <tryst/rpc/incoming_call.hpp>

namespace tryst::detail {

/// The caller of a call that is not set aside yet.
caller caller_of(const rpc::call_info& call);
/// Refuses a call for which there is no room.
void turn_away(rpc::incoming_call& call);

/// Owns itself from begin() on.
class published_call : private job, private timer {
public:
  /// Queues it, or refuses it. Zero: it may wait for ever; it ends with its connection.
  void begin(std::chrono::milliseconds max_wait, std::chrono::milliseconds grace) noexcept;

protected:
  published_call(rpc::incoming_call&& call, std::shared_ptr<published> of);
  virtual ~published_call() = default;

  /// As outside_call has them.
  virtual errc queue() noexcept = 0;
  virtual void take_back(errc why) noexcept = 0;
  /// The invocation has ended; on the loop.
  virtual void answer() noexcept = 0;
  /// See outside_call::undo().
  virtual bool undo_it() = 0;

  /// The invocation has ended; on any thread. The last that is done with this object there.
  void invocation_ended() noexcept;

  std::stop_token lost() const noexcept { return lost_; }
  const publish_options& how() const noexcept { return of_->options(); }
  void reply(const rpc::result_encoder& result);
  void refuse(const rpc::refusal& why) { call_.refuse(why); }
  void refuse_for(std::exception_ptr why);
  /// It was taken back, or never taken.
  void end_untaken(errc why);

private:
  struct on_lost {
    published_call& of;
    void operator()() const noexcept { of.connection_lost(); }
  };

  void run() noexcept override;
  void abandoned() noexcept override { end(); }
  void expired() noexcept override;
  void connection_lost() noexcept;
  void end() noexcept;

  rpc::incoming_call call_;
  std::shared_ptr<published> of_;
  loop& home_;
  loop::time_point expires_ = loop::time_point::max();
  std::chrono::milliseconds grace_{};
  std::stop_token lost_;
  std::optional<std::stop_callback<on_lost>> on_lost_;
};

}  // namespace tryst::detail
