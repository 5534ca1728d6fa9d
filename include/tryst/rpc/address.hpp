// Where a server listens or a client connects, and how it is written:
//
//   tcp://127.0.0.1:2049   tcp://[::1]:2049   tcp://host.example:111   tcp://[::]:0
//   udp://127.0.0.1:111    udp://[ff02::202%eth0]:111   (as tcp://)
//   unix:/run/service.sock   unix:@name (Linux's abstract names)
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>

namespace tryst::rpc {

/// A parsed address: a value. Host names are resolved when the address is used.
struct address {
  enum class transport : std::uint8_t {
    memory,   ///< no system address: a transport of this process
    tcp,      ///< IPv4 or IPv6
    udp,      ///< datagrams over IPv4 or IPv6
    local,    ///< a UNIX socket in the file system
    abstract  ///< a UNIX socket with a name of Linux's abstract kind
  };

  transport kind = transport::memory;
  /// tcp, udp: a numeric address without brackets, or a host name.
  std::string host;
  std::uint16_t port = 0;  ///< tcp, udp: in host order; 0 to listen on any free port
  std::string path;        ///< local: the path; abstract: the name without its leading NUL

  /// Whether the address is one of the Internet's: a host, or its name, and a port.
  bool has_port() const noexcept { return kind == transport::tcp || kind == transport::udp; }
  /// Whether the port is one that Unix lets only privileged programs bind: a weak proof that the
  /// host trusts whoever uses it.
  bool has_privileged_port() const noexcept { return has_port() && port < 1024; }

  auto operator<=>(const address&) const = default;

  /// Parses the forms shown above; errc::address_invalid says that `text` has none of them.
  static std::expected<address, std::error_code> parse(std::string_view text);

  /// The form that parse() reads back.
  std::string text() const;
};

}  // namespace tryst::rpc
