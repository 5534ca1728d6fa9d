#include <tryst/binder/universal_address.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <tryst/error.hpp>

namespace tryst::binder {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t longest_host = 128;  // far beyond any form of an address

std::unexpected<std::error_code> invalid() {
  return std::unexpected{make_error_code(errc::address_invalid)};
}

// Digits and nothing else; atoi() would take "-1", " 7" and "7x".
std::optional<std::uint8_t> parse_byte(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (number > 255) return std::nullopt;
  return static_cast<std::uint8_t>(number);
}

}  // namespace

std::expected<ip_address, std::error_code> ip_address::parse(std::string_view text) {
  const bool v6 = text.find(':') != text.npos;
  if (v6) text = text.substr(0, text.find('%'));
  if (text.size() > longest_host || text.find('\0') != text.npos) return invalid();
  const std::string terminated{text};
  ip_address parsed{.is_v6 = v6};
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, terminated.c_str(), parsed.bytes.data()) != 1) {
    return invalid();
  }
  if (v6 && std::ranges::equal(std::span{parsed.bytes}.first<12>(), mapped_prefix)) {
    ip_address v4;
    std::ranges::copy(std::span{parsed.bytes}.last<4>(), v4.bytes.begin());
    return v4;
  }
  return parsed;
}

std::string ip_address::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  ::inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size());
  return out.data();
}

bool ip_address::is_any() const noexcept {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

bool ip_address::is_loopback() const noexcept {
  if (!is_v6) return bytes[0] == 127;
  return bytes.back() == 1 &&
         std::ranges::all_of(std::span{bytes}.first<15>(), [](std::uint8_t b) { return b == 0; });
}

bool ip_address::shares_prefix(const ip_address& other, unsigned bits) const noexcept {
  if (is_v6 != other.is_v6) return false;
  for (std::size_t i = 0; bits > 0 && i < bytes.size(); ++i) {
    const unsigned here = std::min(bits, 8U);
    const auto mask = static_cast<std::uint8_t>(0xffU << (8 - here));
    if (((bytes[i] ^ other.bytes[i]) & mask) != 0) return false;
    bits -= here;
  }
  return true;
}

std::expected<universal_address, std::error_code> universal_address::parse(std::string_view text) {
  if (text.starts_with('/') || text.starts_with('@')) {
    // What a socket's name can hold (unix(7)), and that is told from the text alone.
    if (text.size() < 2 || text.size() > 108 || text.find('\0') != text.npos) return invalid();
    return universal_address{.kind = family::local, .path = std::string{text}};
  }
  const auto low_dot = text.rfind('.');
  if (low_dot == text.npos || low_dot == 0) return invalid();
  const auto high_dot = text.rfind('.', low_dot - 1);
  if (high_dot == text.npos) return invalid();
  const auto high = parse_byte(text.substr(high_dot + 1, low_dot - high_dot - 1));
  const auto low = parse_byte(text.substr(low_dot + 1));
  const auto host = text.substr(0, high_dot);
  if (!high || !low || host.find('%') != host.npos) return invalid();
  const auto parsed = ip_address::parse(host);
  if (!parsed) return std::unexpected{parsed.error()};
  return universal_address{.kind = parsed->is_v6 ? family::inet6 : family::inet,
                           .host = *parsed,
                           .port = static_cast<std::uint16_t>(*high << 8 | *low)};
}

std::string universal_address::text() const {
  if (kind == family::local) return path;
  return host.text() + '.' + std::to_string(port >> 8) + '.' + std::to_string(port & 0xff);
}

std::expected<universal_address, std::error_code> universal_address::of(const rpc::address& where) {
  switch (where.kind) {
    case rpc::address::transport::memory:
      return invalid();
    case rpc::address::transport::local:
      return parse(where.path);
    case rpc::address::transport::abstract:
      return parse('@' + where.path);
    case rpc::address::transport::tcp:
    case rpc::address::transport::udp:
      break;
  }
  const auto host = ip_address::parse(where.host);
  if (!host) return std::unexpected{host.error()};
  return universal_address{
      .kind = host->is_v6 ? family::inet6 : family::inet, .host = *host, .port = where.port};
}

rpc::address universal_address::as_address(netid id) const {
  if (kind == family::local) {
    const bool abstract = path.starts_with('@');
    return {.kind = abstract ? rpc::address::transport::abstract : rpc::address::transport::local,
            .path = abstract ? path.substr(1) : path};
  }
  const bool datagrams = id == netid::udp || id == netid::udp6;
  return {.kind = datagrams ? rpc::address::transport::udp : rpc::address::transport::tcp,
          .host = host.text(),
          .port = port};
}

bool universal_address::suits(netid id) const noexcept {
  switch (id) {
    case netid::tcp:
    case netid::udp:
      return kind == family::inet;
    case netid::tcp6:
    case netid::udp6:
      return kind == family::inet6;
    case netid::local:
      return kind == family::local;
  }
  return false;
}

}  // namespace tryst::binder
