#include <tryst/binder/binder.hpp>

#include <tryst/rpc/failure.hpp>
#include <utility>

#include "binder/core.hpp"
#include "binder/services.hpp"

namespace tryst::binder {
namespace {

// The least that stands before the arguments of a call and the result of a reply (RFC 5531 §9).
constexpr std::uint64_t call_header_bytes = 40;
constexpr std::uint64_t reply_header_bytes = 24;

// One version, with its calls counted.
class counted_service final : public rpc::service {
public:
  counted_service(const std::shared_ptr<core>& of, version v, std::shared_ptr<rpc::service> inner)
      : core_{of}, version_{v}, inner_{std::move(inner)} {}

  rpc::interface_id id() const noexcept override { return inner_->id(); }
  std::string_view name() const noexcept override { return inner_->name(); }
  const rpc::auth_policy& auth() const noexcept override { return inner_->auth(); }
  rpc::recall recall_of(std::uint32_t procedure, bool datagram) const noexcept override {
    return inner_->recall_of(procedure, datagram);
  }
  void serve(rpc::incoming_call& call) override {
    core_->count(version_, call.info().procedure);
    inner_->serve(call);
  }

private:
  std::shared_ptr<core> core_;
  version version_;
  std::shared_ptr<rpc::service> inner_;
};

}  // namespace

bool amplifies(const caller& by, std::uint64_t arguments, std::uint64_t result) noexcept {
  return by.is_unproven() && result + reply_header_bytes > arguments + call_header_bytes;
}

void must_not_amplify(const caller& by, std::uint64_t arguments, std::uint64_t result) {
  if (amplifies(by, arguments, result)) throw rpc::refusal{.code = errc::auth_too_weak};
}

binder::binder(binder_options options) : core_{std::make_shared<core>(std::move(options))} {}

binder::~binder() = default;

void binder::serve_in(rpc::dispatcher& services) {
  const auto add = [&](version v, std::shared_ptr<rpc::service> s) {
    services.add(std::make_shared<counted_service>(core_, v, std::move(s)));
  };
  add(version::two, make_pmap_service(core_));
  add(version::three, make_rpcb_service(core_, version::three));
  add(version::four, make_rpcb_service(core_, version::four));
}

void binder::add_own(const rpc::address& where) {
  const auto address = universal_address::of(where);
  if (!address) return;
  const netid over = netid_of(where);
  for (const std::uint32_t v : {2U, 3U, 4U}) {
    if (v == 2 && traits_of(over).number == 0) continue;
    core_->set_own({.interface = {binder_program, v},
                    .netid = std::string{name_of(over)},
                    .address = address->text(),
                    .owner = std::string{superuser}});
  }
}

bool binder::set(entry fresh) { return core_->set_own(std::move(fresh)); }

bool binder::unset(rpc::interface_id interface, std::string_view netid, std::string_view owner) {
  return core_->unset_own(interface, netid, owner);
}

std::string binder::find(rpc::interface_id interface, netid over) {
  const caller here{.over = over, .on_this_host = true};
  return core_->find(here, version::four, interface, over, {}, true);
}

std::vector<entry> binder::entries() const { return core_->entries(); }

std::array<version_statistics, 3> binder::statistics() const { return core_->statistics(); }

}  // namespace tryst::binder
