#include <tryst/rpc/message.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <tryst/xdr/reader.hpp>
#include <tryst/xdr/writer.hpp>

namespace tryst::rpc {
namespace {

// A call up to its credential, and a credential or verifier up to its body.
constexpr std::size_t call_start_size = 24;
constexpr std::size_t auth_head_size = 8;
// xid, type and reply_stat.
constexpr std::size_t reply_start_size = 12;

// The words of RFC 5531 §9.
constexpr std::uint32_t msg_accepted = 0;
constexpr std::uint32_t msg_denied = 1;
constexpr std::uint32_t accept_success = 0;
constexpr std::uint32_t accept_system_err = 5;
constexpr std::uint32_t reject_rpc_mismatch = 0;
constexpr std::uint32_t reject_auth_error = 1;
constexpr std::uint32_t auth_tooweak = 5;
constexpr std::uint32_t auth_failed = 7;

// The verifier of a SYSTEM_ERR that says that the call did not run. RFC 5531 §10.1 leaves the bytes
// of AUTH_NONE's verifier open; RFC 9289 §4.1 uses them to say STARTTLS.
constexpr std::string_view not_run_mark = "NEVERRAN";

bool is_not_run_mark(const auth::opaque_auth& verifier) {
  return verifier.flavor == auth::flavor::none &&
         std::ranges::equal(verifier.body, std::as_bytes(std::span{not_run_mark}));
}

// What says that a call did not run, where nothing else must stand. A shorthand can wait.
auth::opaque_auth verifier_for(const refusal& why, const auth::opaque_auth& verifier) {
  const bool free =
      verifier.flavor == auth::flavor::none || verifier.flavor == auth::flavor::shorthand;
  if (why.code != errc::not_admitted || !free) return verifier;
  return {.body = std::as_bytes(std::span{not_run_mark})};
}

// Takes a credential or a verifier off `rest`. False: it is too long, it ends beyond the message,
// or its padding is not zero: never lenient where identities are at stake.
bool take_auth(std::span<const std::byte>& rest, auth::opaque_auth& out) noexcept {
  if (rest.size() < auth_head_size) return false;
  const auto length = xdr::load_big<std::uint32_t>(rest.data() + 4);
  if (length > auth::max_body) return false;
  const std::size_t size = auth_head_size + xdr::padded(length);
  if (rest.size() < size) return false;
  for (std::size_t i = auth_head_size + length; i < size; ++i) {
    if (rest[i] != std::byte{}) return false;
  }
  out.flavor = static_cast<auth::flavor>(xdr::load_big<std::uint32_t>(rest.data()));
  out.body = rest.subspan(auth_head_size, length);
  rest = rest.subspan(size);
  return true;
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

// errc lists both kinds of status in the order of their numbers, which begin with 1.
constexpr std::uint32_t number_in(errc first, errc code) {
  return static_cast<std::uint32_t>(code) - static_cast<std::uint32_t>(first) + 1;
}
constexpr errc code_in(errc first, std::uint32_t number) {
  return static_cast<errc>(static_cast<std::uint32_t>(first) + number - 1);
}
static_assert(number_in(errc::prog_unavail, errc::prog_mismatch) == 2);
static_assert(number_in(errc::prog_unavail, errc::proc_unavail) == 3);
static_assert(number_in(errc::prog_unavail, errc::garbage_args) == 4);
static_assert(number_in(errc::prog_unavail, errc::system_err) == accept_system_err);
static_assert(number_in(errc::auth_bad_cred, errc::auth_rejected_cred) == 2);
static_assert(number_in(errc::auth_bad_cred, errc::auth_bad_verf) == 3);
static_assert(number_in(errc::auth_bad_cred, errc::auth_rejected_verf) == 4);
static_assert(number_in(errc::auth_bad_cred, errc::auth_too_weak) == auth_tooweak);

errc auth_code(std::uint32_t status) {
  return status >= 1 && status <= auth_tooweak ? code_in(errc::auth_bad_cred, status)
                                               : errc::auth_refused;
}

std::uint32_t auth_status(const refusal& why) {
  if (why.code != errc::auth_refused) return number_in(errc::auth_bad_cred, why.code);
  return why.status != 0 ? why.status : auth_failed;
}

std::uint32_t accept_status(const refusal& why) {
  if (why.code >= errc::prog_unavail && why.code <= errc::system_err) {
    return number_in(errc::prog_unavail, why.code);
  }
  if (why.code == errc::unknown_refusal && why.status > accept_system_err) return why.status;
  return accept_system_err;
}

bool is_auth_refusal(errc code) {
  return code >= errc::auth_bad_cred && code <= errc::auth_refused;
}

failure parse_acceptance(xdr::reader& in, const auth::opaque_auth& verifier) {
  const std::uint32_t status = in.get_u32();
  if (status == accept_success) return {};
  failure why;
  if (status > accept_system_err) {
    why.code = errc::unknown_refusal;
    why.status = status;
    return why;
  }
  why.code = code_in(errc::prog_unavail, status);
  if (why.code == errc::prog_mismatch) {
    why.low = in.get_u32();
    why.high = in.get_u32();
  }
  if (why.code == errc::system_err && is_not_run_mark(verifier)) why.code = errc::not_admitted;
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

// Made where the caller wants it: to copy it would cost more than to parse it.
std::expected<call_header, refusal> parsed_call(std::span<const std::byte> message,
                                                const auth::opaque_auth& credential,
                                                std::span<const std::byte> signed_part,
                                                const auth::opaque_auth& verifier,
                                                std::span<const std::byte> arguments) noexcept {
  return std::expected<call_header, refusal>{
      std::in_place,
      xid_of(message),
      interface_id{.program = xdr::load_big<std::uint32_t>(message.data() + 12),
                   .version = xdr::load_big<std::uint32_t>(message.data() + 16)},
      xdr::load_big<std::uint32_t>(message.data() + 20),
      credential,
      verifier,
      arguments,
      signed_part};
}

}  // namespace

std::expected<call_header, refusal> parse_call(std::span<const std::byte> message) noexcept {
  // The version comes first: of the rest of another version's header nothing is known. The type
  // is what the caller has looked at.
  if (message.size() >= 12 && xdr::load_big<std::uint32_t>(message.data() + 8) != rpc_version) {
    return std::unexpected{
        refusal{.code = errc::rpc_mismatch, .low = rpc_version, .high = rpc_version}};
  }
  if (message.size() < call_start_size) return std::unexpected{refusal{errc::auth_bad_cred}};
  std::span<const std::byte> rest = message.subspan(call_start_size);
  // Most callers say nothing of themselves: flavor 0 and no body, twice.
  if (rest.size() >= 16 && (xdr::load_big<std::uint64_t>(rest.data()) |
                            xdr::load_big<std::uint64_t>(rest.data() + 8)) == 0) {
    return parsed_call(message, {.body = rest.subspan(8, 0)}, message.first(call_start_size + 8),
                       {.body = rest.subspan(16, 0)}, rest.subspan(16));
  }
  auth::opaque_auth credential;
  if (!take_auth(rest, credential)) return std::unexpected{refusal{errc::auth_bad_cred}};
  const std::span<const std::byte> signed_part = message.first(message.size() - rest.size());
  auth::opaque_auth verifier;
  if (!take_auth(rest, verifier)) return std::unexpected{refusal{errc::auth_bad_verf}};
  return parsed_call(message, credential, signed_part, verifier, rest);
}

void put_call_header(xdr::byte_buffer& out, std::uint32_t xid, interface_id interface,
                     std::uint32_t procedure, bool anonymous) {
  // Flavor 0 and no body, twice.
  constexpr std::size_t auth_none_size = 16;
  std::byte* const at = out.extend(call_start_size + (anonymous ? auth_none_size : 0));
  if (anonymous) std::memset(at + call_start_size, 0, auth_none_size);
  xdr::store_big(at, xid);
  xdr::store_big(at + 4, static_cast<std::uint32_t>(message_type::call));
  xdr::store_big(at + 8, rpc_version);
  xdr::store_big(at + 12, interface.program);
  xdr::store_big(at + 16, interface.version);
  xdr::store_big(at + 20, procedure);
}

std::expected<reply_header, std::error_code> parse_reply(
    std::span<const std::byte> message) noexcept {
  const auto invalid = std::unexpected{make_error_code(errc::reply_invalid)};
  if (message.size() < reply_start_size) return invalid;
  const auto reply_stat = xdr::load_big<std::uint32_t>(message.data() + 8);
  std::span<const std::byte> rest = message.subspan(reply_start_size);
  auth::opaque_auth verifier;
  // Only an acceptance has a verifier (RFC 5531 §9).
  if (reply_stat > msg_denied) return invalid;
  if (reply_stat == msg_accepted && !take_auth(rest, verifier)) return invalid;
  xdr::reader in{rest};
  const failure why =
      reply_stat == msg_accepted ? parse_acceptance(in, verifier) : parse_denial(in);
  if (!in.ok()) return invalid;
  const auto result = why ? std::span<const std::byte>{} : in.rest();
  return std::expected<reply_header, std::error_code>{std::in_place, why, verifier, result};
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
  put_auth(w, verifier_for(why, verifier));
  w.put_u32(accept_status(why));
  if (why.code == errc::prog_mismatch) {
    w.put_u32(why.low);
    w.put_u32(why.high);
  }
}

}  // namespace tryst::rpc
