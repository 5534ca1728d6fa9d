// A listening socket on its loop: accepts what comes, and survives the want of descriptors.
#pragma once

#include <functional>
#include <tryst/loop.hpp>
#include <tryst/rpc/address.hpp>

#include "rpc/socket.hpp"

namespace tryst::rpc {

class listener final : private watch, private timer {
public:
  /// Takes each accepted, non-blocking socket.
  using accepted = std::move_only_function<void(socket)>;

  /// Listens on `listening`, which is bound already. `own_path` is removed in the end.
  listener(loop& home, socket listening, address where, bool own_path, accepted take);
  ~listener();

  const address& where() const noexcept { return where_; }

private:
  void ready(readiness what) noexcept override;
  void expired() noexcept override;
  void out_of_descriptors();

  loop& home_;
  socket socket_;
  address where_;
  bool own_path_;
  accepted take_;
  // Given up when no descriptor is left, so that a connection can be taken and closed: otherwise
  // it would stay in the queue and wake the loop for ever.
  socket reserve_;
  std::chrono::milliseconds pause_{0};
};

/// Opens a socket that listens at `where`; a path that nobody listens on any more is replaced.
std::expected<socket, std::error_code> open_listening(const address& where, int backlog);

}  // namespace tryst::rpc
