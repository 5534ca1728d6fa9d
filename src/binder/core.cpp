#include "binder/core.hpp"

#include <tryst/rpc/failure.hpp>
#include <utility>

#include "binder/interfaces.hpp"

namespace tryst::binder {
namespace {

// Of so many programs the lookups are counted one by one: callers choose the numbers.
constexpr std::size_t most_counted_programs = 512;

ip_address loopback(bool v6) {
  ip_address host{.is_v6 = v6};
  if (v6) {
    host.bytes.back() = 1;
  } else {
    host.bytes[0] = 127;
    host.bytes[3] = 1;
  }
  return host;
}

}  // namespace

const std::string& core::demand_owner(const caller& by) const {
  if (!by.owner) throw rpc::refusal{.code = errc::auth_too_weak};
  return *by.owner;
}

void core::changed(std::uint64_t before) {
  if (options_.on_change && registry_.changes() != before) options_.on_change(registry_);
}

bool core::set(const caller& by, version of, entry fresh) {
  fresh.owner = demand_owner(by);
  const std::lock_guard lock{mutex_};
  const auto before = registry_.changes();
  // Whoever holds the place of a server that has gone must not keep another one out.
  present(registry_.find(fresh.interface, fresh.netid));
  const bool done = registry_.set(std::move(fresh));
  if (done) ++counters_[std::to_underlying(of)].sets;
  changed(before);
  return done;
}

bool core::unset(const caller& by, version of, rpc::interface_id interface,
                 std::string_view netid) {
  const std::string& owner = demand_owner(by);
  const std::lock_guard lock{mutex_};
  const auto before = registry_.changes();
  const bool done = registry_.unset(interface, netid, owner);
  if (done) ++counters_[std::to_underlying(of)].unsets;
  changed(before);
  return done;
}

bool core::unset_ports(const caller& by, rpc::interface_id interface) {
  const std::string& owner = demand_owner(by);
  const std::lock_guard lock{mutex_};
  const auto before = registry_.changes();
  for (const netid id : {netid::tcp, netid::udp}) {
    const entry* const found = registry_.find(interface, name_of(id));
    if (found != nullptr && owner != superuser && found->owner != owner) return false;
  }
  for (const netid id : {netid::tcp, netid::udp}) {
    registry_.unset(interface, name_of(id), owner);
  }
  ++counters_[std::to_underlying(version::two)].unsets;
  changed(before);
  return true;
}

bool core::set_own(entry fresh) {
  const std::lock_guard lock{mutex_};
  const auto before = registry_.changes();
  const bool done = registry_.set(std::move(fresh));
  changed(before);
  return done;
}

bool core::unset_own(rpc::interface_id interface, std::string_view netid, std::string_view owner) {
  const std::lock_guard lock{mutex_};
  const auto before = registry_.changes();
  const bool done = registry_.unset(interface, netid, owner);
  changed(before);
  return done;
}

const entry* core::present(const entry* found) {
  if (found == nullptr || !options_.is_served) return found;
  const auto id = find_netid(found->netid);
  const auto parsed = universal_address::parse(found->address);
  if (!id || !parsed || found->interface.program == binder_program) return found;
  if (options_.is_served(*id, *parsed)) return found;
  const entry gone = *found;
  registry_.remove(gone.interface, gone.netid);
  return nullptr;
}

std::string core::merge(const entry& found, const caller& by, std::string_view hint) const {
  const auto parsed = universal_address::parse(found.address);
  if (!parsed || parsed->kind == universal_address::family::local || !parsed->host.is_any()) {
    return found.address;
  }
  const auto hinted = universal_address::parse(hint);
  std::optional<ip_address> wished;
  if (hinted && hinted->kind == parsed->kind) wished = hinted->host;
  universal_address merged = *parsed;
  if (by.on_this_host && (!wished || wished->is_loopback())) {
    // Most questions, and the system need not be asked.
    merged.host = loopback(parsed->host.is_v6);
    return merged.text();
  }
  const auto all = options_.interfaces ? options_.interfaces() : interfaces_of_system();
  const auto host = reachable_host(all, parsed->host.is_v6, by.host, wished);
  if (!host) return found.address;
  merged.host = *host;
  return merged.text();
}

std::string core::find(const caller& by, version of, rpc::interface_id interface, netid over,
                       std::string_view hint, bool any_version) {
  const std::lock_guard lock{mutex_};
  const entry* const found = look_up(of, interface, over, any_version);
  return found != nullptr ? merge(*found, by, hint) : std::string{};
}

std::uint16_t core::find_port(rpc::interface_id interface, netid over) {
  const std::lock_guard lock{mutex_};
  const entry* const found = look_up(version::two, interface, over, true);
  if (found == nullptr) return 0;
  const auto parsed = universal_address::parse(found->address);
  return parsed ? parsed->port : std::uint16_t{0};
}

const entry* core::look_up(version of, rpc::interface_id interface, netid over, bool any_version) {
  const auto before = registry_.changes();
  const auto name = name_of(over);
  // A version that is gone may leave another one to be found.
  const entry* found = present(registry_.find(interface, name));
  while (found == nullptr && any_version) {
    const entry* const other = registry_.find_any_version(interface, name);
    if (other == nullptr) break;
    found = present(other);
  }
  changed(before);
  count_lookup(of, interface, name, found != nullptr);
  return found;
}

std::vector<reachable> core::find_all(const caller& by, rpc::interface_id interface) {
  const std::lock_guard lock{mutex_};
  const auto before = registry_.changes();
  std::vector<reachable> all;
  for (const entry* registered : registry_.find_all(interface)) {
    const auto id = find_netid(registered->netid);
    // Over IP the addresses of the family that the call came by; on this host all of them.
    if (!id || (by.over != netid::local && traits_of(*id).family != traits_of(by.over).family)) {
      continue;
    }
    const entry* const found = present(registered);
    if (found != nullptr) all.push_back({merge(*found, by, {}), found->netid});
  }
  changed(before);
  return all;
}

void core::pass_on(const rpc::call_info& call, rpc::interface_id interface, std::uint32_t procedure,
                   std::vector<std::byte> arguments, remote_calls::ended done) {
  const caller by = who(*call.peer);
  const bool datagrams = call.peer->where.kind == rpc::address::transport::udp;
  if (!datagrams || !remote_calls_.allows(interface, procedure)) {
    return done(std::unexpected{rpc::failure{errc::auth_too_weak}});
  }
  // The server is asked where it is for a caller of this host; the caller learns its own address.
  const caller here{.over = by.over, .on_this_host = true};
  const auto near = find(here, version::four, interface, by.over, {}, false);
  const auto where = universal_address::parse(near);
  if (!where) return done(std::unexpected{rpc::failure{errc::prog_unavail}});
  const auto far = find(by, version::four, interface, by.over, {}, false);
  remote_calls_.make({.from = call.peer->where,
                      .xid = call.xid,
                      .to = where->as_address(by.over),
                      .universal = far,
                      .interface = interface,
                      .procedure = procedure,
                      .arguments = std::move(arguments)},
                     std::move(done));
}

std::vector<entry> core::entries() const {
  const std::lock_guard lock{mutex_};
  std::vector<entry> all;
  all.reserve(registry_.entries().size());
  for (const auto& [key, registered] : registry_.entries()) all.push_back(registered);
  return all;
}

void core::count(version of, std::uint32_t procedure) {
  const std::lock_guard lock{mutex_};
  auto& calls = counters_[std::to_underlying(of)].calls;
  if (procedure < calls.size()) ++calls[procedure];
}

void core::count_lookup(version of, rpc::interface_id interface, std::string_view netid,
                        bool found) {
  auto& counted = counters_[std::to_underlying(of)].of_program;
  const lookup_key key{interface, netid};
  auto at = counted.find(key);
  if (at == counted.end()) {
    if (counted.size() >= most_counted_programs) return;
    at = counted.try_emplace(key).first;
  }
  ++(found ? at->second.first : at->second.second);
}

std::array<version_statistics, 3> core::statistics() const {
  const std::lock_guard lock{mutex_};
  std::array<version_statistics, 3> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const counters& of = counters_[i];
    all[i] = {.calls = of.calls, .sets = of.sets, .unsets = of.unsets, .of_program = {}};
    for (const auto& [key, count] : of.of_program) {
      all[i].of_program.push_back({key.first, key.second, count.first, count.second});
    }
  }
  return all;
}

}  // namespace tryst::binder
