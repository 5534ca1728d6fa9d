// What a binder knows: which program and version is reached over which transport at which address,
// and who said so. No I/O, no clock, no locks: requests in, answers out.
//
// Path: binder.hpp → here
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tryst/rpc/program.hpp>
#include <tuple>
#include <vector>

namespace tryst::binder {

/// The owner who may withdraw everybody's entries.
inline constexpr std::string_view superuser = "superuser";
/// The owner of entries that came over a transport that knows nobody.
inline constexpr std::string_view unknown_owner = "unknown";

/// One registered address: a value.
struct entry {
  rpc::interface_id interface;
  std::string netid;    ///< a name of RFC 5665; see netid.hpp
  std::string address;  ///< universal, as it was registered
  std::string owner;    ///< superuser, the number of a uid, or unknown

  auto operator<=>(const entry&) const = default;
};

/// What can be registered at all; more is answered FALSE.
struct registry_limits {
  std::size_t entries = 4096;
  /// Of one owner who is not the superuser, so that no user can use all of them up.
  std::size_t entries_of_owner = 1024;
  std::size_t netid_bytes = 32;
  std::size_t address_bytes = 128;
};

/// See the head of this file. Entries are in the order of program, version and transport.
class registry {
public:
  using key = std::tuple<std::uint32_t, std::uint32_t, std::string>;
  using entries_by_key = std::map<key, entry, std::less<>>;

  explicit registry(registry_limits limits = {}) : limits_{limits} {}

  /// Adds an entry. False when the program and version has another address on that transport, when
  /// a limit is reached, or the address is none. What is there already, to the letter, is true,
  /// whoever asks.
  bool set(entry fresh);

  /// Removes an entry, or, without a netid, those of all transports. False when `who` owns not all
  /// of them, and is not the superuser: then none was removed. What was not there is true.
  bool unset(rpc::interface_id interface, std::string_view netid, std::string_view who);

  /// The entry of just this version; null if there is none.
  const entry* find(rpc::interface_id interface, std::string_view netid) const;

  /// As find(), and else the highest version that there is: its server says which ones it has
  /// (pitfall 66).
  const entry* find_any_version(rpc::interface_id interface, std::string_view netid) const;

  /// Everything of one version, over all transports.
  std::vector<const entry*> find_all(rpc::interface_id interface) const;

  /// Removes an entry whose server is known to be gone. False if it is not there.
  bool remove(rpc::interface_id interface, std::string_view netid);

  const entries_by_key& entries() const noexcept { return entries_; }
  /// Grows with every change.
  std::uint64_t changes() const noexcept { return changes_; }

private:
  static key key_of(rpc::interface_id interface, std::string_view netid);
  bool is_acceptable(const entry& fresh) const;
  entries_by_key::iterator erase(entries_by_key::iterator at);

  registry_limits limits_;
  entries_by_key entries_;
  std::map<std::string, std::size_t, std::less<>> of_owner_;
  std::uint64_t changes_ = 0;
};

}  // namespace tryst::binder
