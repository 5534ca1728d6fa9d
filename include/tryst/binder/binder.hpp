// A binder as an object: portmap version 2 and rpcbind versions 3 and 4 (RFC 1833) over one
// registry, in any server, on any port, without root. The daemon tryst-rpcbind is this object and
// the sockets of a system's binder.
//
//   rpc::server server{loop};
//   binder::binder book;
//   book.serve_in(server.services());
//   book.add_own(server.listen("unix:/run/user/1000/binder"));
//
// Path: dispatcher → pmap and rpcb services → here → registry.hpp
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tryst/binder/registry.hpp>
#include <tryst/binder/universal_address.hpp>
#include <tryst/rpc/dispatcher.hpp>
#include <tryst/rpc/transport.hpp>
#include <vector>

namespace tryst::binder {

class core;

/// The program that every binder is (RFC 1833).
inline constexpr std::uint32_t binder_program = 100000;

/// One address of an interface of this host, and how many of its bits name the network.
struct interface_address {
  ip_address host;
  unsigned prefix_bits = 0;
};

/// Calls that a binder may pass on; what is not named is any.
struct allowed_remote_call {
  std::uint32_t program = 0;
  std::optional<std::uint32_t> version{};
  std::optional<std::uint32_t> procedure{};
};

/// CALLIT, BCAST and INDIRECT (RFC 1833 §2.2.1): a call to the binder becomes one to a server of
/// this host, and its result comes back. To that server the caller is this host, which is how
/// others have been robbed: so there is none by default, and never one to the binder itself, to
/// ypserv or to mountd. Over UDP only, with no credential, and answered only where the result is
/// no larger than the call.
struct remote_call_options {
  loop* home = nullptr;  ///< where they are made; must outlive the binder's servers
  std::vector<allowed_remote_call> allowed;
  std::chrono::nanoseconds deadline = std::chrono::seconds{5};
  std::uint32_t at_a_time = 64;
};

struct binder_options {
  registry_limits limits{};
  /// Takes SET and UNSET over IP's loopback too, from anybody on this host: old programs need it.
  /// Their entries belong to `unknown`, so that any such caller may remove those of any other;
  /// callers with a port below 1024 are the superuser. Without it only UNIX sockets register.
  bool unsafe_loopback_registration = false;
  /// Whether a server is there at all; an entry without one is removed when it is asked for. Null:
  /// entries are believed. Called with the binder's lock held: it must not block.
  std::function<bool(netid, const universal_address&)> is_served{};
  /// The addresses of this host; null: the system is asked.
  std::function<std::vector<interface_address>()> interfaces{};
  remote_call_options remote_calls{};
  /// Told of every change to the registry, with the lock held: for those who keep it.
  std::function<void(const registry&)> on_change{};
};

/// What a binder has counted, for one of its versions (RFC 1833 §2.1, rpcb_stat): a value.
struct version_statistics {
  static constexpr std::size_t procedures = 13;
  /// How often the lookups of one program ended well, and how often they did not.
  struct lookups {
    rpc::interface_id interface;
    std::string netid;
    std::uint32_t found = 0;
    std::uint32_t missed = 0;
  };
  std::array<std::uint32_t, procedures> calls{};
  std::uint32_t sets = 0;    ///< that succeeded
  std::uint32_t unsets = 0;  ///< that succeeded
  std::vector<lookups> of_program;
};

/// A resource, used by any number of loops and threads at once. It must outlive the servers that
/// it serves in.
class binder {
public:
  explicit binder(binder_options options = {});
  ~binder();
  binder(const binder&) = delete;
  binder& operator=(const binder&) = delete;

  /// Adds the three versions to a server's services.
  void serve_in(rpc::dispatcher& services);

  /// Registers the binder itself at an address that it is served at: versions 3 and 4, and version
  /// 2 where IPv4 is.
  void add_own(const rpc::address& where);

  /// What SET, UNSET and GETADDR do, for the program that the binder is part of. What it registers
  /// belongs to `owner`.
  bool set(entry fresh);
  bool unset(rpc::interface_id interface, std::string_view netid,
             std::string_view owner = superuser);
  /// The address for a client of this host; empty if there is none. Another version's, if that of
  /// the interface is not there.
  std::string find(rpc::interface_id interface, netid over);

  std::vector<entry> entries() const;
  /// Of versions 2, 3 and 4, in this order.
  std::array<version_statistics, 3> statistics() const;

private:
  std::shared_ptr<core> core_;  // and the services, which may still answer when the binder is gone
};

}  // namespace tryst::binder
