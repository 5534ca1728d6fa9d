// What proves a caller's identity in its calls, and checks who replied. One flavor is one class:
// none, sys (with its shorthand); RPCSEC_GSS, AUTH_DH and TLS fit in here too.
#pragma once

#include <cstdint>
#include <system_error>
#include <tryst/auth/flavor.hpp>
#include <tryst/xdr/bytes.hpp>

namespace tryst::auth {

/// Used by clients of one loop, on that loop. Must outlive their calls.
class authenticator {
public:
  authenticator(const authenticator&) = delete;
  authenticator& operator=(const authenticator&) = delete;
  virtual ~authenticator() = default;

  /// Appends credential and verifier. The call's header, from its xid, begins at `header` in
  /// `out`: a verifier may be computed over those bytes and the credential's.
  virtual void put(xdr::byte_buffer& out, std::size_t header) = 0;

  /// Turns the encoded arguments, which begin at `arguments` in `out`, into what is sent.
  virtual void protect(xdr::byte_buffer& /*out*/, std::size_t /*arguments*/) {}

  /// Checks the verifier of an accepted reply to the call `xid`, and turns `result` into the
  /// result's encoding. An error: the reply does not come from whom we called.
  virtual std::error_code check(std::uint32_t xid, const opaque_auth& verifier,
                                std::span<const std::byte>& result) = 0;

  /// The server refused the credential with this auth_stat (RFC 5531 §9). True: put() makes a
  /// better one now, and the call is worth one repetition.
  virtual bool refresh(std::uint32_t auth_stat) = 0;

protected:
  authenticator() = default;
};

}  // namespace tryst::auth
