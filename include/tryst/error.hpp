// The one enum of errors of both towers, and its three conditions.
//
// Every failed call ends in exactly one condition, by who said it: `refused` (a reply said so),
// `not_executed` (the call was never handed to the kernel, or the server says that it ran nothing:
// safe to repeat), or `unknown` (everything else: it may have run).
#pragma once

#include <cstdint>
#include <string_view>
#include <system_error>

namespace tryst {

/// What went wrong. The comment behind each group is its condition.
enum class errc : std::uint8_t {
  // refused: the server's reply said so (RFC 5531 §9).
  rpc_mismatch = 1,    ///< MSG_DENIED, RPC_MISMATCH: the server speaks other versions of RPC
  prog_unavail,        ///< the server does not have the program
  prog_mismatch,       ///< the server has the program, in other versions
  proc_unavail,        ///< the version has no such procedure
  garbage_args,        ///< the server could not decode the arguments
  system_err,          ///< the handler failed
  auth_bad_cred,       ///< AUTH_BADCRED: bad credential, seal broken
  auth_rejected_cred,  ///< AUTH_REJECTEDCRED: the client must begin a new session
  auth_bad_verf,       ///< AUTH_BADVERF: bad verifier, seal broken
  auth_rejected_verf,  ///< AUTH_REJECTEDVERF: the verifier expired or was replayed
  auth_too_weak,       ///< AUTH_TOOWEAK: refused for security reasons
  auth_refused,        ///< any other auth_stat; the number is in the failure's detail
  unknown_refusal,     ///< a status that no RFC names; the number is in the failure's detail

  // not_executed: nothing of the call was handed to the kernel, or not_admitted; safe to repeat.
  address_invalid,         ///< the address cannot be parsed or resolved
  connect_failed,          ///< no connection could be made
  connect_timed_out,       ///< no connection within call_options.deadline or connect_timeout
  timed_out_unsent,        ///< the deadline passed while the call waited to be sent
  cancelled_unsent,        ///< cancelled while the call waited to be sent
  connection_lost_unsent,  ///< the connection ended before the call was handed to the kernel
  closed,                  ///< the client, or its loop, was closed before the call began
  too_many_calls,          ///< a limit on outstanding calls or queued bytes was reached
  arguments_invalid,       ///< an argument breaks a bound, an enum or a union of the .x
  arguments_too_large,     ///< the encoded call is larger than the record limit
  op_closed,               ///< the operation ended before the call was taken
  op_full,                 ///< so many invocations are queued as the operation allows
  not_taken,               ///< nobody took the call while its caller was willing to wait
  not_admitted,            ///< the server says that it had no room for the call and did not run it

  // unknown: the call may have run.
  timed_out,         ///< sent, and no reply before the deadline
  cancelled,         ///< cancelled after it was sent
  connection_lost,   ///< the connection ended after it was sent
  reply_invalid,     ///< the reply's header cannot be decoded
  result_invalid,    ///< the server succeeded, but its result cannot be decoded
  reply_unverified,  ///< the reply's verifier does not prove the server (RFC 5531 §9)
  call_abandoned,    ///< taken, and left by its caller, as the operation allows
  broken_call,       ///< taken, and the duty to reply was dropped unanswered

  // unknown, when a peer's bytes are decoded: why they were turned down (RFC 4506).
  truncated,          ///< the bytes end before the value does
  trailing_bytes,     ///< the value ends before the bytes do
  bound_exceeded,     ///< a length is larger than the .x allows
  bool_invalid,       ///< a bool that is neither 0 nor 1 (RFC 4506 §4.4)
  enum_invalid,       ///< a number that the enum does not declare (RFC 4506 §4.3)
  union_invalid,      ///< a discriminant that selects no arm (RFC 4506 §4.15)
  padding_invalid,    ///< padding that is not zero (RFC 4506 §3)
  range_invalid,      ///< a number that the member's type cannot hold (char, short)
  too_deep,           ///< nested deeper than the decoder allows
  budget_exceeded,    ///< would allocate more than the message's budget
  record_too_large,   ///< a record larger than the limit (RFC 5531 §11)
  record_fragmented,  ///< a record in more fragments than the limit
  message_invalid,    ///< the message's header cannot be decoded (RFC 5531 §9)
};

/// Who said it, and may the call be repeated? Compare an error_code with one of these.
enum class outcome : std::uint8_t {
  refused = 1,   ///< the server said no: the procedure did not return a result
  not_executed,  ///< never handed to the kernel, or never admitted: safe to repeat
  unknown,       ///< anything else: the call may have run
};

/// The condition that `e` belongs to; each errc has exactly one.
constexpr outcome outcome_of(errc e) noexcept {
  if (e <= errc::unknown_refusal) return outcome::refused;
  if (e <= errc::not_admitted) return outcome::not_executed;
  return outcome::unknown;
}

/// The category of errc. Its codes also equal std::errc::timed_out, operation_canceled,
/// connection_refused, connection_reset, message_size and resource_unavailable_try_again where the
/// meaning is the same.
const std::error_category& error_category() noexcept;
/// The category of outcome, for comparisons only.
const std::error_category& outcome_category() noexcept;

inline std::error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), error_category()};
}
inline std::error_condition make_error_condition(outcome o) noexcept {
  return {static_cast<int>(o), outcome_category()};
}

/// The exception form of a failed call.
class call_error : public std::system_error {
public:
  using std::system_error::system_error;
};

}  // namespace tryst

template <>
struct std::is_error_code_enum<tryst::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<tryst::outcome> : std::true_type {};
