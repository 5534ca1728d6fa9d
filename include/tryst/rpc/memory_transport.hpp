// A transport within the process: the same bytes as on a wire, without a wire. For tests, and for
// modules that shall not know that they are neighbours.
#pragma once

#include <memory>
#include <tryst/loop.hpp>
#include <tryst/rpc/transport.hpp>
#include <utility>

namespace tryst::rpc {

/// Two connected ends, one for each loop; the loops may be the same. An end that is destroyed or
/// closed closes the other. An end blocks while 1 MiB waits for the other to take it.
std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> memory_pair(loop& first,
                                                                              loop& second);

}  // namespace tryst::rpc
