// Messages over a connected stream socket (TCP, UNIX), as records (RFC 5531 §11). One receive a
// turn brings as many messages as there are; one send takes all that a turn queued.
//
// Path: session → here → record.hpp → the kernel
#pragma once

#include <tryst/rpc/record.hpp>

#include "rpc/receive_buffer.hpp"
#include "rpc/socket_transport.hpp"

namespace tryst::rpc {

class stream_transport final : public socket_transport {
public:
  /// Takes a connected, non-blocking socket.
  stream_transport(loop& home, socket connected, peer_identity peer, record_limits limits);

  void resume_reading() override;
  bool inside_message() const noexcept override;
  void shrink() override { buffer_.shrink(); }

private:
  struct resume_job final : job {
    stream_transport& owner;
    explicit resume_job(stream_transport& t) : owner{t} {}
    void run() noexcept override;
  };

  void ready(readiness what) noexcept override;
  void read();
  void deliver();
  void flush() override;
  bool job_queued() const noexcept override { return resume_queued_; }

  receive_buffer buffer_;
  record_reader records_;
  resume_job resume_job_{*this};
  bool resume_queued_ = false;
  bool paused_ = false;  // the user takes no messages
  bool ended_ = false;   // the peer has sent its last byte
};

}  // namespace tryst::rpc
