#include <tryst/rpc/dispatcher.hpp>

#include <algorithm>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/rpc/message.hpp>

#include "rpc/bytes_result.hpp"
#include "rpc/reply_cache.hpp"
#include "rpc/session.hpp"

namespace tryst::rpc {
namespace {

// RPC_MISMATCH and its range (RFC 5531 §9).
constexpr std::size_t largest_denial = 24;

// Judges who calls. The order of the answers is observable: a credential that is broken, or of a
// flavor that nobody here knows, is refused before anything is said about programs.
class judgement {
public:
  judgement(const call_header& call, const peer_identity& peer, auth::identity& who)
      : call_{call}, peer_{peer}, who_{who} {}

  bool refused() const noexcept { return verdict.is == auth::verdict::kind::refused; }

  // Without a service: is the credential well formed, and of a flavor that some service takes?
  void judge_form(std::span<const std::shared_ptr<service>> services) {
    const auth::flavor flavor = call_.credential.flavor;
    if (flavor == auth::flavor::none) return;
    if (flavor == auth::flavor::sys) {
      auth::sys_verifier any;
      return ask(any);
    }
    for (const auto& s : services) {
      if (verifier_of(s->auth(), flavor) != nullptr) return;
    }
    verdict = auth::verdict::refuse(errc::auth_rejected_cred);
  }

  void judge_for(const auth_policy& policy) {
    if (policy.privileged_port && peer_.where.has_port() && !peer_.where.has_privileged_port()) {
      verdict = auth::verdict::refuse(errc::auth_too_weak);
      return;
    }
    const auth::flavor flavor = call_.credential.flavor;
    if (auth::verifier* const verifier = verifier_of(policy, flavor)) {
      return ask(*verifier);
    }
    if (flavor == auth::flavor::none) {
      if (!policy.none && call_.procedure != 0) {
        verdict = auth::verdict::refuse(errc::auth_too_weak);
      }
      return;
    }
    if (flavor == auth::flavor::sys && policy.sys) return;
    // Nobody is believed to be anybody: such callers are as good as anonymous ones.
    who_ = {};
    if (flavor != auth::flavor::sys) {
      verdict = auth::verdict::refuse(errc::auth_rejected_cred);
    } else if (!policy.none && call_.procedure != 0) {
      verdict = auth::verdict::refuse(errc::auth_too_weak);
    }
  }

  auth::verdict verdict;
  bool asked = false;  // a verifier: it said what the arguments are

private:
  void ask(auth::verifier& verifier) {
    verdict = verifier.judge(evidence(), who_);
    asked = true;
  }

  static auth::verifier* verifier_of(const auth_policy& policy, auth::flavor flavor) {
    for (const auto& v : policy.verifiers) {
      if (v->judges(flavor)) return v.get();
    }
    return nullptr;
  }

  auth::evidence evidence() const {
    return {.procedure = call_.procedure,
            .credential = call_.credential,
            .verifier = call_.verifier,
            .signed_part = call_.signed_part,
            .arguments = call_.arguments,
            .peer = peer_.where.host};
  }

  const call_header& call_;
  const peer_identity& peer_;
  auth::identity& who_;
};

}  // namespace

void dispatcher::add(std::shared_ptr<service> s) {
  const interface_id id = s->id();
  const auto at = std::ranges::lower_bound(ids_, id);
  const auto index = at - ids_.begin();
  if (at != ids_.end() && *at == id) {
    policies_[static_cast<std::size_t>(index)] = &s->auth();
    services_[static_cast<std::size_t>(index)] = std::move(s);
  } else {
    ids_.insert(at, id);
    policies_.insert(policies_.begin() + index, &s->auth());
    services_.insert(services_.begin() + index, std::move(s));
  }
}

std::optional<std::size_t> dispatcher::find(interface_id id, refusal& why) const noexcept {
  why = {.code = errc::prog_unavail};
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (ids_[i].program != id.program) continue;
    if (ids_[i].version == id.version) return i;
    // In ascending order: the first is the lowest version, the last the highest.
    if (why.code == errc::prog_unavail) {
      why = {.code = errc::prog_mismatch, .low = ids_[i].version};
    }
    why.high = ids_[i].version;
  }
  return std::nullopt;
}

void dispatcher::dispatch(session& from, std::span<const std::byte> message,
                          const xdr::buffer_ref& buffer) const {
  const auto call = parse_call(message);
  if (!call) {
    // Whoever sent a datagram may not be whom it names: that one gets no more than was sent.
    const bool unproven = from.peer().where.kind == address::transport::udp;
    if (unproven && message.size() < largest_denial) return;
    put_refusal(from.begin_message(), xid_of(message), call.error());
    return from.end_message();
  }
  // Made where it stays, and who calls is found out there: copies of either are felt.
  incoming_call incoming{from, *call, message.last(call->arguments.size()), buffer};
  judgement judged{*call, from.peer(), incoming.info_.caller};
  judged.judge_form(services_);
  const auto refuse_caller = [&] {
    incoming.refuse({.code = judged.verdict.why, .status = judged.verdict.status});
  };
  if (judged.refused()) return refuse_caller();

  refusal why;
  const std::optional<std::size_t> found = find(call->interface, why);
  if (!found) return incoming.refuse(why);
  judged.judge_for(*policies_[*found]);
  if (judged.refused()) return refuse_caller();
  if (judged.verdict.is == auth::verdict::kind::dropped) return incoming.drop();

  if (judged.asked) incoming.accept(judged.verdict);
  if (judged.verdict.is == auth::verdict::kind::answered) {
    incoming.reply(bytes_result{judged.verdict.arguments});
    return;
  }
  service& to = *services_[*found];
  if (const auto& replies = from.replies()) {
    const bool datagram = from.peer().where.kind == address::transport::udp;
    const recall how = to.recall_of(call->procedure, datagram);
    if (how == recall::idempotent) replies->note_bypass();
    const bool remembered = how == recall::cached || how == recall::once;
    if (remembered && !incoming.begin_cached(replies, how)) return;
  }
  to.serve(incoming);
}

}  // namespace tryst::rpc
