// Addresses as binders write them (RFC 5665 §5.2.3):
//
//   192.0.2.1.8.1        IPv4, and the two bytes of the port: 2049
//   2001:db8::1.8.1      IPv6, likewise: what counts are the last two dots
//   /run/service.sock    a UNIX socket;  @name is one of Linux's abstract names
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <tryst/binder/netid.hpp>
#include <tryst/rpc/address.hpp>

namespace tryst::binder {

/// An IP address without a port: a value.
struct ip_address {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes{};  ///< IPv4: the first four

  auto operator<=>(const ip_address&) const = default;

  /// A numeric address; a scope (`%eth0`) is passed over. IPv4 in IPv6's clothes becomes IPv4.
  static std::expected<ip_address, std::error_code> parse(std::string_view text);
  std::string text() const;

  bool is_any() const noexcept;
  bool is_loopback() const noexcept;  ///< 127.0.0.0/8, ::1
  /// Whether the first `bits` bits of both are the same, and so the family.
  bool shares_prefix(const ip_address& other, unsigned bits) const noexcept;
};

/// A parsed universal address: a value.
struct universal_address {
  enum class family : std::uint8_t { inet, inet6, local };

  family kind = family::inet;
  ip_address host;         ///< inet, inet6
  std::uint16_t port = 0;  ///< inet, inet6: in host order
  std::string path;        ///< local: a path, or an abstract name behind an @

  auto operator<=>(const universal_address&) const = default;

  /// Reads any form that is right, not only the shortest; errc::address_invalid for all others:
  /// signs, blanks, numbers beyond 255 and junk in front or behind.
  static std::expected<universal_address, std::error_code> parse(std::string_view text);
  /// The shortest form that parse() reads back.
  std::string text() const;

  /// The address of an rpc::address; of one with a host name, or within the process, there is none.
  static std::expected<universal_address, std::error_code> of(const rpc::address& where);
  /// The address that a client can be given, over transport `id`; its kind is the transport's.
  rpc::address as_address(netid id) const;

  /// Whether transport `id` has addresses of this kind.
  bool suits(netid id) const noexcept;
};

}  // namespace tryst::binder
