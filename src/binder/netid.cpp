#include <tryst/binder/netid.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace tryst::binder {
namespace {

constexpr std::uint32_t datagrams = 1;        // NC_TPI_CLTS
constexpr std::uint32_t orderly_streams = 3;  // NC_TPI_COTS_ORD
constexpr std::uint32_t tcp_number = 6;
constexpr std::uint32_t udp_number = 17;

constexpr std::array<netid_traits, 5> table{{
    {netid::tcp, "tcp", "inet", "tcp", orderly_streams, tcp_number},
    {netid::udp, "udp", "inet", "udp", datagrams, udp_number},
    {netid::tcp6, "tcp6", "inet6", "tcp", orderly_streams, 0},
    {netid::udp6, "udp6", "inet6", "udp", datagrams, 0},
    {netid::local, "local", "loopback", "-", orderly_streams, 0},
}};

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

const netid_traits& traits_of(netid id) noexcept { return table[std::to_underlying(id)]; }

std::optional<netid> find_netid(std::string_view name) noexcept {
  for (const auto& entry : table) {
    if (same_but_for_case(name, entry.name)) return entry.id;
  }
  if (same_but_for_case(name, "unix")) return netid::local;
  return std::nullopt;
}

std::optional<netid> netid_of_protocol(std::uint32_t number) noexcept {
  if (number == tcp_number) return netid::tcp;
  if (number == udp_number) return netid::udp;
  return std::nullopt;
}

netid netid_of(const rpc::address& where) noexcept {
  const bool v6 = where.host.find(':') != std::string::npos && !where.host.starts_with("::ffff:");
  switch (where.kind) {
    case rpc::address::transport::tcp:
      return v6 ? netid::tcp6 : netid::tcp;
    case rpc::address::transport::udp:
      return v6 ? netid::udp6 : netid::udp;
    case rpc::address::transport::memory:
    case rpc::address::transport::local:
    case rpc::address::transport::abstract:
      break;
  }
  return netid::local;
}

}  // namespace tryst::binder
