#include "binder/caller.hpp"

#include <unistd.h>

#include <tryst/binder/registry.hpp>

namespace tryst::binder {
namespace {

std::string owner_of_uid(std::uint32_t uid) {
  return uid == 0 ? std::string{superuser} : std::to_string(uid);
}

}  // namespace

caller caller_of(const rpc::peer_identity& peer, bool unsafe_loopback) {
  caller who{.over = netid_of(peer.where)};
  if (peer.where.kind == rpc::address::transport::memory) {
    who.on_this_host = true;
    who.owner = owner_of_uid(::geteuid());
    return who;
  }
  if (who.over == netid::local) {
    who.on_this_host = true;
    if (peer.credentials) who.owner = owner_of_uid(peer.credentials->uid);
    return who;
  }
  const auto host = ip_address::parse(peer.where.host);
  if (!host) return who;
  who.host = *host;
  who.on_this_host = host->is_loopback();
  if (who.on_this_host && unsafe_loopback) {
    who.owner = std::string{peer.where.has_privileged_port() ? superuser : unknown_owner};
  }
  return who;
}

}  // namespace tryst::binder
