#include "binder/interfaces.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <bit>
#include <cstring>
#include <memory>

namespace tryst::binder {
namespace {

struct raw_address {
  bool is_ip = false;
  ip_address host;
};

raw_address read(const sockaddr* from) {
  raw_address out;
  if (from == nullptr) return out;
  if (from->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, from, sizeof in);
    std::memcpy(out.host.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
    out.is_ip = true;
  } else if (from->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, from, sizeof in);
    std::memcpy(out.host.bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
    out.host.is_v6 = out.is_ip = true;
  }
  return out;
}

unsigned bits_of(const ip_address& mask) {
  unsigned bits = 0;
  for (const std::uint8_t byte : mask.bytes) {
    bits += static_cast<unsigned>(std::popcount(byte));
  }
  return bits;
}

bool is_link_local(const ip_address& host) {
  return host.is_v6 && host.bytes[0] == 0xfe && (host.bytes[1] & 0xc0) == 0x80;
}

}  // namespace

std::vector<interface_address> interfaces_of_system() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{list, &::freeifaddrs};
  std::vector<interface_address> all;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if ((at->ifa_flags & IFF_UP) == 0) continue;
    const raw_address host = read(at->ifa_addr);
    const raw_address mask = read(at->ifa_netmask);
    if (host.is_ip) all.push_back({host.host, mask.is_ip ? bits_of(mask.host) : 0});
  }
  return all;
}

std::optional<ip_address> reachable_host(std::span<const interface_address> all, bool v6,
                                         const std::optional<ip_address>& client,
                                         const std::optional<ip_address>& hint) {
  const bool from_here = !client || client->is_loopback();
  const auto usable = [&](const interface_address& i) {
    return i.host.is_v6 == v6 && (from_here || !i.host.is_loopback());
  };
  for (const auto& i : all) {
    if (hint && usable(i) && i.host == *hint) return i.host;
  }
  for (const auto& target : {hint, client}) {
    for (const auto& i : all) {
      if (target && usable(i) && i.prefix_bits > 0 &&
          i.host.shares_prefix(*target, i.prefix_bits)) {
        return i.host;
      }
    }
  }
  if (from_here) {
    for (const auto& i : all) {
      if (usable(i) && i.host.is_loopback()) return i.host;
    }
  }
  // Of another network: link-local addresses end at a link, and need a scope besides.
  for (const auto& i : all) {
    if (usable(i) && !is_link_local(i.host)) return i.host;
  }
  return std::nullopt;
}

}  // namespace tryst::binder
