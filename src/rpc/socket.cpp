#include "rpc/socket.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <tryst/error.hpp>

namespace tryst::rpc {
namespace {

socket_address unix_address(const address& where) {
  socket_address out;
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  const bool abstract = where.kind == address::transport::abstract;
  char* const name = un.sun_path + (abstract ? 1 : 0);
  std::memcpy(name, where.path.data(), where.path.size());
  // An abstract name has no NUL at its end: its length is part of it.
  out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + where.path.size() + 1);
  std::memcpy(&out.storage, &un, sizeof un);
  return out;
}

std::expected<std::vector<socket_address>, std::error_code> resolve_inet(const address& where) {
  addrinfo hints{};
  hints.ai_socktype = where.kind == address::transport::udp ? SOCK_DGRAM : SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int failed =
      ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
  if (failed != 0) return std::unexpected{make_error_code(errc::address_invalid)};
  std::vector<socket_address> all;
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    if (a->ai_family != AF_INET && a->ai_family != AF_INET6) continue;
    socket_address found;
    found.size = a->ai_addrlen;
    std::memcpy(&found.storage, a->ai_addr, a->ai_addrlen);
    all.push_back(found);
  }
  if (all.empty()) return std::unexpected{make_error_code(errc::address_invalid)};
  return all;
}

// An address of one link says which: fe80::1%eth0. In every other the number means nothing.
std::string scope_of(const sockaddr_in6& in) {
  const bool of_link =
      IN6_IS_ADDR_LINKLOCAL(&in.sin6_addr) != 0 || IN6_IS_ADDR_MC_LINKLOCAL(&in.sin6_addr) != 0;
  if (!of_link || in.sin6_scope_id == 0) return {};
  std::array<char, IF_NAMESIZE> name{};
  if (::if_indextoname(in.sin6_scope_id, name.data()) != nullptr) {
    return std::string{'%'} + name.data();
  }
  return '%' + std::to_string(in.sin6_scope_id);
}

bool is_datagrams(const socket& s) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(s.descriptor(), SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

address::transport kind_of(const socket& s) {
  return is_datagrams(s) ? address::transport::udp : address::transport::tcp;
}

std::expected<socket, std::error_code> open_socket(int family, int type) {
  socket s{::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!s) return std::unexpected{last_error()};
  return s;
}

template <class T>
void set_option(const socket& s, int level, int option, const T& value) {
  // Best effort: an option that a socket does not have leaves it as it was.
  ::setsockopt(s.descriptor(), level, option, &value, sizeof value);
}

}  // namespace

socket::~socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::expected<std::vector<socket_address>, std::error_code> resolve(const address& where) {
  switch (where.kind) {
    case address::transport::tcp:
    case address::transport::udp:
      return resolve_inet(where);
    case address::transport::local:
    case address::transport::abstract:
      return std::vector{unix_address(where)};
    case address::transport::memory:
      break;
  }
  return std::unexpected{make_error_code(errc::address_invalid)};
}

address to_address(const socket_address& where, address::transport kind) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  switch (where.family()) {
    case AF_INET: {
      sockaddr_in in{};
      std::memcpy(&in, &where.storage, sizeof in);
      ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
      return {.kind = kind, .host = text.data(), .port = ntohs(in.sin_port)};
    }
    case AF_INET6: {
      sockaddr_in6 in{};
      std::memcpy(&in, &where.storage, sizeof in);
      ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
      return {.kind = kind,
              .host = std::string{text.data()} + scope_of(in),
              .port = ntohs(in.sin6_port)};
    }
    case AF_UNIX: {
      sockaddr_un un{};
      std::memcpy(&un, &where.storage, sizeof un);
      const std::size_t size = where.size - offsetof(sockaddr_un, sun_path);
      if (size > 1 && un.sun_path[0] == '\0') {
        return {.kind = address::transport::abstract, .path = {un.sun_path + 1, size - 1}};
      }
      return {.kind = address::transport::local,
              .path = {un.sun_path, ::strnlen(un.sun_path, size)}};
    }
    default:
      return {};
  }
}

std::expected<socket, std::error_code> open_stream(const socket_address& where) {
  return open_socket(where.family(), SOCK_STREAM);
}

std::expected<socket, std::error_code> open_datagrams(const socket_address& where) {
  auto opened = open_socket(where.family(), SOCK_DGRAM);
  // Many calls, or many callers, at a time: a full queue is loss.
  if (opened) {
    constexpr int queue = 4 * 1024 * 1024;
    set_option(*opened, SOL_SOCKET, SO_RCVBUF, queue);
    set_option(*opened, SOL_SOCKET, SO_SNDBUF, queue);
  }
  return opened;
}

peer_identity identify_peer(const socket& connected, const address& listener) {
  socket_address remote;
  remote.size = sizeof remote.storage;
  peer_identity peer{.where = listener};
  if (::getpeername(connected.descriptor(), remote.get(), &remote.size) != 0) return peer;
  if (remote.family() != AF_UNIX) {
    peer.where = to_address(remote, kind_of(connected));
    return peer;
  }
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(connected.descriptor(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    peer.credentials = {.uid = credentials.uid, .gid = credentials.gid, .pid = credentials.pid};
  }
  return peer;
}

void tune_connection(const socket& connected) {
  if (is_datagrams(connected)) return;
  // With Nagle's algorithm a small record waits for the peer's delayed acknowledgement: 40 ms.
  set_option(connected, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(connected, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(connected, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(connected, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(connected, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

address bound_address(const socket& s) {
  socket_address own;
  own.size = sizeof own.storage;
  if (::getsockname(s.descriptor(), own.get(), &own.size) != 0) {
    throw std::system_error(last_error(), "getsockname");
  }
  return to_address(own, kind_of(s));
}

}  // namespace tryst::rpc
