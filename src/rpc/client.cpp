#include <tryst/rpc/client.hpp>

#include <algorithm>
#include <optional>
#include <tryst/error.hpp>
#include <utility>

#include "rpc/datagram_transport.hpp"
#include "rpc/dialler.hpp"
#include "rpc/privileged_ports.hpp"
#include "rpc/session.hpp"
#include "rpc/stream_transport.hpp"

namespace tryst::rpc {

// Keeps one session supplied with transports. On the client's loop, but for the constructor.
class client::core final : public session::owner, private timer {
public:
  core(loop& home, client_options options)
      : home_{home},
        options_{std::move(options)},
        session_{std::make_shared<session>(
            home,
            session::settings{.limits = options_.limits,
                              .authenticator = options_.authenticator,
                              .calls = options_.services,
                              .keep_unsent = options_.reconnect.keep_unsent,
                              .repeat_after_loss = options_.reconnect.enabled,
                              .timing = options_.timing,
                              .turned_away = options_.reconnect.attempts},
            *this)} {}

  ~core() = default;

  // For the constructor: it may block.
  void dial_to(address where, std::vector<socket_address> addresses) {
    where_ = std::move(where);
    addresses_ = std::move(addresses);
    if (options_.privileged_port) local_ports_ = privileged_ports();
  }

  void attach(std::unique_ptr<transport> t) { session_->attach(std::move(t)); }

  // The client is gone: calls end, and nothing happens any more.
  void close() {
    closed_ = true;
    home_.disarm(*this);
    dialler_.reset();
    session_->close();
  }

  loop& home() const noexcept { return home_; }
  const client_options& options() const noexcept { return options_; }
  session& calls() noexcept { return *session_; }

private:
  void wants_transport(session&) override {
    if (closed_ || dialler_ || armed()) return;
    if (addresses_.empty() || (connected_before_ && !options_.reconnect.enabled)) {
      return refuse_all(errc::closed);
    }
    attempt_ = 0;
    dial();
  }

  void lost_transport(session&, std::error_code why) override {
    if (session_->has_unsent()) wants_transport(*session_);
    if (!closed_ && options_.on_connection_lost) options_.on_connection_lost(why);
  }

  void dial() {
    ++attempt_;
    dialler_.emplace(
        home_, addresses_,
        dialler::options{
            .timeout = options_.connect_timeout,
            .local_ports = local_ports_ ? &*local_ports_ : nullptr,
            .datagrams = where_.kind == address::transport::udp,
            .connected = where_.kind != address::transport::udp || !options_.replies_from_anywhere},
        [this](std::expected<socket, failure> connected) { dialled(std::move(connected)); });
  }

  void dialled(std::expected<socket, failure> connected) {
    dialler_.reset();
    if (connected) {
      connected_before_ = true;
      peer_identity peer = identify_peer(*connected, where_);
      return session_->attach(transport_over(std::move(*connected), std::move(peer)));
    }
    if (attempt_ >= options_.reconnect.attempts) {
      session_->fail_unsent(connected.error());
      return;
    }
    home_.arm(*this, home_.now() + options_.reconnect.delay(attempt_ + 1, home_.random()));
  }

  std::unique_ptr<transport> transport_over(socket connected, peer_identity peer) {
    const record_limits& record = options_.limits.record;
    if (where_.kind == address::transport::udp) {
      return std::make_unique<datagram_transport>(
          home_, std::move(connected), std::move(peer), record.max_bytes,
          options_.replies_from_anywhere ? std::optional{addresses_.front()} : std::nullopt);
    }
    return std::make_unique<stream_transport>(home_, std::move(connected), std::move(peer), record);
  }

  void expired() noexcept override { dial(); }

  // In the loop's next step: a call is being made at this moment.
  void refuse_all(errc why) {
    home_.post([calls = session_, why] { calls->fail_unsent(why); });
  }

  loop& home_;
  client_options options_;
  address where_;
  std::vector<socket_address> addresses_;
  std::optional<std::vector<std::uint16_t>> local_ports_;  // none: any
  std::shared_ptr<session> session_;
  std::optional<dialler> dialler_;
  std::uint32_t attempt_ = 0;
  bool connected_before_ = false;
  bool closed_ = false;
};

namespace {

call_options with_deadline(call_options options) {
  if (!options.deadline) options.deadline = default_deadline;
  return options;
}

// A message is a datagram there.
client_options for_transport(std::string_view where, client_options options) {
  const auto parsed = address::parse(where);
  if (parsed && parsed->kind == address::transport::udp) {
    std::uint32_t& most = options.limits.record.max_bytes;
    most = std::min(most, largest_datagram);
  }
  return options;
}

}  // namespace

client::client(loop& home, std::string_view where, client_options options)
    : defaults_{with_deadline(options.defaults)},
      core_{std::make_unique<core>(home, for_transport(where, std::move(options)))},
      path_{&core_->calls()} {
  auto parsed = address::parse(where);
  if (!parsed) throw call_error(parsed.error(), std::string{where});
  auto addresses = resolve(*parsed);
  if (!addresses) throw call_error(addresses.error(), std::string{where});
  core_->dial_to(std::move(*parsed), std::move(*addresses));
}

client::client(loop& home, std::unique_ptr<transport> connected, client_options options)
    : defaults_{with_deadline(options.defaults)},
      core_{std::make_unique<core>(home, std::move(options))},
      path_{&core_->calls()} {
  run_on(home, [&] { core_->attach(std::move(connected)); });
}

client::~client() {
  run_on(core_->home(), [&] { core_->close(); });
}

std::uint64_t client::late_replies() const { return core_->calls().late_replies(); }

std::uint64_t client::repeated_calls() const { return core_->calls().repeated(); }

}  // namespace tryst::rpc
