// What the services of all three versions share: the registry behind a lock, who may change it,
// and what the answers are.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tryst/binder/binder.hpp>
#include <vector>

#include "binder/caller.hpp"
#include "binder/remote_calls.hpp"

namespace tryst::binder {

/// The versions of the binder's program, as places in the statistics (RFC 1833 §2.1,
/// RPCBVERS_STAT).
enum class version : std::uint8_t { two, three, four };

/// A registered address as the caller can use it.
struct reachable {
  std::string address;
  std::string netid;
};

class core {
public:
  explicit core(binder_options options)
      : options_{std::move(options)}, remote_calls_{options_.remote_calls} {}

  caller who(const rpc::peer_identity& peer) const {
    return caller_of(peer, options_.unsafe_loopback_registration);
  }

  /// SET in the caller's name, and UNSET. Throw rpc::refusal, AUTH_TOOWEAK, for callers who may
  /// not (pitfall 70).
  bool set(const caller& by, version of, entry fresh);
  bool unset(const caller& by, version of, rpc::interface_id interface, std::string_view netid);
  /// UNSET of version 2: TCP and UDP over IPv4 alike (RFC 1833 §3.2), and as one.
  bool unset_ports(const caller& by, rpc::interface_id interface);

  /// The address of `interface` over `over` that the caller can reach; empty if there is none. With
  /// `any_version`, that of another version if need be.
  std::string find(const caller& by, version of, rpc::interface_id interface, netid over,
                   std::string_view hint, bool any_version);
  /// The port over `over`, of that version or another one; 0 if there is none (RFC 1833 §3.2).
  std::uint16_t find_port(rpc::interface_id interface, netid over);
  /// The addresses over all transports that the caller's host can speak, for the caller.
  std::vector<reachable> find_all(const caller& by, rpc::interface_id interface);

  std::vector<entry> entries() const;

  /// Passes a call on, if that is allowed, to the server that is registered for just that version,
  /// and tells `done` its result and its universal address, or why there is none.
  void pass_on(const rpc::call_info& call, rpc::interface_id interface, std::uint32_t procedure,
               std::vector<std::byte> arguments, remote_calls::ended done);

  /// Counts a call of a procedure.
  void count(version of, std::uint32_t procedure);
  std::array<version_statistics, 3> statistics() const;

  /// For the program that the binder is part of.
  bool set_own(entry fresh);
  bool unset_own(rpc::interface_id interface, std::string_view netid, std::string_view owner);

private:
  // The owner that the caller's entries have.
  const std::string& demand_owner(const caller& by) const;
  // The entry, unless its server is gone: then it is removed.
  const entry* present(const entry* found);
  // With the lock held, and counted.
  const entry* look_up(version of, rpc::interface_id interface, netid over, bool any_version);
  std::string merge(const entry& found, const caller& by, std::string_view hint) const;
  void count_lookup(version of, rpc::interface_id interface, std::string_view netid, bool found);
  void changed(std::uint64_t before);

  using lookup_key = std::pair<rpc::interface_id, std::string>;
  struct counters {
    std::array<std::uint32_t, version_statistics::procedures> calls{};
    std::uint32_t sets = 0;
    std::uint32_t unsets = 0;
    std::map<lookup_key, std::pair<std::uint32_t, std::uint32_t>> of_program;
  };

  binder_options options_;
  remote_calls remote_calls_;
  mutable std::mutex mutex_;  // guards what follows
  registry registry_{options_.limits};
  std::array<counters, 3> counters_;
};

}  // namespace tryst::binder
