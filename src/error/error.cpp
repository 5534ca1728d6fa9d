#include <tryst/error.hpp>

#include <string>

namespace tryst {
namespace {

// clang-format off: a table, of which each line is a row
constexpr std::string_view text_of(errc e) {
  switch (e) {
    case errc::rpc_mismatch: return "the server speaks another version of RPC";
    case errc::prog_unavail: return "the server does not have this program";
    case errc::prog_mismatch: return "the server has other versions of this program";
    case errc::proc_unavail: return "the server does not have this procedure";
    case errc::garbage_args: return "the server could not decode the arguments";
    case errc::system_err: return "the server failed while it ran the procedure";
    case errc::auth_bad_cred: return "the server found the credential broken";
    case errc::auth_rejected_cred: return "the server rejected the credential";
    case errc::auth_bad_verf: return "the server found the verifier broken";
    case errc::auth_rejected_verf: return "the server rejected the verifier";
    case errc::auth_too_weak: return "the server wants stronger authentication";
    case errc::auth_refused: return "the server refused the credential";
    case errc::unknown_refusal: return "the server refused with a status unknown to us";
    case errc::address_invalid: return "the address cannot be used";
    case errc::connect_failed: return "no connection could be made";
    case errc::connect_timed_out: return "no connection was made in time";
    case errc::timed_out_unsent: return "the deadline passed before the call was sent";
    case errc::cancelled_unsent: return "cancelled before the call was sent";
    case errc::connection_lost_unsent: return "the connection ended before the call was sent";
    case errc::closed: return "the client is closed";
    case errc::too_many_calls: return "too many calls are outstanding";
    case errc::arguments_invalid: return "an argument breaks the interface's bounds";
    case errc::arguments_too_large: return "the call is larger than a record may be";
    case errc::op_closed: return "the operation ended before the call was taken";
    case errc::op_full: return "the operation has no room for one more invocation";
    case errc::not_taken: return "nobody took the call in time";
    case errc::not_admitted: return "the server had no room for the call and did not run it";
    case errc::timed_out: return "no reply came before the deadline";
    case errc::cancelled: return "cancelled after the call was sent";
    case errc::connection_lost: return "the connection ended before the reply came";
    case errc::reply_invalid: return "the reply cannot be decoded";
    case errc::result_invalid: return "the result cannot be decoded";
    case errc::reply_unverified: return "the reply does not prove who sent it";
    case errc::call_abandoned: return "the caller left while its call was serviced";
    case errc::broken_call: return "the call was taken and dropped without an answer";
    case errc::truncated: return "the bytes end before the value does";
    case errc::trailing_bytes: return "bytes are left over after the value";
    case errc::bound_exceeded: return "a length is larger than its bound";
    case errc::bool_invalid: return "a bool is neither 0 nor 1";
    case errc::enum_invalid: return "a number is not in its enum";
    case errc::union_invalid: return "a discriminant selects no arm of its union";
    case errc::padding_invalid: return "padding is not zero";
    case errc::range_invalid: return "a number does not fit its type";
    case errc::too_deep: return "the value is nested too deeply";
    case errc::budget_exceeded: return "the value would need more memory than its message may take";
    case errc::record_too_large: return "the record is larger than the limit";
    case errc::record_fragmented: return "the record has more fragments than the limit";
    case errc::message_invalid: return "the message's header cannot be decoded";
  }
  return "unknown tryst error";
}
// clang-format on

// The std::errc that says the same, or none: a time-out before and after sending are both
// time-outs.
constexpr std::errc standard_code(errc e) {
  switch (e) {
    case errc::connect_timed_out:
    case errc::timed_out_unsent:
    case errc::not_taken:
    case errc::timed_out:
      return std::errc::timed_out;
    case errc::cancelled_unsent:
    case errc::cancelled:
      return std::errc::operation_canceled;
    case errc::connect_failed:
      return std::errc::connection_refused;
    case errc::connection_lost_unsent:
    case errc::connection_lost:
      return std::errc::connection_reset;
    case errc::arguments_too_large:
    case errc::record_too_large:
      return std::errc::message_size;
    case errc::op_full:
    case errc::not_admitted:
      return std::errc::resource_unavailable_try_again;
    default:
      return std::errc{};
  }
}

class error_category_type final : public std::error_category {
public:
  const char* name() const noexcept override { return "tryst"; }

  std::string message(int code) const override {
    return std::string(text_of(static_cast<errc>(code)));
  }

  bool equivalent(int code, const std::error_condition& condition) const noexcept override {
    const auto e = static_cast<errc>(code);
    if (condition.category() == outcome_category()) {
      return condition.value() == static_cast<int>(outcome_of(e));
    }
    if (condition.category() == std::generic_category()) {
      const auto standard = standard_code(e);
      return standard != std::errc{} && condition.value() == static_cast<int>(standard);
    }
    return condition == default_error_condition(code);
  }
};

class outcome_category_type final : public std::error_category {
public:
  const char* name() const noexcept override { return "tryst.outcome"; }

  std::string message(int value) const override {
    switch (static_cast<outcome>(value)) {
      case outcome::refused:
        return "refused";
      case outcome::not_executed:
        return "not executed";
      case outcome::unknown:
        return "unknown whether it was executed";
    }
    return "unknown outcome";
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const error_category_type category;
  return category;
}

const std::error_category& outcome_category() noexcept {
  static const outcome_category_type category;
  return category;
}

}  // namespace tryst
