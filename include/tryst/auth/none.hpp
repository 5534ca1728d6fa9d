// AUTH_NONE (RFC 5531 §10.1): the caller says nothing of itself.
#pragma once

#include <tryst/auth/authenticator.hpp>

namespace tryst::auth {

/// Has no state: any number of clients may share one.
class none final : public authenticator {
public:
  void put(xdr::byte_buffer& out, std::size_t header) override;
  std::error_code check(std::uint32_t xid, const opaque_auth& verifier,
                        std::span<const std::byte>& result) override;
  bool refresh(std::uint32_t auth_stat) override;
};

}  // namespace tryst::auth
