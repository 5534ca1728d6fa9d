#include <tryst/binder/registry.hpp>

#include <algorithm>
#include <tryst/binder/netid.hpp>
#include <tryst/binder/universal_address.hpp>
#include <utility>

namespace tryst::binder {

// Names of transports that we know are kept in their own spelling, whatever the caller's.
registry::key registry::key_of(rpc::interface_id interface, std::string_view netid) {
  const auto known = find_netid(netid);
  return {interface.program, interface.version, std::string{known ? name_of(*known) : netid}};
}

bool registry::is_acceptable(const entry& fresh) const {
  if (fresh.netid.empty() || fresh.netid.size() > limits_.netid_bytes) return false;
  if (fresh.address.empty() || fresh.address.size() > limits_.address_bytes) return false;
  for (const std::string_view text : {fresh.netid, fresh.address}) {
    // They will be printed by whoever asks.
    if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
      return false;
    }
  }
  const auto id = find_netid(fresh.netid);
  if (!id) return true;  // a transport with addresses of its own kind: rdma, sctp
  const auto parsed = universal_address::parse(fresh.address);
  return parsed && (parsed->kind == universal_address::family::local) == (id == netid::local);
}

bool registry::set(entry fresh) {
  if (!is_acceptable(fresh)) return false;
  auto where = key_of(fresh.interface, fresh.netid);
  if (const auto known = entries_.find(where); known != entries_.end()) {
    return known->second.address == fresh.address;
  }
  std::size_t& of_owner = of_owner_[fresh.owner];
  if (entries_.size() >= limits_.entries ||
      (fresh.owner != superuser && of_owner >= limits_.entries_of_owner)) {
    if (of_owner == 0) of_owner_.erase(fresh.owner);
    return false;
  }
  ++of_owner;
  ++changes_;
  fresh.netid = std::get<2>(where);
  entries_.emplace(std::move(where), std::move(fresh));
  return true;
}

bool registry::unset(rpc::interface_id interface, std::string_view netid, std::string_view who) {
  std::vector<entries_by_key::iterator> wanted;
  if (netid.empty()) {
    auto at = entries_.lower_bound(key_of(interface, {}));
    for (; at != entries_.end() && at->second.interface == interface; ++at) wanted.push_back(at);
  } else if (const auto at = entries_.find(key_of(interface, netid)); at != entries_.end()) {
    wanted.push_back(at);
  }
  const auto may_remove = [&](auto at) { return who == superuser || who == at->second.owner; };
  if (!std::ranges::all_of(wanted, may_remove)) return false;
  for (const auto at : wanted) erase(at);
  return true;
}

const entry* registry::find(rpc::interface_id interface, std::string_view netid) const {
  const auto at = entries_.find(key_of(interface, netid));
  return at != entries_.end() ? &at->second : nullptr;
}

const entry* registry::find_any_version(rpc::interface_id interface, std::string_view netid) const {
  if (const entry* exact = find(interface, netid)) return exact;
  const auto wanted = std::get<2>(key_of(interface, netid));
  const entry* highest = nullptr;
  auto at = entries_.lower_bound(key_of({interface.program, 0}, {}));
  for (; at != entries_.end() && at->second.interface.program == interface.program; ++at) {
    if (at->second.netid == wanted) highest = &at->second;
  }
  return highest;
}

std::vector<const entry*> registry::find_all(rpc::interface_id interface) const {
  std::vector<const entry*> found;
  auto at = entries_.lower_bound(key_of(interface, {}));
  for (; at != entries_.end() && at->second.interface == interface; ++at) {
    found.push_back(&at->second);
  }
  return found;
}

bool registry::remove(rpc::interface_id interface, std::string_view netid) {
  const auto at = entries_.find(key_of(interface, netid));
  if (at == entries_.end()) return false;
  erase(at);
  return true;
}

registry::entries_by_key::iterator registry::erase(entries_by_key::iterator at) {
  const auto of_owner = of_owner_.find(at->second.owner);
  if (of_owner != of_owner_.end() && --of_owner->second == 0) of_owner_.erase(of_owner);
  ++changes_;
  return entries_.erase(at);
}

}  // namespace tryst::binder
