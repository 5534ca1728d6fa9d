#include <tryst/rpc/typed_service.hpp>
#include <tryst/xdr/codec.hpp>

#include "binder/services.hpp"
#include "pmap_prot.hpp"

namespace tryst::binder {
namespace {

using pmap_prot::call_args;
using pmap_prot::call_result;
using pmap_prot::mapping;
using pmap_prot::pmaplist;
using pmap_prot::pmaplist_node;

constexpr std::uint32_t highest_port = 65535;

// The mapping that version 2 can tell of an entry; none of what is not IPv4.
std::optional<mapping> mapping_of(const entry& from) {
  const auto id = find_netid(from.netid);
  const auto parsed = universal_address::parse(from.address);
  if (!id || !parsed || traits_of(*id).number == 0) return std::nullopt;
  return mapping{.prog = from.interface.program,
                 .vers = from.interface.version,
                 .prot = traits_of(*id).number,
                 .port = parsed->port};
}

class pmap_service {
public:
  explicit pmap_service(std::shared_ptr<core> of) : core_{std::move(of)} {}

  bool PMAPPROC_SET(const rpc::call_info& call, const mapping& m) {
    const caller by = core_->who(*call.peer);
    const auto id = netid_of_protocol(m.prot);
    if (!id || m.port == 0 || m.port > highest_port) {
      // Who may not register is told so before it is told that there is nothing to register.
      if (!by.owner) throw rpc::refusal{.code = errc::auth_too_weak};
      return false;
    }
    const universal_address anywhere{.port = static_cast<std::uint16_t>(m.port)};
    return core_->set(by, version::two,
                      {.interface = {m.prog, m.vers},
                       .netid = std::string{name_of(*id)},
                       .address = anywhere.text(),
                       .owner = {}});
  }

  bool PMAPPROC_UNSET(const rpc::call_info& call, const mapping& m) {
    return core_->unset_ports(core_->who(*call.peer), {m.prog, m.vers});
  }

  std::uint32_t PMAPPROC_GETPORT(const mapping& m) {
    const auto id = netid_of_protocol(m.prot);
    return id ? core_->find_port({m.prog, m.vers}, *id) : 0U;
  }

  pmaplist PMAPPROC_DUMP(const rpc::call_info& call) {
    pmaplist all;
    pmaplist* end = &all;
    for (const entry& e : core_->entries()) {
      if (const auto m = mapping_of(e)) end = &end->emplace(pmaplist_node{*m, {}}).next;
    }
    must_not_amplify(core_->who(*call.peer), 0, xdr::encoded_size(all));
    return all;
  }

  // Silent about everything that goes wrong (RFC 1833 §3.2).
  void PMAPPROC_CALLIT(rpc::reply<call_result> to, const rpc::call_info& call,
                       const call_args& args) {
    const auto asked = xdr::encoded_size(args);
    core_->pass_on(call, {args.prog, args.vers}, args.proc, args.args,
                   [to = std::move(to), by = core_->who(*call.peer),
                    asked](remote_calls::outcome ended) mutable {
                     if (!ended) return to.drop();
                     const auto where = universal_address::parse(ended->universal);
                     call_result out{.port = where ? where->port : 0U,
                                     .res = std::move(ended->result)};
                     if (amplifies(by, asked, xdr::encoded_size(out))) return to.drop();
                     to(std::move(out));
                   });
  }

private:
  std::shared_ptr<core> core_;
};

}  // namespace

std::shared_ptr<rpc::service> make_pmap_service(const std::shared_ptr<core>& of) {
  return rpc::make_service<pmap_prot::PMAP_VERS>(pmap_service{of});
}

}  // namespace tryst::binder
