#include <ctime>
#include <tryst/rpc/typed_service.hpp>
#include <tryst/xdr/codec.hpp>

#include "binder/services.hpp"
#include "binder/transport_address.hpp"
#include "rpcb_prot.hpp"

namespace tryst::binder {
namespace {

using namespace rpcb_prot;

rpc::interface_id interface_of(const rpcb& map) { return {map.r_prog, map.r_vers}; }

std::int32_t as_count(std::uint32_t count) { return static_cast<std::int32_t>(count); }

rpcb_stat wire_form(const version_statistics& of) {
  rpcb_stat out{};
  for (std::size_t i = 0; i < out.info.size(); ++i) out.info[i] = as_count(of.calls[i]);
  out.setinfo = as_count(of.sets);
  out.unsetinfo = as_count(of.unsets);
  auto* end = &out.addrinfo;
  for (const auto& l : of.of_program) {
    end = &end->emplace(rpcbs_addrlist{.prog = l.interface.program,
                                       .vers = l.interface.version,
                                       .success = as_count(l.found),
                                       .failure = as_count(l.missed),
                                       .netid = l.netid,
                                       .next = {}})
               .next;
  }
  return out;
}

// Both versions: the procedures of version 3 are the first eight of version 4.
class rpcb_service {
public:
  rpcb_service(std::shared_ptr<core> of, version v) : core_{std::move(of)}, version_{v} {}

  bool RPCBPROC_SET(const rpc::call_info& call, const rpcb& map) {
    // r_owner is what the caller says of itself: nobody believes it (pitfall 69).
    return core_->set(
        core_->who(*call.peer), version_,
        {.interface = interface_of(map), .netid = map.r_netid, .address = map.r_addr, .owner = {}});
  }

  bool RPCBPROC_UNSET(const rpc::call_info& call, const rpcb& map) {
    return core_->unset(core_->who(*call.peer), version_, interface_of(map), map.r_netid);
  }

  // r_netid says nothing: the answer is for the transport that the call came by (pitfall 65).
  std::string RPCBPROC_GETADDR(const rpc::call_info& call, const rpcb& map) {
    return address(call, map, true);
  }

  std::string RPCBPROC_GETVERSADDR(const rpc::call_info& call, const rpcb& map) {
    return address(call, map, false);
  }

  rpcblist_ptr RPCBPROC_DUMP(const rpc::call_info& call) {
    rpcblist_ptr all;
    rpcblist_ptr* end = &all;
    for (entry& e : core_->entries()) {
      end = &end->emplace(rp__list{.rpcb_map = {.r_prog = e.interface.program,
                                                .r_vers = e.interface.version,
                                                .r_netid = std::move(e.netid),
                                                .r_addr = std::move(e.address),
                                                .r_owner = std::move(e.owner)},
                                   .rpcb_next = {}})
                 .rpcb_next;
    }
    must_not_amplify(core_->who(*call.peer), 0, xdr::encoded_size(all));
    return all;
  }

  std::uint32_t RPCBPROC_GETTIME(const rpc::call_info&) {
    // The date of RFC 1833 §2.2.1; nothing of ours is timed by it.
    return static_cast<std::uint32_t>(std::time(nullptr));
  }

  netbuf RPCBPROC_UADDR2TADDR(const rpc::call_info& call, const std::string& universal) {
    const caller by = core_->who(*call.peer);
    netbuf out{.maxlen = 0, .buf = to_transport_address(universal, by.over)};
    out.maxlen = static_cast<std::uint32_t>(out.buf.size());
    must_not_amplify(by, xdr::encoded_size(universal), xdr::encoded_size(out));
    return out;
  }

  std::string RPCBPROC_TADDR2UADDR(const rpc::call_info& call, const netbuf& transport) {
    const caller by = core_->who(*call.peer);
    std::string out = from_transport_address(transport.buf, by.over);
    must_not_amplify(by, xdr::encoded_size(transport), xdr::encoded_size(out));
    return out;
  }

