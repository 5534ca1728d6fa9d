// A client that writes bytes of its own choice to a real socket, and reads what comes back.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <tryst/rpc/address.hpp>
#include <tryst/xdr/byte_order.hpp>
#include <vector>

namespace tryst::tests {

using bytes = std::vector<std::uint8_t>;

/// Words as big-endian bytes.
inline bytes bytes_of(std::initializer_list<std::uint32_t> words) {
  bytes out;
  for (const std::uint32_t w : words) {
    for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(w >> shift));
  }
  return out;
}

/// A record of one fragment (RFC 5531 §11).
inline bytes record_of(const bytes& message) {
  bytes out = bytes_of({0x80000000U | static_cast<std::uint32_t>(message.size())});
  out.insert(out.end(), message.begin(), message.end());
  return out;
}

/// A call of CALC's ADD without a credential.
inline bytes add_call(std::uint32_t xid, std::uint32_t a, std::uint32_t b) {
  return bytes_of({xid, 0, 2, 0x20000101, 1, 1, 0, 0, 0, 0, a, b});
}

class raw_client {
public:
  explicit raw_client(const rpc::address& where) {
    if (where.kind == rpc::address::transport::tcp) {
      descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in in{};
      in.sin_family = AF_INET;
      in.sin_port = htons(where.port);
      in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&in), sizeof in), 0);
    } else {
      descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_un un{};
      un.sun_family = AF_UNIX;
      const bool abstract = where.kind == rpc::address::transport::abstract;
      std::memcpy(un.sun_path + (abstract ? 1 : 0), where.path.data(), where.path.size());
      const auto size =
          static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + where.path.size() + 1);
      EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&un), size), 0);
    }
  }
  raw_client(raw_client&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  raw_client& operator=(raw_client&&) = delete;
  ~raw_client() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }

  void write(const bytes& data) {
    ASSERT_EQ(::send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(data.size()));
  }

  void finish_writing() { ::shutdown(descriptor_, SHUT_WR); }

  /// Closes with a reset (RST) instead of an end.
  void reset() {
    constexpr linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(descriptor_, -1));
  }

  /// Exactly `n` bytes, or fewer when the server closes first, or nothing comes for 10 seconds.
  bytes read(std::size_t n) {
    bytes out(n);
    std::size_t got = 0;
    while (got < n) {
      pollfd p{.fd = descriptor_, .events = POLLIN, .revents = 0};
      if (::poll(&p, 1, 10'000) != 1) break;
      const ssize_t r = ::recv(descriptor_, out.data() + got, n - got, 0);
      if (r <= 0) break;
      got += static_cast<std::size_t>(r);
    }
    out.resize(got);
    return out;
  }

  /// The next record's bytes; empty when the server closed.
  bytes read_record() {
    const bytes mark = read(4);
    if (mark.size() < 4) return {};
    const std::uint32_t length = (std::uint32_t{mark[0]} & 0x7f) << 24 |
                                 std::uint32_t{mark[1]} << 16 | std::uint32_t{mark[2]} << 8 |
                                 mark[3];
    return read(length);
  }

  /// True when the server closes the connection, without a word more, within 10 seconds.
  bool is_closed_by_server() { return read(1).empty(); }

private:
  int descriptor_ = -1;
};

}  // namespace tryst::tests
