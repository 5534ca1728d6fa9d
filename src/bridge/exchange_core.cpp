#include <tryst/bridge/exchange_core.hpp>

#include <algorithm>
#include <stdexcept>
#include <tryst/binder/universal_address.hpp>
#include <tryst/bridge/wire_form.hpp>
#include <tryst/rpc/typed_service.hpp>
#include <vector>

namespace tryst::detail {
namespace {

using binder::ip_address;
using binder::universal_address;

// RFC 5531 §8.4.
constexpr std::uint32_t first_transient = 0x40000000;
constexpr std::uint32_t last_transient = 0x5fffffff;

std::unexpected<std::error_code> refused(errc why) { return std::unexpected{make_error_code(why)}; }

bool is_this_host(const rpc::address& a) {
  if (!a.has_port()) return true;
  const auto ip = ip_address::parse(a.host);
  return ip && ip->is_loopback();
}

// Whoever can send us a message can also connect to what is on its own host.
bool on_one_host(const rpc::address& a, const rpc::address& b) {
  if (is_this_host(a) || is_this_host(b)) return is_this_host(a) && is_this_host(b);
  const auto first = ip_address::parse(a.host);
  return first && first == ip_address::parse(b.host);
}

bool makes_sense(const operation_name& name) {
  if (name.object == 0) return name.program != 0 && name.procedure != 0;
  return name.program >= first_transient && name.program <= last_transient && name.version == 1 &&
         name.procedure == static_cast<std::uint32_t>(far_form::call);
}

// The address that a name gives, or none that could be called.
std::optional<rpc::address> address_of(const operation_name& name) {
  const auto netid = binder::find_netid(name.netid);
  const auto parsed = universal_address::parse(name.address);
  if (!netid || !parsed || !parsed->suits(*netid)) return std::nullopt;
  const bool nowhere = parsed->kind != universal_address::family::local &&
                       (parsed->host.is_any() || parsed->port == 0);
  if (nowhere) return std::nullopt;
  rpc::address where = parsed->as_address(*netid);
  // A universal address may be longer by a byte than the name of a socket that we connect to.
  if (!rpc::address::parse(where.text())) return std::nullopt;
  return where;
}

// One that its own service serves.
class published_op final : public exported_op {
public:
  using exported_op::exported_op;
  void serve(far_form, xdr::reader&, rpc::incoming_call& call,
             const std::shared_ptr<exchange_core>&) override {
    call.refuse({.code = errc::proc_unavail});
  }
};

}  // namespace

exchange_core::exchange_core(loop& home, exchange_options options)
    : published{options.serving},
      home_{home},
      options_{std::move(options)},
      program_{first_transient |
               static_cast<std::uint32_t>(home.random() % (last_transient - first_transient + 1))} {
  // Callers learn that an operation is closed by its being unavailable.
  withdraw();
}

void exchange_core::reachable_at(const rpc::address& where) {
  const auto universal = universal_address::of(where);
  if (!universal || (where.has_port() && (universal->host.is_any() || where.port == 0))) {
    throw std::invalid_argument("capabilities need an address that others can call, which is not " +
                                where.text());
  }
  const std::lock_guard lock{mutex_};
  netid_ = binder::name_of(binder::netid_of(where));
  address_ = universal->text();
}

void exchange_core::close() {
  std::vector<std::shared_ptr<far_process>> all;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    exported_.clear();
    numbers_.clear();
    for (const auto& [where, process] : processes_) all.push_back(process);
  }
  for (const auto& process : all) process->close();
}

operation_name exchange_core::name_of(std::shared_ptr<exported_op> of) {
  const std::lock_guard lock{mutex_};
  if (closed_) throw export_refused{"the exchange of capabilities is closed"};
  if (of->link()->stays()) throw export_refused{"its module keeps the operation to itself"};
  if (address_.empty()) {
    throw export_refused{"nobody has said where this process is reachable: reachable_at()"};
  }
  const auto known = numbers_.find(of->link().get());
  if (known != numbers_.end()) {
    operation_name name = exported_.at(known->second).name;
    name.netid = netid_;
    name.address = address_;
    return name;
  }
  if (exported_.size() >= std::min(look_at_, options_.max_exports)) drop_dead();
  if (exported_.size() >= options_.max_exports) {
    throw export_refused{"too many operations were given away"};
  }
  operation_name name{.netid = netid_,
                      .address = address_,
                      .program = program_,
                      .version = 1,
                      .procedure = static_cast<std::uint32_t>(far_form::call)};
  // Never used again in practice, and not to be guessed.
  name.object = home_.random();
  while (name.object == 0 || exported_.contains(number_of(name))) ++name.object;
  add(std::move(of), name);
  return name;
}