  rpcb_entry_list_ptr RPCBPROC_GETADDRLIST(const rpc::call_info& call, const rpcb& map) {
    const caller by = core_->who(*call.peer);
    rpcb_entry_list_ptr all;
    rpcb_entry_list_ptr* end = &all;
    for (reachable& r : core_->find_all(by, interface_of(map))) {
      const netid_traits& traits = traits_of(*find_netid(r.netid));
      end = &end->emplace(
                    rpcb_entry_list{.rpcb_entry_map = {.r_maddr = std::move(r.address),
                                                       .r_nc_netid = std::move(r.netid),
                                                       .r_nc_semantics = traits.semantics,
                                                       .r_nc_protofmly = std::string{traits.family},
                                                       .r_nc_proto = std::string{traits.protocol}},
                                    .rpcb_entry_next = {}})
                 .rpcb_entry_next;
    }
    must_not_amplify(by, xdr::encoded_size(map), xdr::encoded_size(all));
    return all;
  }

  rpcb_stat_byvers RPCBPROC_GETSTAT(const rpc::call_info& call) {
    const auto counted = core_->statistics();
    rpcb_stat_byvers out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = wire_form(counted[i]);
    must_not_amplify(core_->who(*call.peer), 0, xdr::encoded_size(out));
    return out;
  }

  // The first two are silent about everything that goes wrong.
  void RPCBPROC_CALLIT(rpc::reply<rpcb_rmtcallres> to, const rpc::call_info& call,
                       const rpcb_rmtcallargs& args) {
    pass_on(std::move(to), call, args, true);
  }
  void RPCBPROC_BCAST(rpc::reply<rpcb_rmtcallres> to, const rpc::call_info& call,
                      const rpcb_rmtcallargs& args) {
    pass_on(std::move(to), call, args, true);
  }
  void RPCBPROC_INDIRECT(rpc::reply<rpcb_rmtcallres> to, const rpc::call_info& call,
                         const rpcb_rmtcallargs& args) {
    pass_on(std::move(to), call, args, false);
  }

private:
  void pass_on(rpc::reply<rpcb_rmtcallres> to, const rpc::call_info& call,
               const rpcb_rmtcallargs& args, bool silent) {
    const auto asked = xdr::encoded_size(args);
    core_->pass_on(call, {args.prog, args.vers}, args.proc, args.args,
                   [to = std::move(to), by = core_->who(*call.peer), asked,
                    silent](remote_calls::outcome ended) mutable {
                     if (!ended) {
                       if (silent) return to.drop();
                       const auto& why = ended.error();
                       const bool refused = why.code == outcome::refused;
                       return to.refuse({.code = refused ? static_cast<errc>(why.code.value())
                                                         : errc::system_err,
                                         .low = why.low,
                                         .high = why.high,
                                         .status = why.status});
                     }
                     rpcb_rmtcallres out{.addr = std::move(ended->universal),
                                         .results = std::move(ended->result)};
                     if (!amplifies(by, asked, xdr::encoded_size(out))) return to(std::move(out));
                     if (silent) return to.drop();
                     to.refuse({.code = errc::auth_too_weak});
                   });
  }

  std::string address(const rpc::call_info& call, const rpcb& map, bool any_version) {
    const caller by = core_->who(*call.peer);
    auto found = core_->find(by, version_, interface_of(map), by.over, map.r_addr, any_version);
    must_not_amplify(by, xdr::encoded_size(map), xdr::encoded_size(found));
    return found;
  }

  std::shared_ptr<core> core_;
  version version_;
};

}  // namespace

std::shared_ptr<rpc::service> make_rpcb_service(const std::shared_ptr<core>& of, version v) {
  if (v == version::three) return rpc::make_service<RPCBVERS>(rpcb_service{of, v});
  return rpc::make_service<RPCBVERS4>(rpcb_service{of, v});
}

}  // namespace tryst::binder
