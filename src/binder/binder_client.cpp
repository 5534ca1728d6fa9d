#include <tryst/binder/binder_client.hpp>

#include <map>
#include <optional>
#include <tryst/binder/universal_address.hpp>
#include <tryst/error.hpp>
#include <tryst/rpc/client.hpp>
#include <utility>

#include "pmap_prot.hpp"
#include "rpcb_prot.hpp"

namespace tryst::binder {
namespace {

using rpc::as_result;
using v2 = pmap_prot::PMAP_VERS;
using v3 = rpcb_prot::RPCBVERS;
using v4 = rpcb_prot::RPCBVERS4;

template <class T>
using answered = std::expected<T, rpc::failure>;

template <class T>
using answer = binder_client::answer<T>;

// Whether a refusal says that the binder is too old for the question, so that an older one is
// worth asking. Silence says nothing of the kind.
bool is_too_old(const rpc::failure& why) {
  for (const errc e :
       {errc::prog_mismatch, errc::prog_unavail, errc::proc_unavail, errc::garbage_args}) {
    if (why.code == make_error_code(e)) return true;
  }
  return false;
}

std::unexpected<rpc::failure> absent() { return std::unexpected{rpc::failure{errc::prog_unavail}}; }

rpcb_prot::rpcb wire_form(rpc::interface_id interface, std::string netid, std::string address) {
  return {.r_prog = interface.program,
          .r_vers = interface.version,
          .r_netid = std::move(netid),
          .r_addr = std::move(address),
          .r_owner = {}};
}

std::vector<entry> entries_of(rpcb_prot::rpcblist_ptr list) {
  std::vector<entry> all;
  for (auto* at = list.get(); at != nullptr; at = at->rpcb_next.get()) {
    rpcb_prot::rpcb& map = at->rpcb_map;
    all.push_back({.interface = {map.r_prog, map.r_vers},
                   .netid = std::move(map.r_netid),
                   .address = std::move(map.r_addr),
                   .owner = std::move(map.r_owner)});
  }
  return all;
}

std::vector<entry> entries_of(const pmap_prot::pmaplist& list) {
  std::vector<entry> all;
  for (const auto* at = list.get(); at != nullptr; at = at->next.get()) {
    const auto id = netid_of_protocol(at->map.prot);
    if (!id || at->map.port > 65535) continue;
    const universal_address anywhere{.port = static_cast<std::uint16_t>(at->map.port)};
    all.push_back({.interface = {at->map.prog, at->map.vers},
                   .netid = std::string{name_of(*id)},
                   .address = anywhere.text(),
                   .owner = {}});
  }
  return all;
}

}  // namespace

class binder_client::core {
public:
  core(loop& home, std::string host, binder_client_options options)
      : home_{home}, options_{std::move(options)}, host_{std::move(host)} {
    if (host_.empty()) {
      candidates_ = {"unix:@" + options_.socket, "unix:" + options_.socket,
                     "tcp://127.0.0.1:" + std::to_string(options_.port)};
    } else if (rpc::address::parse(host_)) {
      candidates_ = {host_};
    } else {
      const bool v6 = host_.find(':') != host_.npos;
      candidates_ = {"tcp://" + (v6 ? '[' + host_ + ']' : host_) + ':' +
                     std::to_string(options_.port)};
    }
  }

  answer<rpc::address> find(rpc::interface_id interface, netid over) {
    if (const auto known = cache_.find({interface, over}); known != cache_.end()) {
      if (home_.now() < known->second.until) co_return known->second.where;
      cache_.erase(known);
    }
    const auto found = co_await look_up(interface, over);
    if (!found) co_return std::unexpected{found.error()};
    auto where = usable(*found, over);
    if (where) remember(interface, over, *where);
    co_return where;
  }

  void forget(rpc::interface_id interface) {
    std::erase_if(cache_, [&](const auto& known) { return known.first.first == interface; });
  }

  answer<std::vector<entry>> entries() {
    auto newest = co_await ask<v4::RPCBPROC_DUMP>([](rpc::client& c, const rpc::call_options& how) {
      return v4::stub{c}.RPCBPROC_DUMP(how, as_result);
    });
    if (newest) co_return entries_of(std::move(*newest));
    if (!is_too_old(newest.error())) co_return std::unexpected{newest.error()};
    auto older = co_await ask<v3::RPCBPROC_DUMP>([](rpc::client& c, const rpc::call_options& how) {
      return v3::stub{c}.RPCBPROC_DUMP(how, as_result);
    });
    if (older) co_return entries_of(std::move(*older));
    if (!is_too_old(older.error())) co_return std::unexpected{older.error()};
    auto oldest = co_await ask<v2::PMAPPROC_DUMP>([](rpc::client& c, const rpc::call_options& how) {
      return v2::stub{c}.PMAPPROC_DUMP(how, as_result);
    });
    if (!oldest) co_return std::unexpected{oldest.error()};
    co_return entries_of(*oldest);
  }

