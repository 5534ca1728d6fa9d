// One attempt to connect: to each system address of a name in turn, each within a time limit.
#pragma once

#include <chrono>
#include <functional>
#include <tryst/loop.hpp>
#include <tryst/rpc/address.hpp>
#include <tryst/rpc/failure.hpp>
#include <vector>

#include "rpc/socket.hpp"

namespace tryst::rpc {

/// Lives on one loop. Destroying it gives up the attempt.
class dialler final : private watch, private timer {
public:
  using done = std::move_only_function<void(std::expected<socket, failure>)>;

  struct options {
    std::chrono::nanoseconds timeout;
    /// The ports that the client's end may have, except where there are none; null: any. Outlive
    /// the dialler.
    const std::vector<std::uint16_t>* local_ports = nullptr;
    bool datagrams = false;
    bool connected = true;  // false, for datagrams: the socket takes what comes from anybody
  };

  /// Tells `d` a connected socket, or why the last address had none, in a later turn: never inside
  /// this call.
  dialler(loop& home, std::vector<socket_address> addresses, options how, done d);
  ~dialler();

private:
  // Begins an attempt in the loop's next step; outlives a dialler that is destroyed before.
  struct begin_job;

  void ready(readiness what) noexcept override;
  void expired() noexcept override;
  void try_next();
  void attempt(const socket_address& where);
  void give_up(std::error_code why);
  void release() noexcept;

  loop& home_;
  std::vector<socket_address> addresses_;
  std::size_t next_ = 0;
  options how_;
  done done_;
  socket socket_;
  bool watching_ = false;
  std::error_code failed_;
  begin_job* begin_ = nullptr;  // queued
};

}  // namespace tryst::rpc
