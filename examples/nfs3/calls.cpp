#include "calls.hpp"

#include <tryst/auth/flavor.hpp>
#include <tryst/rpc/transport.hpp>

namespace nfsd {

caller caller_of(const tryst::rpc::call_info& call, const identity_rules& rules) {
  const tryst::auth::identity& who = call.caller;
  if (who.anonymous()) return rules.anonymous();
  return rules.of(who.uid(), who.gid(), {who.gids().begin(), who.gids().end()});
}

std::string host_of(const tryst::rpc::call_info& call) {
  const std::string& host = call.peer->where.host;
  return host.empty() ? "local" : host;
}

std::vector<std::int32_t> accepted_flavors() {
  using tryst::auth::flavor;
  return {static_cast<std::int32_t>(flavor::sys), static_cast<std::int32_t>(flavor::none)};
}

}  // namespace nfsd
