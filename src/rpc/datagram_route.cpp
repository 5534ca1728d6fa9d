#include "rpc/datagram_route.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>

namespace tryst::rpc {
namespace {

template <class T>
T control_data(const cmsghdr* c) {
  T value;
  std::memcpy(&value, CMSG_DATA(c), sizeof value);
  return value;
}

void note_destination(datagram_route& r, const in_pktinfo& to) {
  // The system says what the header had, and which of our addresses that was for: they differ for
  // a broadcast.
  const bool multicast = IN_MULTICAST(ntohl(to.ipi_addr.s_addr));
  r.to_many = multicast || to.ipi_addr.s_addr != to.ipi_spec_dst.s_addr;
  std::memcpy(r.called.data(), &to.ipi_spec_dst, sizeof to.ipi_spec_dst);
}

void note_destination(datagram_route& r, const in6_pktinfo& to) {
  r.to_many = IN6_IS_ADDR_MULTICAST(&to.ipi6_addr) != 0;
  // Nobody answers from a group's address: the system chooses one of the interface.
  if (!r.to_many) std::memcpy(r.called.data(), &to.ipi6_addr, sizeof to.ipi6_addr);
  if (r.to_many || IN6_IS_ADDR_LINKLOCAL(&to.ipi6_addr) != 0) r.interface = to.ipi6_ifindex;
}

template <class T>
std::span<std::byte> put_control(datagram_control& room, int level, int type, const T& value) {
  msghdr header{};
  header.msg_control = room.bytes.data();
  header.msg_controllen = CMSG_SPACE(sizeof value);
  cmsghdr* const c = CMSG_FIRSTHDR(&header);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(c), &value, sizeof value);
  return std::span{room.bytes}.first(header.msg_controllen);
}

}  // namespace

std::string datagram_route::called_text() const {
  if (called == decltype(called){}) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, called.data(), text.data(), text.size());
  return text.data();
}

void ask_for_routes(const socket& s, int family) {
  constexpr int on = 1;
  if (family == AF_INET) {
    ::setsockopt(s.descriptor(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  } else {
    ::setsockopt(s.descriptor(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  }
}

void join_everywhere(const socket& s, int family, const std::string& group) {
  ip_mreqn v4{};
  ipv6_mreq v6{};
  void* const where =
      family == AF_INET ? static_cast<void*>(&v4.imr_multiaddr) : &v6.ipv6mr_multiaddr;
  if (::inet_pton(family, group.c_str(), where) != 1) return;
  const std::unique_ptr<struct if_nameindex, decltype(&::if_freenameindex)> all{
      ::if_nameindex(), &::if_freenameindex};
  for (const struct if_nameindex* i = all.get(); i != nullptr && i->if_index != 0; ++i) {
    // Not every interface can; that is no reason to do without the others.
    if (family == AF_INET) {
      v4.imr_ifindex = static_cast<int>(i->if_index);
      ::setsockopt(s.descriptor(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4, sizeof v4);
    } else {
      v6.ipv6mr_interface = i->if_index;
      ::setsockopt(s.descriptor(), IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof v6);
    }
  }
}

std::optional<datagram_route> route_of(const socket_address& from, const msghdr& header) {
  datagram_route r{.family = static_cast<std::uint8_t>(from.family())};
  if (from.family() == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &from.storage, sizeof in);
    std::memcpy(r.peer.data(), &in.sin_addr, sizeof in.sin_addr);
    r.port = ntohs(in.sin_port);
  } else if (from.family() == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &from.storage, sizeof in);
    std::memcpy(r.peer.data(), &in.sin6_addr, sizeof in.sin6_addr);
    r.peer_scope = in.sin6_scope_id;
    r.port = ntohs(in.sin6_port);
  }
  if (r.port == 0) return std::nullopt;
  // The macros of the system take what they do not change as something that they might.
  msghdr own = header;
  for (cmsghdr* c = CMSG_FIRSTHDR(&own); c != nullptr; c = CMSG_NXTHDR(&own, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      note_destination(r, control_data<in_pktinfo>(c));
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      note_destination(r, control_data<in6_pktinfo>(c));
    }
  }
  return r;
}

std::span<std::byte> control_for(const datagram_route& r, datagram_control& room) {
  if (r.family == AF_INET) {
    in_pktinfo from{};
    std::memcpy(&from.ipi_spec_dst, r.called.data(), sizeof from.ipi_spec_dst);
    return put_control(room, IPPROTO_IP, IP_PKTINFO, from);
  }
  in6_pktinfo from{};
  std::memcpy(&from.ipi6_addr, r.called.data(), sizeof from.ipi6_addr);
  from.ipi6_ifindex = r.interface;
  return put_control(room, IPPROTO_IPV6, IPV6_PKTINFO, from);
}

}  // namespace tryst::rpc
