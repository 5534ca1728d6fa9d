// A client's messages over a UDP socket, each in a datagram of its own. The socket is connected, so
// that the kernel drops what comes from any other address, unless the client asked for less. What
// is lost stays lost here: session repeats calls.
//
// Path: session → here → datagram_batch.hpp → the kernel
#pragma once

#include <optional>
#include <tryst/rpc/transport.hpp>

#include "rpc/datagram_batch.hpp"

namespace tryst::rpc {

class datagram_transport final : public transport, private watch {
public:
  /// Takes a non-blocking socket. It is connected, or `to` says where to send, and what comes from
  /// anywhere is received. Datagrams larger than `largest` are not.
  datagram_transport(loop& home, socket opened, peer_identity peer, std::uint32_t largest,
                     std::optional<socket_address> to = {});
  ~datagram_transport() override;

  void start(user& u) override;
  void flush_soon() override;
  bool blocked() const noexcept override { return blocked_; }
  void resume_reading() override;
  void finish_sending() override;
  void close(std::error_code why) override;
  bool inside_message() const noexcept override { return false; }
  std::uint64_t received() const noexcept override { return received_; }
  void shrink() override;
  bool reliable() const noexcept override { return false; }
  const peer_identity& peer() const noexcept override { return peer_; }

private:
  struct flush_job final : job {
    datagram_transport& owner;
    explicit flush_job(datagram_transport& t) : owner{t} {}
    void run() noexcept override;
  };
  struct close_job final : job {
    datagram_transport& owner;
    explicit close_job(datagram_transport& t) : owner{t} {}
    void run() noexcept override;
    void abandoned() noexcept override { owner.user_->on_closed(owner.closing_); }
  };

  void ready(readiness what) noexcept override;
  void read();
  void read_errors();
  void flush();
  void watch_for(bool read, bool write);

  loop& home_;
  socket socket_;
  peer_identity peer_;
  std::optional<socket_address> to_;
  user* user_ = nullptr;
  datagram_arrivals arrivals_;
  datagram_store store_;
  datagram_departures departures_;
  std::uint64_t received_ = 0;
  std::error_code closing_;
  flush_job flush_job_{*this};
  close_job close_job_{*this};
  bool flush_queued_ = false;
  bool blocked_ = false;    // the kernel took less than was queued
  bool finishing_ = false;  // ends when all is sent
  bool reading_ = true;     // what the loop watches for
  bool writing_ = false;
};

}  // namespace tryst::rpc
