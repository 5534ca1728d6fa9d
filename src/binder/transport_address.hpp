// Addresses as the system has them (sockaddr), which UADDR2TADDR and TADDR2UADDR carry as opaque
// bytes (RFC 1833 §2.2.1).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tryst/binder/netid.hpp>
#include <tryst/xdr/bytes.hpp>
#include <vector>

namespace tryst::binder {

/// The bytes of the system's address; empty if the text is no address of that transport.
std::vector<std::byte> to_transport_address(std::string_view universal, netid over);
/// The universal address; empty if the bytes are none of that transport.
std::string from_transport_address(std::span<const std::byte> bytes, netid over);

}  // namespace tryst::binder
