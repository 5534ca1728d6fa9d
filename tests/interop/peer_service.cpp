#include "interop/peer_service.hpp"

#include <utility>

namespace tryst::interop {

peer::quotient peer_service::DIVIDE(std::int32_t a, std::int32_t b, std::string why_not) {
  peer::quotient result;
  if (b != 0) {
    result.set_parts({a / b, a % b});
  } else {
    result.set_why(std::move(why_not));
  }
  return result;
}

std::int32_t peer_service::REFUSE(peer::refusal how) {
  switch (how) {
    case peer::GARBAGE:
      throw rpc::refusal{errc::garbage_args};
    case peer::SYSTEM:
      throw std::runtime_error{"asked to fail"};
    case peer::BAD_CREDENTIAL:
      throw rpc::refusal{errc::auth_bad_cred};
    case peer::REJECTED_CREDENTIAL:
      throw rpc::refusal{errc::auth_rejected_cred};
    case peer::BAD_VERIFIER:
      throw rpc::refusal{errc::auth_bad_verf};
    case peer::REJECTED_VERIFIER:
      throw rpc::refusal{errc::auth_rejected_verf};
    case peer::TOO_WEAK:
      throw rpc::refusal{errc::auth_too_weak};
  }
  return 0;
}

peer::identity peer_service::WHO(const rpc::call_info& info) {
  if (info.caller.anonymous()) return {};
  peer::identity found{.machine = std::string{info.caller.machine_name()},
                       .uid = static_cast<std::int32_t>(info.caller.uid()),
                       .gid = static_cast<std::int32_t>(info.caller.gid()),
                       .groups = {}};
  for (const std::uint32_t gid : info.caller.gids()) {
    found.groups.push_back(static_cast<std::int32_t>(gid));
  }
  return found;
}

void serve_peer(rpc::server& s, rpc::service_options options) {
  s.serve<peer::PEER_V2>(peer_service{}, options);
  s.serve<peer::PEER_V4>(later_peer_service{}, options);
}

}  // namespace tryst::interop
