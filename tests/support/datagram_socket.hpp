// A UDP socket on loopback that sends bytes of a test's choice, and receives with patience.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <utility>

#include "support/record_stream.hpp"

namespace tryst::test {

inline sockaddr_in loopback(std::uint16_t port, std::uint32_t host = INADDR_LOOPBACK) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr.s_addr = htonl(host);
  return in;
}

class datagram_socket {
public:
  struct arrival {
    bytes message;
    sockaddr_in from{};
  };

  /// Bound to `host` at a free port.
  explicit datagram_socket(std::uint32_t host = INADDR_LOOPBACK)
      : descriptor_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    const sockaddr_in at = loopback(0, host);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  }
  datagram_socket(datagram_socket&& other) noexcept
      : descriptor_{std::exchange(other.descriptor_, -1)} {}
  datagram_socket& operator=(datagram_socket&&) = delete;
  ~datagram_socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }
  std::uint16_t port() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin_port);
  }
  std::string address() const { return "udp://127.0.0.1:" + std::to_string(port()); }

  void send_to(const sockaddr_in& where, std::span<const std::byte> message) {
    EXPECT_EQ(::sendto(descriptor_, message.data(), message.size(), 0,
                       reinterpret_cast<const sockaddr*>(&where), sizeof where),
              static_cast<ssize_t>(message.size()));
  }

  /// The next datagram; nothing when none comes for so long.
  std::optional<arrival> receive(int milliseconds = 10'000) {
    pollfd p{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (::poll(&p, 1, milliseconds) != 1) return std::nullopt;
    arrival a{.message = bytes(65536)};
    socklen_t size = sizeof a.from;
    const ssize_t n = ::recvfrom(descriptor_, a.message.data(), a.message.size(), 0,
                                 reinterpret_cast<sockaddr*>(&a.from), &size);
    if (n < 0) return std::nullopt;
    a.message.resize(static_cast<std::size_t>(n));
    return a;
  }

private:
  int descriptor_;
};

}  // namespace tryst::test
