// What a binder makes of where a call came from: the transport it is answered for, whether the
// caller is on this host, and in whose name it may register.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tryst/binder/netid.hpp>
#include <tryst/binder/universal_address.hpp>
#include <tryst/rpc/transport.hpp>

namespace tryst::binder {

struct caller {
  netid over = netid::local;
  std::optional<ip_address> host;    ///< none over UNIX sockets and within the process
  bool on_this_host = false;         ///< by a UNIX socket or by loopback
  std::optional<std::string> owner;  ///< in whose name it may register; none: it may not

  /// Whether the answer goes to an address that nobody proved to be the caller's.
  bool is_unproven() const noexcept {
    return !on_this_host && (over == netid::udp || over == netid::udp6);
  }
};

/// `unsafe_loopback`: see binder_options::unsafe_loopback_registration.
caller caller_of(const rpc::peer_identity& peer, bool unsafe_loopback);

}  // namespace tryst::binder
