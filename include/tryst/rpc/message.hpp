// The messages of RPC (RFC 5531 §9): headers of calls and replies. Bytes in, values out, and the
// other way round; no I/O. What follows a header, arguments or a result, is passed on as bytes.
//
// Path: client.hpp → here → session;  session → here → dispatcher
#pragma once

#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <system_error>
#include <tryst/auth/flavor.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/rpc/program.hpp>
#include <tryst/xdr/byte_order.hpp>
#include <tryst/xdr/bytes.hpp>

namespace tryst::rpc {

inline constexpr std::uint32_t rpc_version = 2;
/// xid and type: nothing shorter is a message.
inline constexpr std::size_t min_message_size = 8;

enum class message_type : std::uint32_t { call = 0, reply = 1 };

/// The xid of a message. REQUIRES: min_message_size bytes.
inline std::uint32_t xid_of(std::span<const std::byte> message) noexcept {
  return xdr::load_big<std::uint32_t>(message.data());
}
/// The type of a message, or nothing when it is too short or has none of the two.
inline std::optional<message_type> type_of(std::span<const std::byte> message) noexcept {
  if (message.size() < min_message_size) return std::nullopt;
  const auto type = xdr::load_big<std::uint32_t>(message.data() + 4);
  if (type > 1) return std::nullopt;
  return static_cast<message_type>(type);
}

/// A parsed call header; its spans lie in the message.
struct call_header {
  std::uint32_t xid = 0;
  interface_id interface;
  std::uint32_t procedure = 0;
  auth::opaque_auth credential;
  auth::opaque_auth verifier;
  std::span<const std::byte> arguments;
  /// xid to credential, as received: what an integrity check of the header is computed over.
  std::span<const std::byte> signed_part;
};

/// Parses a message whose type is call. A failure is the refusal to answer with: RPC_MISMATCH for
/// another version of RPC, AUTH_BADCRED or AUTH_BADVERF for a header that ends or errs there.
std::expected<call_header, refusal> parse_call(std::span<const std::byte> message) noexcept;

/// Appends a call header. With `anonymous` it is whole: credential and verifier are AUTH_NONE, and
/// the arguments follow. Without, the caller appends the credential next, and a verifier.
void put_call_header(xdr::byte_buffer& out, std::uint32_t xid, interface_id interface,
                     std::uint32_t procedure, bool anonymous = false);

/// A parsed reply header of a call that was accepted or refused; its spans lie in the message.
struct reply_header {
  failure why;                        ///< empty for SUCCESS
  auth::opaque_auth verifier;         ///< none in a denial, which has no verifier
  std::span<const std::byte> result;  ///< only for SUCCESS
};

/// Parses a message whose type is reply; reply_invalid when it cannot be. Status numbers that no
/// RFC names are failures with unknown_refusal or auth_refused, and their number.
std::expected<reply_header, std::error_code> parse_reply(
    std::span<const std::byte> message) noexcept;

/// The header of a reply with SUCCESS and a verifier of AUTH_NONE: the most usual one.
inline constexpr std::size_t plain_success_size = 24;
inline void put_plain_success(std::byte* where, std::uint32_t xid) noexcept {
  // reply, MSG_ACCEPTED, AUTH_NONE, no body, SUCCESS: the type, and zeros behind it.
  std::memset(where, 0, plain_success_size);
  xdr::store_big(where, xid);
  xdr::store_big(where + 4, static_cast<std::uint32_t>(message_type::reply));
}
/// The result of a message whose type is reply, if its header is that one; null bytes for any
/// other, which parse_reply() knows.
inline std::span<const std::byte> plain_result(std::span<const std::byte> message) noexcept {
  if (message.size() < plain_success_size) return {};
  const std::byte* const at = message.data();
  const std::uint64_t all =
      xdr::load_big<std::uint64_t>(at + 8) | xdr::load_big<std::uint64_t>(at + 16);
  return all == 0 ? message.subspan(plain_success_size) : std::span<const std::byte>{};
}

/// Appends the header of a reply with SUCCESS; the result follows.
void put_success(xdr::byte_buffer& out, std::uint32_t xid, const auth::opaque_auth& verifier);

/// Appends a whole reply that refuses (RFC 5531 §9): every errc whose outcome is `refused`; any
/// other is sent as SYSTEM_ERR. A denial carries no verifier. not_admitted is a SYSTEM_ERR whose
/// verifier, if AUTH_NONE's or a shorthand would stand there, says so to parse_reply().
void put_refusal(xdr::byte_buffer& out, std::uint32_t xid, const refusal& why,
                 const auth::opaque_auth& verifier = {});

}  // namespace tryst::rpc
