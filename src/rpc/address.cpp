#include <tryst/rpc/address.hpp>

#include <charconv>
#include <tryst/error.hpp>

namespace tryst::rpc {
namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view udp_scheme = "udp://";
constexpr std::string_view unix_scheme = "unix:";
constexpr std::size_t max_socket_path = 107;  // sizeof(sockaddr_un::sun_path) less its NUL

std::unexpected<std::error_code> invalid() {
  return std::unexpected{make_error_code(errc::address_invalid)};
}

std::expected<address, std::error_code> parse_inet(address::transport kind, std::string_view rest) {
  std::string_view host;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return invalid();
    host = rest.substr(1, end - 1);
    rest = rest.substr(end + 1);
  } else {
    const auto end = rest.rfind(':');
    if (end == std::string_view::npos) return invalid();
    host = rest.substr(0, end);
    // More colons belong to an IPv6 address, which needs its brackets.
    if (host.find(':') != std::string_view::npos) return invalid();
    rest = rest.substr(end);
  }
  if (host.empty() || host.find('\0') != std::string_view::npos || !rest.starts_with(':'))
    return invalid();
  rest.remove_prefix(1);
  address parsed{.kind = kind, .host = std::string{host}};
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), parsed.port);
  if (error != std::errc{} || end != rest.data() + rest.size()) return invalid();
  return parsed;
}

std::expected<address, std::error_code> parse_unix(std::string_view rest) {
  const bool abstract = rest.starts_with('@');
  if (abstract) rest.remove_prefix(1);
  if (rest.empty() || rest.size() > max_socket_path) return invalid();
  if (rest.find('\0') != std::string_view::npos) return invalid();
  return address{.kind = abstract ? address::transport::abstract : address::transport::local,
                 .path = std::string{rest}};
}

}  // namespace

std::expected<address, std::error_code> address::parse(std::string_view text) {
  if (text.starts_with(tcp_scheme)) {
    return parse_inet(transport::tcp, text.substr(tcp_scheme.size()));
  }
  if (text.starts_with(udp_scheme)) {
    return parse_inet(transport::udp, text.substr(udp_scheme.size()));
  }
  if (text.starts_with(unix_scheme)) return parse_unix(text.substr(unix_scheme.size()));
  return invalid();
}

std::string address::text() const {
  switch (kind) {
    case transport::memory:
      return "memory:";
    case transport::tcp:
    case transport::udp: {
      const std::string_view scheme = kind == transport::tcp ? tcp_scheme : udp_scheme;
      const bool v6 = host.find(':') != std::string::npos;
      return std::string{scheme} + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
    }
    case transport::local:
      return std::string{unix_scheme} + path;
    case transport::abstract:
      return std::string{unix_scheme} + "@" + path;
  }
  return {};
}

}  // namespace tryst::rpc
