// Headers of calls (RFC 5531 §9) with any credential (Appendix A): nothing is read beyond them,
// what is accepted is what its spans say, and every refusal can be sent.
#include <algorithm>
#include <tryst/auth/sys.hpp>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/xdr/writer.hpp>

#include "fuzz/fuzz.hpp"

using namespace tryst;

namespace {

bool lies_in(std::span<const std::byte> part, std::span<const std::byte> whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void put_auth(xdr::byte_buffer& out, const auth::opaque_auth& field) {
  xdr::writer w{out};
  w.put_u32(static_cast<std::uint32_t>(field.flavor));
  w.put_u32(static_cast<std::uint32_t>(field.body.size()));
  w.put_opaque(field.body);
}

// A header has one encoding: parsed and written again it is the same bytes.
void check_header(const rpc::call_header& call, std::span<const std::byte> message) {
  xdr::byte_buffer again;
  rpc::put_call_header(again, call.xid, call.interface, call.procedure);
  put_auth(again, call.credential);
  fuzz::must(again.size() == call.signed_part.size());
  put_auth(again, call.verifier);
  fuzz::must(again.size() + call.arguments.size() == message.size());
  // The type is not parse_call's to look at.
  fuzz::must(std::equal(again.begin() + 8, again.end(), message.begin() + 8));
  for (const auto part :
       {call.credential.body, call.verifier.body, call.arguments, call.signed_part}) {
    fuzz::must(lies_in(part, message));
  }
}

void check_identity(const auth::identity& who, const auth::opaque_auth& credential) {
  fuzz::must(who.gids().size() <= auth::max_gids);
  fuzz::must(who.uid() != 0xffffffff && who.gid() != 0xffffffff);
  fuzz::must(who.machine_name().size() <= auth::max_machine_name);
  if (credential.flavor != auth::flavor::sys) return;
  auth::sys_credential claim{.stamp = xdr::load_big<std::uint32_t>(credential.body.data()),
                             .machine_name = std::string{who.machine_name()},
                             .uid = who.uid(),
                             .gid = who.gid(),
                             .gids = {who.gids().begin(), who.gids().end()}};
  xdr::byte_buffer again;
  auth::sys{claim}.put(again, 0);
  fuzz::must(std::ranges::equal(
      std::span{again.data(), again.size()}.subspan(8).first(credential.body.size()),
      credential.body));
}

void judge(const rpc::call_header& call) {
  // Remembers shorthands between runs, as a server does between calls.
  static auth::sys_verifier verifier{
      {.shorthands = 4, .random = +[] { return std::uint64_t{0x5a5a5a5a5a5a5a5a}; }}};
  if (!verifier.judges(call.credential.flavor)) return;
  auth::identity who;
  const auth::verdict decided = verifier.judge({.procedure = call.procedure,
                                                .credential = call.credential,
                                                .verifier = call.verifier,
                                                .signed_part = call.signed_part,
                                                .arguments = call.arguments,
                                                .peer = "peer"},
                                               who);
  if (decided.is == auth::verdict::kind::accepted) {
    fuzz::must(decided.arguments.data() == call.arguments.data());
    check_identity(who, call.credential);
  } else {
    fuzz::must(decided.is == auth::verdict::kind::refused);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = fuzz::input{data, size}.rest();
  if (!rpc::type_of(message)) return 0;
  const auto call = rpc::parse_call(message);
  if (call) {
    check_header(*call, message);
    judge(*call);
    return 0;
  }
  xdr::byte_buffer answer;
  rpc::put_refusal(answer, rpc::xid_of(message), call.error());
  const auto reply = rpc::parse_reply(answer);
  fuzz::must(reply && reply->why.code == call.error().code);
  return 0;
}
