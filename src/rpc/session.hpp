// One transport in use, in both directions: it sends calls and finds the calls that replies
// belong to, and it hands incoming calls to the dispatcher and sends their replies. Client and
// server share it, so that either end may call the other.
//
// A session may be without a transport: a client's, before it is connected and between two
// connections. Calls wait meanwhile.
//
// Path: client.hpp → outstanding_call → here → transport.hpp
//       server.cpp → here → dispatcher → policy → service → incoming_call → here
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <tryst/auth/authenticator.hpp>
#include <tryst/rpc/limits.hpp>
#include <tryst/rpc/outstanding_call.hpp>
#include <tryst/rpc/transport.hpp>

#include "rpc/outstanding_calls.hpp"
#include "rpc/unsent_calls.hpp"
#include "rpc/watchdog.hpp"

namespace tryst::rpc {

class dispatcher;
class reply_cache;

/// A call that waits until somebody wants it.
struct set_aside_call {
  interface_id interface;
  std::uint32_t procedure = 0;
  std::uint32_t bytes = 0;  ///< of its arguments
};

class session final : public call_path,
                      public std::enable_shared_from_this<session>,
                      private transport::user {
public:
  /// Who made the session: a client or a server. On the loop.
  class owner {
  public:
    /// A call waits and there is no transport.
    virtual void wants_transport(session&) {}
    /// The transport has ended; what was outstanding has been told.
    virtual void lost_transport(session&, std::error_code why) = 0;

  protected:
    ~owner() = default;
  };

  struct settings {
    session_limits limits;
    auth::authenticator* authenticator = nullptr;  // null: AUTH_NONE
    const dispatcher* calls = nullptr;             // null: every call is answered PROG_UNAVAIL
    std::shared_ptr<reply_cache> replies{};        // null: none is remembered
    // Counts results that no message may hold; null: nobody wants to know.
    std::shared_ptr<std::atomic<std::uint64_t>> oversized{};
    /// Whether calls that wait when a transport ends wait for the next one.
    bool keep_unsent = false;
    /// Whether calls that may be repeated wait for the next transport when one ends.
    bool repeat_after_loss = false;
    retransmission_timing timing{};
    /// Copies of a call that the other system may turn away before it ends.
    std::uint32_t turned_away = 1;
  };

  session(loop& home, settings how, owner& o);
  ~session();

  void start(outstanding_call& call) noexcept override;
  void end(outstanding_call& call, errc unsent, errc sent) noexcept override;

  void attach(std::unique_ptr<transport> t);
  bool attached() const noexcept { return transport_ != nullptr; }
  /// Counts the transports that the session has had.
  std::uint32_t generation() const noexcept { return generation_; }
  bool attached_as(std::uint32_t generation) const noexcept {
    return attached() && generation == generation_;
  }
  const peer_identity& peer() const noexcept { return peer_; }

  /// Ends the transport and every call. No call can begin any more, and the owner is told nothing.
  void close(errc why_unsent = errc::closed);
  bool has_unsent() const noexcept { return !unsent_.empty(); }
  /// Replies to calls that had been given up.
  std::uint64_t late_replies() const noexcept { return outstanding_.late(); }
  /// Calls that were sent again, counted each time.
  std::uint64_t repeated() const noexcept { return repeated_; }
  /// Fails the calls that wait for a transport.
  void fail_unsent(const failure& why);
  /// Takes no more calls, answers those that run, sends what is queued and then ends.
  void drain();

  /// A message to send: append it, then end_message() or abandon_message(). On the loop, attached.
  xdr::byte_buffer& begin_message() { return transport_->out().begin(); }
  void end_message();
  void end_message(std::vector<xdr::reference> references, std::shared_ptr<void> owner);
  void abandon_message() { transport_->out().abandon(); }
  std::byte* message() noexcept { return transport_->out().message(); }
  std::size_t message_size() noexcept { return transport_->out().message_size(); }

  /// Requested when the transport ends, or, while calls are set aside, when the peer has sent all.
  /// Any thread.
  std::stop_token connection_lost();

  /// Nothing is awaited from it, and nobody awaits anything from the peer.
  bool quiet() const noexcept {
    return deferred_ == 0 && outstanding_.size() == 0 && unsent_.empty();
  }

  const session_limits& limits() const noexcept { return how_.limits; }
  const std::shared_ptr<reply_cache>& replies() const noexcept { return how_.replies; }

  /// The result of an incoming call is larger than a message may be. Any thread.
  void note_oversized() noexcept {
    if (how_.oversized) how_.oversized->fetch_add(1, std::memory_order_relaxed);
  }

  /// An incoming call has left the dispatcher without an answer; it will be answered later.
  void call_deferred() noexcept { ++deferred_; }
  /// ... and now it has been, or never will be: one that was set `aside`, or was not. On the loop.
  void deferred_call_over(const std::optional<set_aside_call>& aside) noexcept;
  /// A call that was deferred does not count as running: see incoming_call::set_aside().
  bool set_aside(const set_aside_call& call);

private:
  using stage = outstanding_call::stage;
  struct calls_aside {
    interface_id interface;
    std::uint32_t procedure = 0;
    std::uint32_t calls = 0;
    std::uint64_t bytes = 0;  // of their arguments
  };

  calls_aside& asides_like(const set_aside_call& call);
  bool on_message(std::span<const std::byte> message, const xdr::buffer_ref& buffer) override;
  void on_sent() override;
  void on_end_of_messages() override;
  void on_closed(std::error_code why) override;
  void on_message_lost(std::span<const std::byte> beginning, std::error_code why) override;

  void send(outstanding_call& call) noexcept;
  void send_waiting();
  errc encode(outstanding_call& call) noexcept;  // errc{}: done
  void on_reply(std::span<const std::byte> message, const xdr::buffer_ref& buffer);
  bool repeat_with_fresh_credential(outstanding_call& call, const failure& why);
  void tell_that_lost();
  void end_if_drained();
  std::uint32_t running() const noexcept { return deferred_ - aside_; }
  bool must_pause() const noexcept;
  void resume_if_possible();
  void look_at_calls_by(loop::time_point when) noexcept;
  void look_at_calls() noexcept;
  // Calls that are sent again: session_repetition.cpp.
  retransmission repetition_of(const outstanding_call& call) const noexcept;
  void expect_reply(outstanding_call& call) noexcept;  // it was sent for the first time
  void repeat(outstanding_call& call) noexcept;        // its wait is over
  void heard(const outstanding_call& call) noexcept;   // the reply has come, over datagrams
  bool resume(outstanding_call& call) noexcept;        // on a new transport; false: it is none such
  bool survives_loss(const outstanding_call& call) const noexcept;
  // The transport is lost.
  void end_outstanding(std::uint64_t taken, std::error_code why) noexcept;
  void queue_survivors() noexcept;
  void end_waiting(outstanding_call& call, const failure& unsent, errc sent) noexcept;
  // Null: nobody, who says nothing of itself and believes every reply.
  auth::authenticator* authenticator_of(const outstanding_call& call) const noexcept;

  settings how_;
  owner* owner_;
  std::unique_ptr<transport> transport_;
  peer_identity peer_;
  std::shared_ptr<session> self_;  // while attached: the transport calls us until on_closed
  outstanding_calls outstanding_;
  unsent_calls unsent_;
  unsent_calls leaving_;  // one-way calls, until the kernel has taken them
  std::uint32_t generation_ = 0;
  std::uint32_t deferred_ = 0;
  std::uint32_t aside_ = 0;  // of those
  bool lossy_ = false;       // the transport's messages may get lost
  bool paused_ = false;
  bool draining_ = false;
  bool closed_ = false;
  bool peer_finished_ = false;
  std::vector<calls_aside> asides_;  // of each procedure that has some
  watchdog watchdog_;
  round_trip_estimate round_trip_;
  std::uint64_t repeated_ = 0;

  // One timer for all calls that are on their way: it goes off with the first that is to be ended
  // or repeated, and usually finds that one answered long ago.
  struct look_timer final : timer {
    session& owner;
    explicit look_timer(session& s) : owner{s} {}
    void expired() noexcept override { owner.look_at_calls(); }
  };
  look_timer look_timer_{*this};
  loop::time_point next_look_ = loop::time_point::max();

  std::mutex stop_mutex_;  // guards connection_lost_, which any thread may ask for
  std::optional<std::stop_source> connection_lost_;
};

}  // namespace tryst::rpc