  answer<bool> set(entry fresh) {
    const auto map = wire_form(fresh.interface, fresh.netid, fresh.address);
    auto done = co_await ask<v4::RPCBPROC_SET>([&](rpc::client& c, const rpc::call_options& how) {
      return v4::stub{c}.RPCBPROC_SET(map, how, as_result);
    });
    if (done || !is_too_old(done.error())) co_return done;
    done = co_await ask<v3::RPCBPROC_SET>([&](rpc::client& c, const rpc::call_options& how) {
      return v3::stub{c}.RPCBPROC_SET(map, how, as_result);
    });
    const auto id = find_netid(fresh.netid);
    const auto where = universal_address::parse(fresh.address);
    if (done || !is_too_old(done.error()) || !id || !where || traits_of(*id).number == 0) {
      co_return done;
    }
    const pmap_prot::mapping old{.prog = fresh.interface.program,
                                 .vers = fresh.interface.version,
                                 .prot = traits_of(*id).number,
                                 .port = where->port};
    co_return co_await ask<v2::PMAPPROC_SET>([&](rpc::client& c, const rpc::call_options& how) {
      return v2::stub{c}.PMAPPROC_SET(old, how, as_result);
    });
  }

  answer<bool> unset(rpc::interface_id interface, std::string netid) {
    const auto map = wire_form(interface, std::move(netid), {});
    auto done = co_await ask<v4::RPCBPROC_UNSET>([&](rpc::client& c, const rpc::call_options& how) {
      return v4::stub{c}.RPCBPROC_UNSET(map, how, as_result);
    });
    if (done || !is_too_old(done.error())) co_return done;
    done = co_await ask<v3::RPCBPROC_UNSET>([&](rpc::client& c, const rpc::call_options& how) {
      return v3::stub{c}.RPCBPROC_UNSET(map, how, as_result);
    });
    if (done || !is_too_old(done.error())) co_return done;
    const pmap_prot::mapping old{.prog = interface.program, .vers = interface.version};
    co_return co_await ask<v2::PMAPPROC_UNSET>([&](rpc::client& c, const rpc::call_options& how) {
      return v2::stub{c}.PMAPPROC_UNSET(old, how, as_result);
    });
  }

private:
  struct known_address {
    rpc::address where;
    loop::time_point until;
  };

  bool is_local() const noexcept { return host_.empty() || host_.starts_with("unix:"); }

  // The universal address that the binder has for it.
  answer<std::string> look_up(rpc::interface_id interface, netid over) {
    // Asked over a UNIX socket for the addresses of another transport, only the whole list tells.
    if (is_local()) co_return pick(co_await entries(), interface, over);
    const auto map = wire_form(interface, std::string{name_of(over)}, {});
    auto newest =
        co_await ask<v4::RPCBPROC_GETADDRLIST>([&](rpc::client& c, const rpc::call_options& how) {
          return v4::stub{c}.RPCBPROC_GETADDRLIST(map, how, as_result);
        });
    if (!newest && !is_too_old(newest.error())) co_return std::unexpected{newest.error()};
    if (newest) {
      for (auto* at = newest->get(); at != nullptr; at = at->rpcb_entry_next.get()) {
        if (find_netid(at->rpcb_entry_map.r_nc_netid) == over) {
          co_return std::move(at->rpcb_entry_map.r_maddr);
        }
      }
      // The list has the family that the question came by, and the other one may be wanted.
    }
    const bool only_ports = !newest && traits_of(over).number != 0;
    auto all = co_await entries();
    if (all || !only_ports || !is_too_old(all.error()))
      co_return pick(std::move(all), interface, over);
    const pmap_prot::mapping old{
        .prog = interface.program, .vers = interface.version, .prot = traits_of(over).number};
    const auto port =
        co_await ask<v2::PMAPPROC_GETPORT>([&](rpc::client& c, const rpc::call_options& how) {
          return v2::stub{c}.PMAPPROC_GETPORT(old, how, as_result);
        });
    if (!port) co_return std::unexpected{port.error()};
    if (*port == 0) co_return absent();
    if (*port > 65535) co_return std::unexpected{rpc::failure{errc::result_invalid}};
    co_return universal_address{.port = static_cast<std::uint16_t>(*port)}.text();
  }

