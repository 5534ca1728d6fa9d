// Who a call comes from, as far as its credential was believed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <tryst/auth/flavor.hpp>

namespace tryst::auth {

/// A value, except that machine_name() lies in the call's message. Only sys identities have a uid,
/// and what they say is a claim.
class identity {
public:
  /// The uid and gid of an identity that has none.
  static constexpr std::uint32_t nobody = 65534;

  identity() noexcept {}  // not `= default`: the groups need no zeros

  /// Which protocol vouches for it; none: anybody.
  auth::flavor flavor() const noexcept { return flavor_; }
  bool anonymous() const noexcept { return flavor_ == auth::flavor::none; }
  std::uint32_t uid() const noexcept { return uid_; }
  std::uint32_t gid() const noexcept { return gid_; }
  /// The supplementary groups.
  std::span<const std::uint32_t> gids() const noexcept { return {gids_.data(), gid_count_}; }
  bool in_group(std::uint32_t group) const noexcept {
    return gid_ == group || std::ranges::find(gids(), group) != gids().end();
  }
  /// The name that the caller's host gives itself; valid while the call lives.
  std::string_view machine_name() const noexcept { return machine_name_; }
  /// The same, without machine_name(): it may outlive the call.
  identity without_machine_name() const noexcept {
    identity same{*this};
    same.machine_name_ = {};
    return same;
  }

private:
  friend class sys_verifier;

  auth::flavor flavor_ = auth::flavor::none;
  std::uint32_t uid_ = nobody;
  std::uint32_t gid_ = nobody;
  std::uint32_t gid_count_ = 0;
  std::array<std::uint32_t, 16> gids_;
  std::string_view machine_name_;
};

}  // namespace tryst::auth
