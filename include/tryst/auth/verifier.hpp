// What a server believes: one verifier a flavor judges credential and verifier of a call, over the
// bytes that were received, never over bytes encoded anew.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tryst/auth/flavor.hpp>
#include <tryst/auth/identity.hpp>
#include <tryst/error.hpp>

namespace tryst::auth {

/// What a verifier sees of a call. The spans lie in its message.
struct evidence {
  std::uint32_t procedure = 0;
  opaque_auth credential;
  opaque_auth verifier;
  std::span<const std::byte> signed_part;  ///< the message from its xid to its credential
  std::span<const std::byte> arguments;
  std::string_view peer;  ///< the transport's name for the peer's host; for binding shorthands
};

/// What a verifier decides.
struct verdict {
  enum class kind : std::uint8_t {
    accepted,  ///< the call is dispatched
    refused,   ///< AUTH_ERROR with `why`
    dropped,   ///< no answer at all (RFC 2203 §5.3.3.1: a replayed call)
    answered   ///< the flavor's own procedure: `arguments` is the result to send
  };
  kind is = kind::accepted;
  errc why = errc::auth_rejected_cred;     ///< an auth_ value
  std::uint32_t status = 0;                ///< the auth_stat, for why == auth_refused
  opaque_auth reply{};                     ///< the reply's verifier; valid until the next judgement
  std::span<const std::byte> arguments{};  ///< in the clear

  static verdict refuse(errc why) { return {.is = kind::refused, .why = why}; }
};

/// Judges the calls of one flavor. Used by every loop of a server at once: it guards its own state.
class verifier {
public:
  verifier(const verifier&) = delete;
  verifier& operator=(const verifier&) = delete;
  virtual ~verifier() = default;

  virtual bool judges(flavor f) const noexcept = 0;
  /// Fills `who` when it accepts.
  virtual verdict judge(const evidence& call, identity& who) = 0;

protected:
  verifier() = default;
};

}  // namespace tryst::auth
