// One call at a client, from the moment it is made until its outcome is known: the intrusive node
// that typed callers embed in a coroutine's frame, on a blocked thread's stack or on the heap.
//
// It ends exactly once, on the loop of its path: settle() with the outcome, then deliver(), which
// is the last touch.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <system_error>
#include <tryst/error.hpp>
#include <tryst/loop.hpp>
#include <tryst/rpc/call_options.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/rpc/program.hpp>
#include <tryst/xdr/bytes.hpp>
#include <tryst/xdr/writer.hpp>

namespace tryst::rpc {

class call_observer;
class outstanding_call;

/// What serves a call within the process. It is told when the call ends without it.
class local_service_of_call {
public:
  virtual void caller_gone() noexcept = 0;

protected:
  ~local_service_of_call() = default;
};

/// Where calls go: a session, which has or will have a transport.
class call_path {
public:
  call_path(const call_path&) = delete;
  call_path& operator=(const call_path&) = delete;

  /// The loop that the path lives on. Any thread.
  loop& home() const noexcept { return home_; }
  /// Sends a call or keeps it until it can be sent. On the loop.
  virtual void start(outstanding_call& call) noexcept = 0;
  /// Ends a call that was started: `unsent` if nothing of it was handed to the kernel, `sent`
  /// otherwise. On the loop.
  virtual void end(outstanding_call& call, errc unsent, errc sent) noexcept = 0;

protected:
  explicit call_path(loop& home) : home_{home} {}
  ~call_path() = default;

private:
  loop& home_;
};

/// How a call ended: the bytes of a result, or a failure.
struct call_outcome {
  std::span<const std::byte> result;        ///< with `buffer` the bytes live beyond settle()
  const xdr::buffer_ref* buffer = nullptr;  ///< holds the bytes; null for a failure
  std::optional<failure> why;               ///< none when there is a result
};

/// See the head of this file.
class outstanding_call : private job, private timer {
public:
  /// What is called, by the number that its program has at this server.
  interface_id interface() const noexcept {
    return {options_.program.value_or(interface_.program), interface_.version};
  }
  std::uint32_t procedure() const noexcept { return procedure_; }

  /// Makes the call. Any thread; when it is not the path's, the call begins in one of the loop's
  /// next turns. Never ends the call inside this function.
  void submit(call_path& path);

  /// Tells `by` how the call ends, and how long that took from `began`. For decorators of paths.
  void watched_by(call_observer& by, loop::time_point began) noexcept {
    observer_ = &by;
    began_ = began;
  }

protected:
  outstanding_call(interface_id interface, std::uint32_t procedure, call_options&& options,
                   bool may_be_large)
      : interface_{interface},
        procedure_{procedure},
        options_{std::move(options)},
        may_be_large_{may_be_large} {}
  /// A call that is outstanding is given up: whoever waited is gone. On the path's loop.
  ~outstanding_call();

  /// Appends the arguments; again when the call is repeated with a fresh credential.
  virtual void encode_arguments(xdr::writer& w) = 0;
  /// Keeps what encode_arguments() referred to (xdr/writer.hpp's gather mode) until it is sent;
  /// null: nothing is large, so that everything shall be copied. Asked only if the arguments
  /// `may_be_large`, as the constructor was told.
  virtual std::shared_ptr<void> keep_arguments() { return nullptr; }
  /// Takes the outcome, and decodes a result.
  virtual void settle(const call_outcome& outcome) noexcept = 0;
  /// Why the settled call failed; empty if it did not.
  virtual failure why() const noexcept = 0;
  /// Tells whoever waits. The object may be gone when this returns.
  virtual void deliver() noexcept = 0;
  /// For paths that settle a call by themselves, without bytes: it has its outcome. On the loop.
  void settled() noexcept;
  bool oneway() const noexcept { return options_.oneway; }
  /// Fills in what the caller of the call, a typed_caller, says for its calls.
  template <class Caller>
  void complete_options(const Caller& caller, bool procedure_is_oneway) {
    options_.oneway = options_.oneway || procedure_is_oneway;
    caller.complete(options_);
  }

  /// For deliver(): goes on with deliver_there() in a turn of another loop.
  void deliver_on(loop& other) { other.post(*this); }
  virtual void deliver_there() noexcept {}

private:
  friend class local_path;
  friend class session;
  friend class unsent_calls;

  // idle → queued → waiting (for a reply) or leaving (one-way) → settled; failing: will settle in
  // the loop's next step.
  enum class stage : std::uint8_t { idle, queued, waiting, leaving, failing, settled };

  struct cancel_job final : job {
    outstanding_call& owner;
    explicit cancel_job(outstanding_call& c) : owner{c} {}
    void run() noexcept override;
  };
  struct cancel_request {
    outstanding_call& owner;
    void operator()() const noexcept;
  };

  void run() noexcept override;  // as a job: begins on the loop, ends with early_, or is delivered
  void abandoned() noexcept override;
  void expired() noexcept override;  // as a timer: the deadline
  void begin() noexcept;
  // Has expired() called at the deadline, if there is one. Sessions do not need it for calls that
  // are on their way: they look at all of those at once, now and then.
  void arm_deadline() noexcept;
  // Ends the call in the loop's next step: never inside the function that makes it.
  void fail_soon(errc why) noexcept;
  void finish(const call_outcome& outcome) noexcept;

  interface_id interface_;
  std::uint32_t procedure_;
  std::uint32_t xid_ = 0;
  call_options options_;
  call_path* path_ = nullptr;
  std::uint64_t position_ = 0;  // where in the stream its message begins, or ends if one-way
  local_service_of_call* served_by_ = nullptr;
  call_observer* observer_ = nullptr;
  loop::time_point began_;
  outstanding_call* next_ = nullptr;
  outstanding_call* previous_ = nullptr;
  // Of calls that may be sent again:
  loop::time_point sent_at_;  // for the first time
  loop::time_point repeat_at_ = loop::time_point::max();
  std::chrono::nanoseconds wait_{0};  // before repeat_at_
  std::uint32_t copies_ = 0;          // sent so far; 0: it has no xid
  std::uint32_t turned_away_ = 0;     // of them, by the system of the other end
  errc early_{};
  stage stage_ = stage::idle;
  loop::time_point expires_at_ = loop::time_point::max();
  const bool may_be_large_;
  bool refreshed_ = false;  // its credential was refreshed once
  // Only for a call that can be cancelled. A stop may be requested by any thread. From then on the
  // call cannot end before the job, which lies in it, has run.
  struct cancellation {
    cancel_job job;
    std::atomic<bool> posted = false;
    bool ran = false;
    std::optional<std::stop_callback<cancel_request>> on_stop;
    explicit cancellation(outstanding_call& c) : job{c} {}
  };
  std::optional<cancellation> cancellation_;
};

}  // namespace tryst::rpc
