// Calls of GATE_V1 as datagrams.
#pragma once

#include <cstring>

#include "bridge/gate_module.hpp"
#include "support/datagram_socket.hpp"

namespace tryst::bridge_test {

class udp_peer {
public:
  explicit udp_peer(std::uint16_t port) : server_{test::loopback(port)} {}

  void send(const bytes& message) { socket_.send_to(server_, std::as_bytes(std::span{message})); }
  reply receive() {
    const auto message = socket_.receive().value().message;
    bytes same(message.size());
    std::memcpy(same.data(), message.data(), message.size());
    return parsed(same);
  }

private:
  sockaddr_in server_;
  test::datagram_socket socket_;
};

inline void send(udp_peer& by, const bytes& message) { by.send(message); }
inline reply receive(udp_peer& by) { return by.receive(); }

}  // namespace tryst::bridge_test
