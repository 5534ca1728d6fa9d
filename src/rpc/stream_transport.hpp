// Messages over a connected stream socket (TCP, UNIX), as records (RFC 5531 §11). One receive a
// turn brings as many messages as there are; one send takes all that a turn queued.
//
// Path: session → here → record.hpp → the kernel
#pragma once

#include <tryst/rpc/record.hpp>
#include <tryst/rpc/transport.hpp>

#include "rpc/receive_buffer.hpp"
#include "rpc/socket.hpp"

namespace tryst::rpc {

class stream_transport final : public transport, private watch {
public:
  /// Takes a connected, non-blocking socket.
  stream_transport(loop& home, socket connected, peer_identity peer, record_limits limits);
  ~stream_transport() override;

  void start(user& u) override;
  void flush_soon() override;
  bool blocked() const noexcept override { return blocked_; }
  void resume_reading() override;
  void finish_sending() override;
  void close(std::error_code why) override;
  bool inside_message() const noexcept override;
  std::uint64_t received() const noexcept override { return received_; }
  void shrink() override { buffer_.shrink(); }
  const peer_identity& peer() const noexcept override { return peer_; }

private:
  struct flush_job final : job {
    stream_transport& owner;
    explicit flush_job(stream_transport& t) : owner{t} {}
    void run() noexcept override;
  };
  struct resume_job final : job {
    stream_transport& owner;
    explicit resume_job(stream_transport& t) : owner{t} {}
    void run() noexcept override;
  };
  struct close_job final : job {
    stream_transport& owner;
    explicit close_job(stream_transport& t) : owner{t} {}
    void run() noexcept override;
    void abandoned() noexcept override { owner.user_->on_closed(owner.closing_); }
  };

  void ready(readiness what) noexcept override;
  void read();
  void deliver();
  void flush();
  void watch_for(bool read, bool write);

  loop& home_;
  socket socket_;
  peer_identity peer_;
  user* user_ = nullptr;
  receive_buffer buffer_;
  record_reader records_;
  std::uint64_t received_ = 0;
  std::error_code closing_;
  flush_job flush_job_{*this};
  resume_job resume_job_{*this};
  close_job close_job_{*this};
  bool flush_queued_ = false;
  bool resume_queued_ = false;
  bool blocked_ = false;    // the kernel took less than was queued
  bool paused_ = false;     // the user takes no messages
  bool ended_ = false;      // the peer has sent its last byte
  bool finishing_ = false;  // shut down the sending side when all is sent
  bool reading_ = true;     // what the loop watches for
  bool writing_ = false;
};

}  // namespace tryst::rpc
