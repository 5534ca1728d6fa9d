// The three versions of the binder's program as services over one core.
#pragma once

#include <memory>
#include <tryst/rpc/service.hpp>

#include "binder/core.hpp"

namespace tryst::binder {

/// Version 2 (RFC 1833 §3).
std::shared_ptr<rpc::service> make_pmap_service(const std::shared_ptr<core>& of);
/// Versions 3 and 4 (RFC 1833 §2).
std::shared_ptr<rpc::service> make_rpcb_service(const std::shared_ptr<core>& of, version v);

/// Whether the answer is larger than the request, over datagrams, to another host, whose sender
/// nobody has proved: then it must not leave (pitfall 27). Both sizes are those of the bodies.
bool amplifies(const caller& by, std::uint64_t arguments, std::uint64_t result) noexcept;
/// Throws a refusal if it does.
void must_not_amplify(const caller& by, std::uint64_t arguments, std::uint64_t result);

}  // namespace tryst::binder
