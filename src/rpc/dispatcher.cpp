#include <tryst/rpc/dispatcher.hpp>

#include <algorithm>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/rpc/message.hpp>

#include "rpc/session.hpp"

namespace tryst::rpc {
namespace {

constexpr std::uint16_t first_unprivileged_port = 1024;

void refuse(session& to, std::uint32_t xid, const refusal& why) {
  put_refusal(to.begin_message(), xid, why);
  to.end_message();
}

// Judges who calls. The order of the answers is observable: a credential that is broken, or of a
// flavor that nobody here knows, is refused before anything is said about programs.
class judgement {
public:
  judgement(const call_header& call, const peer_identity& peer)
      : evidence_{.procedure = call.procedure,
                  .credential = call.credential,
                  .verifier = call.verifier,
                  .signed_part = call.signed_part,
                  .arguments = call.arguments,
                  .peer = peer.where.host} {
    verdict.arguments = call.arguments;
  }

  bool anonymous() const noexcept { return evidence_.credential.flavor == auth::flavor::none; }
  bool refused() const noexcept { return verdict.is == auth::verdict::kind::refused; }

  // Without a service: is the credential well formed, and of a flavor that some service takes?
  void judge_form(std::span<const std::shared_ptr<service>> services) {
    if (anonymous()) return;
    const auth::flavor flavor = evidence_.credential.flavor;
    if (flavor == auth::flavor::sys) {
      verdict = auth::sys_verifier{}.judge(evidence_, who);
      return;
    }
    for (const auto& s : services) {
      if (verifier_of(s->auth(), flavor) != nullptr) return;
    }
    verdict = auth::verdict::refuse(errc::auth_rejected_cred);
  }

  void judge_for(const auth_policy& policy, const peer_identity& peer, bool null_procedure) {
    if (policy.privileged_port && peer.where.kind == address::transport::tcp &&
        peer.where.port >= first_unprivileged_port) {
      verdict = auth::verdict::refuse(errc::auth_too_weak);
      return;
    }
    const auth::flavor flavor = evidence_.credential.flavor;
    if (auth::verifier* const verifier = verifier_of(policy, flavor)) {
      verdict = verifier->judge(evidence_, who);
      return;
    }
    if (flavor == auth::flavor::sys && policy.sys) return;
    // Nobody is believed to be anybody: such callers are as good as anonymous ones.
    who = {};
    if (flavor != auth::flavor::none && flavor != auth::flavor::sys) {
      verdict = auth::verdict::refuse(errc::auth_rejected_cred);
    } else if (!policy.none && !null_procedure) {
      verdict = auth::verdict::refuse(errc::auth_too_weak);
    }
  }

  auth::identity who;
  auth::verdict verdict;

private:
  static auth::verifier* verifier_of(const auth_policy& policy, auth::flavor flavor) {
    for (const auto& v : policy.verifiers) {
      if (v->judges(flavor)) return v.get();
    }
    return nullptr;
  }

  auth::evidence evidence_;
};

class bytes_result final : public result_encoder {
public:
  explicit bytes_result(std::span<const std::byte> bytes) : bytes_{bytes} {}
  void encode(xdr::writer& w) const override { w.put_opaque(bytes_); }

private:
  std::span<const std::byte> bytes_;
};

}  // namespace

void dispatcher::add(std::shared_ptr<service> s) {
  const auto by_id = [](const std::shared_ptr<service>& each) { return each->id(); };
  const auto at = std::ranges::lower_bound(services_, s->id(), {}, by_id);
  if (at != services_.end() && (*at)->id() == s->id()) {
    *at = std::move(s);
  } else {
    services_.insert(at, std::move(s));
  }
}

service* dispatcher::find(interface_id id, refusal& why) const noexcept {
  service* nearest = nullptr;
  why = {.code = errc::prog_unavail};
  for (const auto& s : services_) {
    const interface_id served = s->id();
    if (served.program != id.program) continue;
    if (served.version == id.version) return s.get();
    // In ascending order: the first is the lowest version, the last the highest.
    if (nearest == nullptr) why = {.code = errc::prog_mismatch, .low = served.version};
    why.high = served.version;
    nearest = s.get();
  }
  return nullptr;
}

void dispatcher::dispatch(session& from, std::span<const std::byte> message,
                          const xdr::buffer_ref& buffer) const {
  const auto call = parse_call(message);
  if (!call) return refuse(from, xid_of(message), call.error());
  judgement judged{*call, from.peer()};
  judged.judge_form(services_);
  const auto refuse_caller = [&] {
    refuse(from, call->xid, {.code = judged.verdict.why, .status = judged.verdict.status});
  };
  if (judged.refused()) return refuse_caller();

  refusal why;
  service* const found = find(call->interface, why);
  if (found == nullptr) return refuse(from, call->xid, why);
  judged.judge_for(found->auth(), from.peer(), call->procedure == 0);
  if (judged.refused()) return refuse_caller();
  if (judged.verdict.is == auth::verdict::kind::dropped) return;

  const call_info info{.interface = call->interface,
                       .procedure = call->procedure,
                       .xid = call->xid,
                       .peer = &from.peer(),
                       .caller = judged.who};
  incoming_call incoming{from, info, judged.verdict.arguments, buffer, judged.verdict.reply};
  if (judged.verdict.is == auth::verdict::kind::answered) {
    incoming.reply(bytes_result{judged.verdict.arguments});
    return;
  }
  found->serve(incoming);
}

}  // namespace tryst::rpc
