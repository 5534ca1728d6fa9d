// What the services want to know of a call: who makes it, and from where.
#pragma once

#include <cstdint>
#include <string>
#include <tryst/rpc/call_info.hpp>
#include <vector>

#include "access.hpp"

namespace nfsd {

/// The user that AUTH_SYS claims, or the anonymous one.
caller caller_of(const tryst::rpc::call_info& call, const identity_rules& rules);

/// The client's address without its port; "local" for one of this machine without any.
std::string host_of(const tryst::rpc::call_info& call);

/// The flavors in which calls are accepted, as MNT lists them.
std::vector<std::int32_t> accepted_flavors();

}  // namespace nfsd
