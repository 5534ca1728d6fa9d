// A network within a seeded_loop: of two ends what one sends reaches the other in any order, late,
// twice or never, as the loop's tape wants it.
#pragma once

#include <memory>
#include <tryst/rpc/transport.hpp>
#include <tryst/testing/seeded_loop.hpp>
#include <utility>

namespace tryst::problems {

/// Two ends that look like datagrams from a client's port, and to a server.
std::pair<std::unique_ptr<rpc::transport>, std::unique_ptr<rpc::transport>> simulated_datagrams(
    testing::seeded_loop& on, std::uint16_t client_port);

}  // namespace tryst::problems
