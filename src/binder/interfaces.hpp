// The addresses of this host, and which of them a caller can reach a server by that listens at all
// of them.
#pragma once

#include <optional>
#include <span>
#include <tryst/binder/binder.hpp>

namespace tryst::binder {

/// What the system says; empty when it says nothing.
std::vector<interface_address> interfaces_of_system();

/// The address among `all` for a client: the one that the client used (`hint`), else one of its own
/// network, else any that is not loopback. For clients on this host: loopback. None if there is
/// none of that family.
std::optional<ip_address> reachable_host(std::span<const interface_address> all, bool v6,
                                         const std::optional<ip_address>& client,
                                         const std::optional<ip_address>& hint);

}  // namespace tryst::binder
