// The names of transports in the world of binders (RFC 5665 §5.1): tcp, udp, tcp6, udp6, local.
//
// A binder keeps entries under any name; these are the ones of which it knows what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tryst/rpc/address.hpp>

namespace tryst::binder {

enum class netid : std::uint8_t { tcp, udp, tcp6, udp6, local };

/// What GETADDRLIST tells of a transport, and what version 2 knows it by: a value.
struct netid_traits {
  netid id;
  std::string_view name;
  std::string_view family;    ///< inet, inet6 or loopback
  std::string_view protocol;  ///< tcp, udp or -
  std::uint32_t semantics;    ///< RFC 1833 §2.1: 1 datagrams, 3 streams that end in order
  std::uint32_t number;  ///< IPPROTO_TCP or IPPROTO_UDP in version 2, which has no others; or 0
};

const netid_traits& traits_of(netid id) noexcept;
inline std::string_view name_of(netid id) noexcept { return traits_of(id).name; }

/// The transport of that name, in whatever case; `unix` is another name of `local`.
std::optional<netid> find_netid(std::string_view name) noexcept;

/// The transport that version 2 means by a number of IP; none but TCP and UDP over IPv4.
std::optional<netid> netid_of_protocol(std::uint32_t number) noexcept;

/// The transport of an address. IPv4 in the clothes of IPv6 (::ffff:192.0.2.1) is IPv4; what is in
/// this process counts as local.
netid netid_of(const rpc::address& where) noexcept;

}  // namespace tryst::binder
