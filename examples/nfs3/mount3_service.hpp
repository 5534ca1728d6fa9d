// MOUNT version 3 (RFC 1813 appendix I): which directories there are, and the handle of one.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <utility>

#include <tryst/rpc/call_info.hpp>

#include "export_list.hpp"
#include "mount3.hpp"

namespace nfsd {

/// Who has mounted what, as far as clients say: nothing depends on it (RFC 1813 §5.2.2). Any thread
/// may call. Forgotten at a restart; holds at most `max_mounts`.
class mount_table {
public:
  static constexpr std::size_t max_mounts = 500;

  void add(const std::string& host, const std::string& directory);
  void remove(const std::string& host, const std::string& directory);
  void remove_all(const std::string& host);
  /// Pairs of host and directory.
  std::set<std::pair<std::string, std::string>> all() const;

private:
  mutable std::mutex mutex_;
  std::set<std::pair<std::string, std::string>> mounts_;
};

/// Serves `exports` and keeps `mounts`, which outlive it. Any number of calls may run at once.
class mount3_service {
public:
  using call_info = tryst::rpc::call_info;

  mount3_service(export_list& exports, mount_table& mounts) : exports_{exports}, mounts_{mounts} {}

  void MOUNTPROC3_NULL() {}
  mount3::mountres3 MOUNTPROC3_MNT(const call_info& call, mount3::dirpath path);
  mount3::mountlist MOUNTPROC3_DUMP();
  void MOUNTPROC3_UMNT(const call_info& call, mount3::dirpath path);
  void MOUNTPROC3_UMNTALL(const call_info& call);
  mount3::exports MOUNTPROC3_EXPORT();

private:
  export_list& exports_;
  mount_table& mounts_;
};

}  // namespace nfsd
