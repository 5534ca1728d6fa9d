// AUTH_SYS and AUTH_SHORT (RFC 5531 §8.2 and Appendix A): the caller claims a UNIX identity. It
// proves nothing: whoever can send a packet can claim any uid.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <system_error>
#include <tryst/auth/authenticator.hpp>
#include <tryst/xdr/bytes.hpp>
#include <vector>

namespace tryst::auth {

inline constexpr std::size_t max_machine_name = 255;
inline constexpr std::size_t max_gids = 16;

/// What an AUTH_SYS credential says: a value.
struct sys_credential {
  std::uint32_t stamp = 0;  ///< arbitrary; usually the time at which the credential was made
  std::string machine_name;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> gids;  ///< supplementary groups

  /// The identity of this process: its effective uid and gid, its first 16 groups, the host's name.
  static sys_credential of_this_process();
};

/// AUTH_SYS at a client. Takes up a shorthand when the server offers one, and falls back on the
/// full credential when the server has forgotten it.
class sys final : public authenticator {
public:
  /// Throws std::system_error with errc::arguments_invalid when the credential breaks a limit of
  /// RFC 5531 Appendix A: truncating a list of groups would claim another identity in silence.
  explicit sys(const sys_credential& who);

  void put(xdr::byte_buffer& out, std::size_t header) override;
  std::error_code check(std::uint32_t xid, const opaque_auth& verifier,
                        std::span<const std::byte>& result) override;
  bool refresh(std::uint32_t auth_stat) override;

private:
  xdr::byte_buffer full_;       // flavor, length and body, and a verifier of AUTH_NONE
  xdr::byte_buffer shorthand_;  // the same with flavor AUTH_SHORT; empty while there is none
  bool was_offered_ = false;    // calls with a shorthand may be under way
};

}  // namespace tryst::auth
