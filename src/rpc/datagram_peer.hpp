// One caller of a server's UDP socket, as a transport: what its session sends leaves through the
// endpoint, together with what others send.
//
// Path: session → here → datagram_endpoint.hpp
#pragma once

#include <tryst/rpc/transport.hpp>

#include "rpc/datagram_route.hpp"

namespace tryst::rpc {

class datagram_peer final : public transport, private timer {
public:
  /// The socket that peers share.
  class outlet {
  public:
    /// Sends what `p` has queued when the turn ends.
    virtual void send_soon(datagram_peer& p) = 0;
    virtual bool blocked() const noexcept = 0;
    /// `p` sends no more, and is forgotten.
    virtual void left(datagram_peer& p) noexcept = 0;

  protected:
    ~outlet() = default;
  };

  /// Replies to calls that came to many leave after a random part of `jitter`.
  datagram_peer(loop& home, outlet& by, const datagram_route& between, const socket_address& from,
                std::chrono::milliseconds jitter);
  ~datagram_peer() override;

  void start(user& u) override { user_ = &u; }
  void flush_soon() override;
  bool blocked() const noexcept override { return outlet_ != nullptr && outlet_->blocked(); }
  void resume_reading() override { paused_ = false; }
  void finish_sending() override;
  void close(std::error_code why) override;
  bool inside_message() const noexcept override { return false; }
  std::uint64_t received() const noexcept override { return received_; }
  void shrink() override {}
  bool reliable() const noexcept override { return false; }
  const peer_identity& peer() const noexcept override { return identity_; }

  /// For the endpoint: a message came. False: the session is at a limit, and it was dropped.
  bool receive(std::span<const std::byte> message, const xdr::buffer_ref& buffer);
  /// ... adds what shall be sent next, as much as there is room for.
  void depart(datagram_departures& with);
  /// ... this much of it was sent.
  void sent(std::uint64_t bytes) { out().took(bytes); }
  /// ... the send is over.
  void after_sent();
  const datagram_route& route() const noexcept { return route_; }
  /// Refusals that were not sent, since the last time that it was asked.
  std::uint64_t take_silenced() noexcept { return std::exchange(silenced_, 0); }

  bool queued = false;  ///< the endpoint's note that it will send

private:
  struct close_job final : job {
    datagram_peer& owner;
    explicit close_job(datagram_peer& p) : owner{p} {}
    void run() noexcept override { owner.user_->on_closed(owner.closing_); }
    void abandoned() noexcept override { run(); }
  };

  void expired() noexcept override;
  void drop_refusals();

  loop& home_;
  outlet* outlet_;
  datagram_route route_;
  socket_address address_;
  datagram_control control_;
  std::span<std::byte> used_control_;
  peer_identity identity_;
  std::chrono::milliseconds jitter_;
  user* user_ = nullptr;
  std::uint64_t received_ = 0;
  std::uint64_t silenced_ = 0;
  std::error_code closing_;
  close_job close_job_{*this};
  bool paused_ = false;
  bool finishing_ = false;
};

}  // namespace tryst::rpc
