#include "access.hpp"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

namespace nfsd {
namespace {

// The system call itself: glibc's setgroups() would change every thread of the process.
bool set_thread_groups(const std::vector<gid_t>& groups) {
  return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
}

// setfsuid and setfsgid report no failure; asked again with an impossible id, they say what holds.
bool set_file_uid(uid_t uid) {
  ::setfsuid(uid);
  return static_cast<uid_t>(::setfsuid(static_cast<uid_t>(-1))) == uid;
}
bool set_file_gid(gid_t gid) {
  ::setfsgid(gid);
  return static_cast<gid_t>(::setfsgid(static_cast<gid_t>(-1))) == gid;
}

}  // namespace

bool caller::is_in(gid_t group) const {
  return gid == group || std::ranges::find(groups, group) != groups.end();
}

caller identity_rules::of(uid_t uid, gid_t gid, std::vector<gid_t> groups) const {
  if (root_squash) {
    if (uid == 0) return anonymous();
    if (gid == 0) gid = anonymous_gid;
    std::ranges::replace(groups, gid_t{0}, anonymous_gid);
  }
  return {uid, gid, std::move(groups)};
}

bool permitted(const file_status& file, const caller& who, unsigned wanted) {
  if (who.is_superuser()) {
    // Even root executes only what somebody may execute.
    const bool executable = S_ISDIR(file.stx_mode) || (file.stx_mode & 0111) != 0;
    return (wanted & may_execute) == 0 || executable;
  }
  unsigned granted = file.stx_mode & 7;
  if (owns(file, who)) {
    granted = file.stx_mode >> 6 & 7;
  } else if (who.is_in(file.stx_gid)) {
    granted = file.stx_mode >> 3 & 7;
  }
  return (wanted & ~granted) == 0;
}

bool owns(const file_status& file, const caller& who) { return file.stx_uid == who.uid; }

bool may_remove(const file_status& directory, const file_status& file, const caller& who) {
  if (!permitted(directory, who, may_write | may_search)) return false;
  if ((directory.stx_mode & S_ISVTX) == 0 || who.is_superuser()) return true;
  return owns(directory, who) || owns(file, who);
}

bool kernel_permits(int fd, unsigned wanted) {
  return ::faccessat(fd, "", static_cast<int>(wanted), AT_EMPTY_PATH | AT_EACCESS) == 0;
}

bool can_act_as_callers() { return ::geteuid() == 0; }

acting_as::acting_as(const caller& who) {
  if (!can_act_as_callers()) return;
  former_groups_.resize(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  if (::getgroups(static_cast<int>(former_groups_.size()), former_groups_.data()) < 0)
    throw std::system_error{errno, std::generic_category(), "getgroups"};
  if (!set_thread_groups(who.groups))
    throw std::system_error{errno, std::generic_category(), "setgroups"};
  active_ = true;
  if (!set_file_gid(who.gid) || !set_file_uid(who.uid)) {
    restore();
    throw std::system_error{EPERM, std::generic_category(), "setfsuid"};
  }
}

void acting_as::restore() noexcept {
  if (!active_) return;
  active_ = false;
  // A thread that kept its caller's identity would serve the next caller with it.
  if (!set_file_uid(::geteuid()) || !set_file_gid(::getegid()) ||
      !set_thread_groups(former_groups_))
    std::terminate();
}

}  // namespace nfsd