void exchange_core::is_procedure(std::shared_ptr<op_link> of, const std::type_info& signature,
                                 rpc::interface_id id, std::uint32_t procedure) {
  const std::lock_guard lock{mutex_};
  operation_name name;
  name.program = id.program;
  name.version = id.version;
  name.procedure = procedure;
  add(std::make_shared<published_op>(std::move(of), signature), name);
}

void travels_as_procedure(exchange_core& by, std::shared_ptr<op_link> of,
                          const std::type_info& signature, rpc::interface_id id,
                          std::uint32_t procedure) {
  by.is_procedure(std::move(of), signature, id, procedure);
}

void exchange_core::add(std::shared_ptr<exported_op> what, const operation_name& name) {
  const number n = number_of(name);
  numbers_.insert_or_assign(what->link().get(), n);
  exported_.insert_or_assign(n, entry{std::move(what), name});
}

// Operations that are gone say so when they are called; here they are forgotten. It is done when
// their number may have doubled, so that it costs each of them little.
void exchange_core::drop_dead() {
  std::erase_if(exported_, [this](const auto& each) {
    const auto& link = each.second.what->link();
    if (!link->gone()) return false;
    numbers_.erase(link.get());  // nothing, if it was there under two names
    return true;
  });
  look_at_ = std::max<std::size_t>(64, 2 * exported_.size());
}

bool exchange_core::is_ours(const operation_name& name) const {
  if (name.netid != netid_ || name.address != address_) return false;
  return name.object != 0 ? name.program == program_ : exported_.contains(number_of(name));
}

std::expected<exchange_core::place, std::error_code> exchange_core::find(
    const operation_name& name, const std::type_info& signature, const rpc::address& from) {
  if (!makes_sense(name)) return refused(errc::address_invalid);
  const auto where = address_of(name);
  if (!where) return refused(errc::address_invalid);
  {
    const std::lock_guard lock{mutex_};
    if (is_ours(name)) {
      const auto found = exported_.find(number_of(name));
      if (found == exported_.end()) return place{std::make_shared<op_link>(), nullptr};
      const exported_op& what = *found->second.what;
      if (what.signature() != signature) return refused(errc::garbage_args);
      return place{what.link(), nullptr};
    }
  }
  const bool allowed = options_.allow ? options_.allow(*where, from) : on_one_host(*where, from);
  if (!allowed) return refused(errc::auth_too_weak);
  auto process = process_at(*where);
  if (process == nullptr) return refused(errc::closed);
  return place{nullptr, std::move(process)};
}

std::shared_ptr<far_process> exchange_core::process_at(const rpc::address& where) {
  std::vector<std::shared_ptr<far_process>> ended;  // destroyed without the mutex
  const std::lock_guard lock{mutex_};
  if (closed_) return nullptr;
  const auto known = processes_.find(where);
  if (known != processes_.end()) return known->second;
  if (processes_.size() >= options_.idle_clients) {
    // One that only we hold has no call on its way, and gets no second holder but here.
    std::erase_if(processes_, [&](auto& each) {
      const bool idle = each.second.use_count() == 1;
      if (idle) ended.push_back(std::move(each.second));
      return idle;
    });
  }
  auto made = std::make_shared<far_process>(home_, where, options_);
  processes_.emplace(where, made);
  return made;
}

void exchange_core::serve(rpc::incoming_call& call) {
  const std::uint32_t procedure = call.info().procedure;
  if (procedure == 0) return call.reply(rpc::detail::void_result{}), void();
  if (procedure > static_cast<std::uint32_t>(far_form::only_now)) {
    return call.refuse({.code = errc::proc_unavail});
  }
  xdr::reader in{call.arguments(), {.lenient = options_.serving.service.lenient}};
  number wanted{.program = program_,
                .version = 1,
                .procedure = static_cast<std::uint32_t>(far_form::call),
                .object = 0};
  xdr::decode(in, wanted.object);
  if (!in.ok()) return call.refuse({.code = errc::garbage_args});
  std::shared_ptr<exported_op> what;
  {
    const std::lock_guard lock{mutex_};
    const auto found = exported_.find(wanted);
    if (found != exported_.end()) what = found->second.what;
  }
  if (what == nullptr) return call.refuse({.code = errc::proc_unavail});
  what->serve(static_cast<far_form>(procedure), in, call,
              std::static_pointer_cast<exchange_core>(shared_from_this()));
}

}  // namespace tryst::detail