  static answered<std::string> pick(answered<std::vector<entry>> all, rpc::interface_id interface,
                                    netid over) {
    if (!all) return std::unexpected{all.error()};
    for (entry& e : *all) {
      if (e.interface == interface && find_netid(e.netid) == over) return std::move(e.address);
    }
    return absent();
  }

  // What a caller can connect to; an address that makes no sense is the binder's fault.
  answered<rpc::address> usable(const std::string& universal, netid over) const {
    if (universal.empty()) return absent();
    const auto parsed = universal_address::parse(universal);
    const bool right = parsed && parsed->suits(over) && (over == netid::local || parsed->port != 0);
    if (!right) return std::unexpected{rpc::failure{errc::result_invalid}};
    rpc::address where = parsed->as_address(over);
    if (over == netid::local || !parsed->host.is_any()) return where;
    // It listens at all of its addresses: the one that the binder was asked at is one of them.
    const auto host = asked_host(parsed->host.is_v6);
    if (!host) return absent();
    where.host = *host;
    return where;
  }

  // The host that the binder was asked at, if it can be an address of that family.
  std::optional<std::string> asked_host(bool v6) const {
    const std::string loopback = v6 ? "::1" : "127.0.0.1";
    if (is_local()) return loopback;
    const std::string asked = rpc::address::parse(candidates_.front())->host;
    const auto numeric = ip_address::parse(asked);
    if (!numeric || numeric->is_v6 == v6) return asked;
    if (numeric->is_loopback()) return loopback;
    return std::nullopt;
  }

  void remember(rpc::interface_id interface, netid over, const rpc::address& where) {
    if (options_.cache_for.count() == 0 || options_.cached == 0) return;
    if (cache_.size() >= options_.cached) cache_.clear();
    const auto until = home_.now() + std::chrono::duration_cast<loop::duration>(options_.cache_for);
    cache_.insert_or_assign({interface, over}, known_address{where, until});
  }

  // Makes a call of procedure P at the first place where a binder can be reached.
  template <class P, class Call>
  answer<typename P::result> ask(Call call) {
    const rpc::call_options how{.deadline = options_.deadline};
    for (std::size_t tried = 0;; ++tried) {
      if (const auto why = connect()) co_return std::unexpected{why};
      auto result = co_await call(*client_, how);
      const bool unreachable = !result && result.error().code == outcome::not_executed;
      if (!unreachable || tried + 1 >= candidates_.size()) co_return result;
      // The next time begins with what works, until that does not.
      candidate_ = (candidate_ + 1) % candidates_.size();
      client_.reset();
    }
  }

  rpc::failure connect() {
    if (client_) return {};
    try {
      rpc::client_options how;
      how.connect_timeout = options_.deadline;
      how.on_connection_lost = options_.on_connection_lost;
      client_.emplace(home_, candidates_[candidate_], std::move(how));
    } catch (const std::system_error& e) {
      return rpc::failure{e.code()};
    }
    return {};
  }

  loop& home_;
  binder_client_options options_;
  std::string host_;  // empty: this one
  std::vector<std::string> candidates_;
  std::size_t candidate_ = 0;
  std::optional<rpc::client> client_;
  std::map<std::pair<rpc::interface_id, netid>, known_address> cache_;
};

binder_client::binder_client(loop& home, binder_client_options options)
    : core_{std::make_unique<core>(home, std::string{}, std::move(options))} {}

binder_client::binder_client(loop& home, std::string host, binder_client_options options)
    : core_{std::make_unique<core>(home, std::move(host), std::move(options))} {}

binder_client::~binder_client() = default;

answer<rpc::address> binder_client::find(rpc::interface_id interface, netid over) {
  return core_->find(interface, over);
}

void binder_client::forget(rpc::interface_id interface) { core_->forget(interface); }

answer<std::vector<entry>> binder_client::entries() { return core_->entries(); }

answer<bool> binder_client::set(entry fresh) { return core_->set(std::move(fresh)); }

answer<bool> binder_client::unset(rpc::interface_id interface, std::string netid) {
  return core_->unset(interface, std::move(netid));
}

}  // namespace tryst::binder
