// A client's messages over a UDP socket, each in a datagram of its own. The socket is connected, so
// that the kernel drops what comes from any other address, unless the client asked for less. What
// is lost stays lost here: session repeats calls.
//
// Path: session → here → datagram_batch.hpp → the kernel
#pragma once

#include <optional>

#include "rpc/datagram_batch.hpp"
#include "rpc/socket_transport.hpp"

namespace tryst::rpc {

class datagram_transport final : public socket_transport {
public:
  /// Takes a non-blocking socket. It is connected, or `to` says where to send, and what comes from
  /// anywhere is received. Datagrams larger than `largest` are not.
  datagram_transport(loop& home, socket opened, peer_identity peer, std::uint32_t largest,
                     std::optional<socket_address> to = {});

  void resume_reading() override;
  bool inside_message() const noexcept override { return false; }
  void shrink() override;
  bool reliable() const noexcept override { return false; }

private:
  void ready(readiness what) noexcept override;
  void read();
  void read_errors();
  void flush() override;

  std::optional<socket_address> to_;
  datagram_arrivals arrivals_;
  datagram_store store_;
  datagram_departures departures_;
};

}  // namespace tryst::rpc
