#include "binder/transport_address.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <tryst/binder/universal_address.hpp>

namespace tryst::binder {
namespace {

template <class T>
std::vector<std::byte> bytes_of(const T& value, std::size_t size = sizeof(T)) {
  std::vector<std::byte> out(size);
  std::memcpy(out.data(), &value, size);
  return out;
}

constexpr std::size_t path_at = offsetof(sockaddr_un, sun_path);

std::vector<std::byte> local_bytes(const universal_address& from) {
  sockaddr_un un{};
  if (from.path.size() > sizeof un.sun_path) return {};
  un.sun_family = AF_UNIX;
  from.path.copy(un.sun_path, sizeof un.sun_path);
  if (un.sun_path[0] == '@') un.sun_path[0] = '\0';
  return bytes_of(un);
}

std::string local_text(std::span<const std::byte> bytes) {
  sockaddr_un un{};
  if (bytes.size() <= path_at || bytes.size() > sizeof un) return {};
  std::memcpy(&un, bytes.data(), bytes.size());
  if (un.sun_family != AF_UNIX) return {};
  const bool abstract = un.sun_path[0] == '\0';
  const std::size_t most = bytes.size() - path_at - (abstract ? 1 : 0);
  const char* const name = un.sun_path + (abstract ? 1 : 0);
  std::string text;
  if (abstract) text.push_back('@');
  text.append(name, ::strnlen(name, most));
  return universal_address::parse(text) ? text : std::string{};
}

}  // namespace

std::vector<std::byte> to_transport_address(std::string_view universal, netid over) {
  const auto parsed = universal_address::parse(universal);
  if (!parsed || !parsed->suits(over)) return {};
  switch (parsed->kind) {
    case universal_address::family::inet: {
      sockaddr_in in{};
      in.sin_family = AF_INET;
      in.sin_port = htons(parsed->port);
      std::memcpy(&in.sin_addr, parsed->host.bytes.data(), sizeof in.sin_addr);
      return bytes_of(in);
    }
    case universal_address::family::inet6: {
      sockaddr_in6 in{};
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(parsed->port);
      std::memcpy(&in.sin6_addr, parsed->host.bytes.data(), sizeof in.sin6_addr);
      return bytes_of(in);
    }
    case universal_address::family::local:
      return local_bytes(*parsed);
  }
  return {};
}

std::string from_transport_address(std::span<const std::byte> bytes, netid over) {
  if (over == netid::local) return local_text(bytes);
  universal_address out;
  if (traits_of(over).family == "inet6") {
    sockaddr_in6 in{};
    if (bytes.size() < sizeof in) return {};
    std::memcpy(&in, bytes.data(), sizeof in);
    if (in.sin6_family != AF_INET6) return {};
    out.kind = universal_address::family::inet6;
    out.host.is_v6 = true;
    std::memcpy(out.host.bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
    out.port = ntohs(in.sin6_port);
    return out.text();
  }
  sockaddr_in in{};
  if (bytes.size() < sizeof in) return {};
  std::memcpy(&in, bytes.data(), sizeof in);
  if (in.sin_family != AF_INET) return {};
  std::memcpy(out.host.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
  out.port = ntohs(in.sin_port);
  return out.text();
}

}  // namespace tryst::binder
