// Authentication flavors (RFC 5531 §8.2 and §13.4): numbers, and the field that carries them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tryst::auth {

/// The number of an authentication protocol. Open-ended: any number may come from a peer.
enum class flavor : std::uint32_t {
  none = 0,
  sys = 1,
  shorthand = 2,  ///< AUTH_SHORT
  dh = 3,
  rpcsec_gss = 6,
  tls = 7,
};

/// Numbers that name a way of using RPCSEC_GSS in negotiations; no credential may carry one
/// (RFC 5531 §13.4.2).
constexpr bool is_pseudo_flavor(flavor f) noexcept {
  const auto number = static_cast<std::uint32_t>(f);
  return number >= 390000 && number <= 390255;
}

/// A credential's or a verifier's body has at most this many bytes (RFC 5531 §8.2).
inline constexpr std::size_t max_body = 400;

/// A credential or a verifier as it stands in a message.
struct opaque_auth {
  auth::flavor flavor = auth::flavor::none;
  std::span<const std::byte> body;  ///< without its padding
};

}  // namespace tryst::auth
