#include <tryst/rpc/message.hpp>

#include <cstring>
#include <tryst/xdr/reader.hpp>
#include <tryst/xdr/writer.hpp>

namespace tryst::rpc {
namespace {

// The words of RFC 5531 §9.
constexpr std::uint32_t msg_accepted = 0;
constexpr std::uint32_t msg_denied = 1;
constexpr std::uint32_t accept_success = 0;
constexpr std::uint32_t accept_prog_unavail = 1;
constexpr std::uint32_t accept_prog_mismatch = 2;
constexpr std::uint32_t accept_proc_unavail = 3;
constexpr std::uint32_t accept_garbage_args = 4;
constexpr std::uint32_t accept_system_err = 5;
constexpr std::uint32_t reject_rpc_mismatch = 0;
constexpr std::uint32_t reject_auth_error = 1;
constexpr std::uint32_t auth_badcred = 1;
constexpr std::uint32_t auth_rejectedcred = 2;
constexpr std::uint32_t auth_badverf = 3;
constexpr std::uint32_t auth_rejectedverf = 4;
constexpr std::uint32_t auth_tooweak = 5;
constexpr std::uint32_t auth_failed = 7;

// False when the field is too long or ends beyond the message.
bool read_auth(xdr::reader& in, auth::opaque_auth& out) {
  out.flavor = static_cast<auth::flavor>(in.get_u32());
  const std::uint32_t length = in.get_u32();
  if (!in.ok() || length > auth::max_body) return false;
  out.body = in.take(length);
  in.take(xdr::padding_of(length));
  return in.ok();
}

void put_auth(xdr::writer& out, const auth::opaque_auth& field) {
  out.put_u32(static_cast<std::uint32_t>(field.flavor));
  out.put_u32(static_cast<std::uint32_t>(field.body.size()));
  out.put_opaque(field.body);
}

void put_reply_start(xdr::writer& out, std::uint32_t xid, std::uint32_t reply_stat) {
  out.put_u32(xid);
  out.put_u32(static_cast<std::uint32_t>(message_type::reply));
  out.put_u32(reply_stat);
}

errc auth_code(std::uint32_t status) {
  switch (status) {
    case auth_badcred:
      return errc::auth_bad_cred;
    case auth_rejectedcred:
      return errc::auth_rejected_cred;
    case auth_badverf:
      return errc::auth_bad_verf;
    case auth_rejectedverf:
      return errc::auth_rejected_verf;
    case auth_tooweak:
      return errc::auth_too_weak;
    default:
      return errc::auth_refused;
  }
}

std::uint32_t auth_status(const refusal& why) {
  switch (why.code) {
    case errc::auth_bad_cred:
      return auth_badcred;
    case errc::auth_rejected_cred:
      return auth_rejectedcred;
    case errc::auth_bad_verf:
      return auth_badverf;
    case errc::auth_rejected_verf:
      return auth_rejectedverf;
    case errc::auth_too_weak:
      return auth_tooweak;
    default:
      return why.status != 0 ? why.status : auth_failed;
  }
}

std::uint32_t accept_status(const refusal& why) {
  switch (why.code) {
    case errc::prog_unavail:
      return accept_prog_unavail;
    case errc::prog_mismatch:
      return accept_prog_mismatch;
    case errc::proc_unavail:
      return accept_proc_unavail;
    case errc::garbage_args:
      return accept_garbage_args;
    case errc::unknown_refusal:
      return why.status > accept_system_err ? why.status : accept_system_err;
    default:
      return accept_system_err;
  }
}

bool is_auth_refusal(errc code) {
  return code >= errc::auth_bad_cred && code <= errc::auth_refused;
}

failure parse_acceptance(xdr::reader& in) {
  const std::uint32_t status = in.get_u32();
  failure why;
  switch (status) {
    case accept_success:
      return why;
    case accept_prog_unavail:
      why.code = errc::prog_unavail;
      break;
    case accept_prog_mismatch:
      why.code = errc::prog_mismatch;
      why.low = in.get_u32();
      why.high = in.get_u32();
      break;
    case accept_proc_unavail:
      why.code = errc::proc_unavail;
      break;
    case accept_garbage_args:
      why.code = errc::garbage_args;
      break;
    case accept_system_err:
      why.code = errc::system_err;
      break;
    default:
      why.code = errc::unknown_refusal;
      why.status = status;
  }
  return why;
}

failure parse_denial(xdr::reader& in) {
  const std::uint32_t status = in.get_u32();
  failure why;
  switch (status) {
    case reject_rpc_mismatch:
      why.code = errc::rpc_mismatch;
      why.low = in.get_u32();
      why.high = in.get_u32();
      break;
    case reject_auth_error:
      why.status = in.get_u32();
      why.code = auth_code(why.status);
      break;
    default:
      why.code = errc::unknown_refusal;
      why.status = status;
  }
  return why;
}

}  // namespace

std::expected<call_header, refusal> parse_call(std::span<const std::byte> message) noexcept {
  xdr::reader in{message};
  call_header call;
  call.xid = in.get_u32();
  in.get_u32();  // the type, which the caller has looked at
  const std::uint32_t version = in.get_u32();
  // The version comes first: of the rest of another version's header nothing is known.
  if (in.ok() && version != rpc_version) {
    return std::unexpected{
        refusal{.code = errc::rpc_mismatch, .low = rpc_version, .high = rpc_version}};
  }
  call.interface = {.program = in.get_u32(), .version = in.get_u32()};
  call.procedure = in.get_u32();
  if (!read_auth(in, call.credential)) return std::unexpected{refusal{errc::auth_bad_cred}};
  call.signed_part = message.first(message.size() - in.remaining());
  if (!read_auth(in, call.verifier)) return std::unexpected{refusal{errc::auth_bad_verf}};
  call.arguments = in.rest();
  return call;
}

void put_call_header(xdr::byte_buffer& out, std::uint32_t xid, interface_id interface,
                     std::uint32_t procedure) {
  std::byte* const at = out.extend(24);
  xdr::store_big(at, xid);
  xdr::store_big(at + 4, static_cast<std::uint32_t>(message_type::call));
  xdr::store_big(at + 8, rpc_version);
  xdr::store_big(at + 12, interface.program);
  xdr::store_big(at + 16, interface.version);
  xdr::store_big(at + 20, procedure);
}

std::expected<reply_header, std::error_code> parse_reply(
    std::span<const std::byte> message) noexcept {
  xdr::reader in{message};
  reply_header reply;
  in.get_u32();  // xid and type, which the caller has looked at
  in.get_u32();
  const std::uint32_t reply_stat = in.get_u32();
  if (reply_stat == msg_accepted) {
    // Only an acceptance has a verifier (RFC 5531 §9).
    if (!read_auth(in, reply.verifier))
      return std::unexpected{make_error_code(errc::reply_invalid)};
    reply.why = parse_acceptance(in);
    if (!reply.why) reply.result = in.rest();
  } else if (reply_stat == msg_denied) {
    reply.why = parse_denial(in);
  } else {
    in.fail(errc::message_invalid);
  }
  if (!in.ok()) return std::unexpected{make_error_code(errc::reply_invalid)};
  return reply;
}

void put_plain_success(std::byte* where, std::uint32_t xid) noexcept {
  // reply, MSG_ACCEPTED, AUTH_NONE, no body, SUCCESS: the types and zeros behind the xid.
  std::memset(where, 0, plain_success_size);
  xdr::store_big(where, xid);
  xdr::store_big(where + 4, static_cast<std::uint32_t>(message_type::reply));
}

void put_success(xdr::byte_buffer& out, std::uint32_t xid, const auth::opaque_auth& verifier) {
  xdr::writer w{out};
  put_reply_start(w, xid, msg_accepted);
  put_auth(w, verifier);
  w.put_u32(accept_success);
}

void put_refusal(xdr::byte_buffer& out, std::uint32_t xid, const refusal& why,
                 const auth::opaque_auth& verifier) {
  xdr::writer w{out};
  if (why.code == errc::rpc_mismatch) {
    put_reply_start(w, xid, msg_denied);
    w.put_u32(reject_rpc_mismatch);
    w.put_u32(why.low);
    w.put_u32(why.high);
    return;
  }
  if (is_auth_refusal(why.code)) {
    put_reply_start(w, xid, msg_denied);
    w.put_u32(reject_auth_error);
    w.put_u32(auth_status(why));
    return;
  }
  put_reply_start(w, xid, msg_accepted);
  put_auth(w, verifier);
  w.put_u32(accept_status(why));
  if (why.code == errc::prog_mismatch) {
    w.put_u32(why.low);
    w.put_u32(why.high);
  }
}

}  // namespace tryst::rpc
