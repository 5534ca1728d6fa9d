// The calling end of a connection: any number of threads, any number of calls at a time, replies
// in any order. It connects when the first call needs it, and again when the connection was lost.
//
// Path: generated stub → typed_caller.hpp → typed_call.hpp → session → transport
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <tryst/rpc/limits.hpp>
#include <tryst/rpc/reconnect.hpp>
#include <tryst/rpc/transport.hpp>
#include <tryst/rpc/typed_caller.hpp>

namespace tryst::rpc {

class dispatcher;

struct client_options {
  /// What calls have that say nothing else. A deadline is always there: 25 s if none is given.
  call_options defaults{};
  /// Whose credentials calls carry; null: nobody's. Must outlive the client.
  auth::authenticator* authenticator = nullptr;
  /// How long an attempt to connect may take, for each of a host's addresses.
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds{5};
  /// Over datagrams there is no connection to make; there `attempts` says how many copies of one
  /// call the other system may turn away, because nobody takes calls at that port, before it ends.
  reconnect_policy reconnect{};
  /// How long to wait before a call is sent again (call_options::repeat).
  retransmission_timing timing{};
  /// Answers calls that the server makes over this connection; null: PROG_UNAVAIL. Must outlive
  /// the client.
  const dispatcher* services = nullptr;
  /// Binds TCP connections to a port below 1024, which some servers ask for (pitfall 50).
  bool privileged_port = false;
  /// Told on the loop when a connection that was made has ended, for those who must notice that
  /// their server restarted though they have no call to make. Must not destroy the client.
  std::function<void(std::error_code)> on_connection_lost{};
  /// Over datagrams, believes replies that come from another address or port than the one that was
  /// called: some old servers with several interfaces answer so (pitfall 21). Only the xid then
  /// stands between the client and a forger, who need not even see the calls: for such servers
  /// only, on networks that are trusted.
  bool replies_from_anywhere = false;
  session_limits limits{.timers = client_timers};
};

/// Destroying a client ends its calls (closed, or cancelled if they were sent). It may be destroyed
/// on any thread, but not while another still calls.
class client : public typed_caller<client> {
public:
  /// Calls `where` (see address.hpp). Throws call_error when `where` cannot be parsed or resolved;
  /// looking up a host name blocks. The loop must outlive the client.
  client(loop& home, std::string_view where, client_options options = {});
  /// Calls over a transport that is connected already, on its loop; there is no second one.
  client(loop& home, std::unique_ptr<transport> connected, client_options options = {});
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Replies that came too late: their calls had been given up. On the loop.
  std::uint64_t late_replies() const;
  /// Calls that were sent again, counted each time. On the loop.
  std::uint64_t repeated_calls() const;

  /// For typed_caller.
  call_path& path() noexcept { return *path_; }
  void complete(call_options& options) const {
    if (!options.deadline) options.deadline = defaults_.deadline;
    if (options.authenticator == nullptr) options.authenticator = defaults_.authenticator;
    if (defaults_.stop.stop_possible() && !options.stop.stop_possible()) {
      options.stop = defaults_.stop;
    }
    options.oneway = options.oneway || defaults_.oneway;
    if (!options.repeat) options.repeat = defaults_.repeat;
    if (!options.program) options.program = defaults_.program;
  }

private:
  class core;
  call_options defaults_;
  std::unique_ptr<core> core_;
  call_path* path_;  // in core_
};

}  // namespace tryst::rpc
