// A socket descriptor with one owner, and the few system calls that transports make with it.
#pragma once

#include <sys/socket.h>

#include <expected>
#include <string>
#include <system_error>
#include <tryst/rpc/address.hpp>
#include <tryst/rpc/transport.hpp>
#include <utility>
#include <vector>

namespace tryst::rpc {

class socket {
public:
  socket() = default;
  explicit socket(int descriptor) noexcept : descriptor_{descriptor} {}
  socket(socket&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  socket& operator=(socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~socket();

  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }

private:
  int descriptor_ = -1;
};

/// A system address of any family.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const noexcept { return storage.ss_family; }
};

/// All system addresses of `where`; a host name is looked up, which blocks.
std::expected<std::vector<socket_address>, std::error_code> resolve(const address& where);
/// The address that the system's form says; `kind` is what those of the Internet are used for.
address to_address(const socket_address& where, address::transport kind = address::transport::tcp);

/// A new non-blocking socket for the family of `where`.
std::expected<socket, std::error_code> open_stream(const socket_address& where);
std::expected<socket, std::error_code> open_datagrams(const socket_address& where);
/// What a transport knows of the peer of a connected socket. `listener` names local peers.
peer_identity identify_peer(const socket& connected, const address& listener);
/// Sets what every connection has: no delay for small records, and keep-alive for lost peers.
void tune_connection(const socket& connected);
/// The address that a socket is bound to. Throws std::system_error.
address bound_address(const socket& s);

inline std::error_code last_error() noexcept { return {errno, std::generic_category()}; }

}  // namespace tryst::rpc
