// Between whom a datagram went: what a server needs to know a caller again, and to answer it from
// the address that it called (pitfall 24).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "rpc/datagram_batch.hpp"

namespace tryst::rpc {

/// A value that is equal for datagrams of one caller to one of our addresses.
struct datagram_route {
  std::array<std::uint8_t, 16> peer{};    ///< v4: the first four
  std::array<std::uint8_t, 16> called{};  ///< our address; v6: none, if it was many's
  std::uint32_t peer_scope = 0;
  std::uint32_t interface = 0;  ///< by which the answer must leave; 0: any
  std::uint16_t port = 0;       ///< the peer's
  std::uint8_t family = 0;
  bool to_many = false;  ///< it came by broadcast or multicast

  auto operator<=>(const datagram_route&) const = default;

  /// Our address, in digits; empty when it is not known.
  std::string called_text() const;
};

/// Asks the system to say where each datagram was sent to.
void ask_for_routes(const socket& s, int family);

/// Joins a multicast group on every interface, if it is of the socket's family.
void join_everywhere(const socket& s, int family, const std::string& group);

/// The route of a received datagram, by its source and its control data; nothing when the source
/// is none of the Internet's, or port 0, which cannot be answered.
std::optional<datagram_route> route_of(const socket_address& from, const msghdr& header);

/// The control data with which an answer leaves from the address that was called: `room`'s first
/// bytes.
std::span<std::byte> control_for(const datagram_route& r, datagram_control& room);

}  // namespace tryst::rpc
