// What transports over a socket of their own have in common: the loop watches it, what was queued
// in a turn leaves at its end, and the transport ends in a later turn than the one that closed it.
//
// Path: session → here → stream_transport.hpp or datagram_transport.hpp → the kernel
#pragma once

#include <tryst/rpc/transport.hpp>

#include "rpc/socket.hpp"

namespace tryst::rpc {

class socket_transport : public transport, protected watch {
public:
  void start(user& u) final;
  void flush_soon() final;
  bool blocked() const noexcept final { return blocked_; }
  void finish_sending() final;
  void close(std::error_code why) final;
  std::uint64_t received() const noexcept final { return received_; }
  const peer_identity& peer() const noexcept final { return peer_; }

protected:
  /// Takes a non-blocking socket.
  socket_transport(loop& home, socket opened, peer_identity peer);
  // The owner destroys a transport after on_closed, or from outside of all turns, so that none of
  // the jobs is queued.
  ~socket_transport() override;

  /// Sends what is queued, as much as the kernel takes.
  virtual void flush() = 0;
  /// Whether a job of the transport itself is queued, which must run before it ends.
  virtual bool job_queued() const noexcept { return false; }
  void watch_for(bool read, bool write);

  loop& home_;
  socket socket_;
  user* user_ = nullptr;
  std::uint64_t received_ = 0;
  std::error_code closing_;
  bool blocked_ = false;    // the kernel took less than was queued
  bool finishing_ = false;  // nothing follows what is queued
  bool reading_ = true;     // what the loop watches for
  bool writing_ = false;

private:
  struct flush_job final : job {
    socket_transport& owner;
    explicit flush_job(socket_transport& t) : owner{t} {}
    void run() noexcept override;
  };
  struct close_job final : job {
    socket_transport& owner;
    explicit close_job(socket_transport& t) : owner{t} {}
    void run() noexcept override;
    void abandoned() noexcept override { owner.user_->on_closed(owner.closing_); }
  };

  peer_identity peer_;
  flush_job flush_job_{*this};
  close_job close_job_{*this};
  bool flush_queued_ = false;
};

}  // namespace tryst::rpc
