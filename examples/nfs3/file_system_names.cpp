// Names in directories: made, moved and removed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "file_system.hpp"

namespace nfsd {
namespace {

bool is_dot_or_dot_dot(std::string_view name) { return name == "." || name == ".."; }

// The last link to the file is gone, and with it the file.
bool was_last_link(const node& file) { return file.is_directory() || file.status.stx_nlink <= 1; }

}  // namespace

// RFC 1813 §3.2: EACCES for the empty name and for what the server cannot handle.
result<void> check_name(std::string_view name) {
  if (name.empty() || name.find('/') != name.npos || name.find('\0') != name.npos)
    return failure(EACCES);
  return {};
}

result<void> file_system::may_add(const node& directory, std::string_view name,
                                  const caller& who) const {
  if (!directory.is_directory()) return failure(ENOTDIR);
  if (auto checked = check_name(name); !checked) return checked;
  if (is_dot_or_dot_dot(name)) return failure(EEXIST);
  if (!permitted(directory.status, who, may_write | may_search)) return failure(EACCES);
  return {};
}

// The mode with which a file is made. One that the server cannot give to its caller stays the
// server's own, and must not run with the server's rights.
mode_t file_system::initial_mode(const attribute_changes& initial, mode_t otherwise,
                                 const caller& who) const {
  const mode_t mode = initial.mode.value_or(otherwise) & 07777;
  const bool becomes_callers = can_act_as_callers() || who.uid == ::geteuid();
  return becomes_callers ? mode : mode & ~static_cast<mode_t>(S_ISUID | S_ISGID);
}

result<node> file_system::finish_making(const node& directory, std::string_view name,
                                        const caller& who, const attribute_changes& initial) {
  auto made = open_beneath(directory.file.number(), std::string{name});
  if (!made) return made;
  remember(made->status, directory.status, name);
  attribute_changes rest = initial;
  rest.mode.reset();
  // Files are born with their caller as owner, and nobody but root gives files away.
  if (!who.is_superuser()) {
    rest.uid.reset();
    rest.gid.reset();
  }
  if (!made->is_regular()) rest.size.reset();
  if (auto applied = apply(*made, who, rest); !applied) return std::unexpected{applied.error()};
  if (auto synced = sync(directory); !synced) return std::unexpected{synced.error()};
  auto status = status_of(*made);
  if (!status) return std::unexpected{status.error()};
  made->status = *status;
  return made;
}

result<node> file_system::make_file(const node& directory, std::string_view name, const caller& who,
                                    const attribute_changes& initial) {
  if (auto may = may_add(directory, name, who); !may) return std::unexpected{may.error()};
  {
    const acting_as identity{who};
    const descriptor made{::openat(directory.file.number(), std::string{name}.c_str(),
                                   O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC,
                                   initial_mode(initial, 0644, who))};
    if (!made) return failure(errno);
  }
  return finish_making(directory, name, who, initial);
}

result<node> file_system::make_directory(const node& directory, std::string_view name,
                                         const caller& who, const attribute_changes& initial) {
  if (auto may = may_add(directory, name, who); !may) return std::unexpected{may.error()};
  {
    const acting_as identity{who};
    if (::mkdirat(directory.file.number(), std::string{name}.c_str(),
                  initial_mode(initial, 0755, who)) != 0)
      return failure(errno);
  }
  return finish_making(directory, name, who, initial);
}

result<node> file_system::make_symlink(const node& directory, std::string_view name,
                                       const caller& who, const std::string& target,
                                       const attribute_changes& initial) {
  if (auto may = may_add(directory, name, who); !may) return std::unexpected{may.error()};
  if (target.empty() || target.find('\0') != target.npos) return failure(EINVAL);
  {
    const acting_as identity{who};
    if (::symlinkat(target.c_str(), directory.file.number(), std::string{name}.c_str()) != 0)
      return failure(errno);
  }
  return finish_making(directory, name, who, initial);
}

result<node> file_system::make_special(const node& directory, std::string_view name,
                                       const caller& who, const special_file& what,
                                       const attribute_changes& initial) {
  if (auto may = may_add(directory, name, who); !may) return std::unexpected{may.error()};
  // A device is a door into the kernel: whoever makes one must be root on this machine.
  if ((S_ISCHR(what.type) || S_ISBLK(what.type)) && !who.is_superuser()) return failure(EPERM);
  {
    const acting_as identity{who};
    if (::mknodat(directory.file.number(), std::string{name}.c_str(),
                  what.type | initial_mode(initial, 0644, who), what.device) != 0)
      return failure(errno);
  }
  return finish_making(directory, name, who, initial);
}

result<void> file_system::link(const node& file, const node& directory, std::string_view name,
                               const caller& who) {
  if (auto may = may_add(directory, name, who); !may) return may;
  if (file.is_directory()) return failure(EPERM);
  {
    const acting_as identity{who};
    // The kernel's link to the open file is followed, never a symbolic link of the export.
    if (::linkat(AT_FDCWD, path_of_open(file).c_str(), directory.file.number(),
                 std::string{name}.c_str(), AT_SYMLINK_FOLLOW) != 0)
      return failure(errno);
  }
  remember(file.status, directory.status, name);
  return sync(directory);
}

result<void> file_system::remove(const node& directory, std::string_view name, const caller& who) {
  return remove_entry(directory, name, who, 0);
}

result<void> file_system::remove_directory(const node& directory, std::string_view name,
                                           const caller& who) {
  // RFC 1813 §3.3.13 gives the two names errors of their own.
  if (name == ".") return failure(EINVAL);
  if (name == "..") return failure(EEXIST);
  return remove_entry(directory, name, who, AT_REMOVEDIR);
}

result<void> file_system::remove_entry(const node& directory, std::string_view name,
                                       const caller& who, int flags) {
  if (auto may = may_add(directory, name, who); !may) return may;
  const std::string entry{name};
  const auto victim = open_beneath(directory.file.number(), entry);
  if (!victim) return std::unexpected{victim.error()};
  if (!may_remove(directory.status, victim->status, who)) return failure(EPERM);
  {
    const acting_as identity{who};
    if (::unlinkat(directory.file.number(), entry.c_str(), flags) != 0) return failure(errno);
  }
  index_.forget(victim->status.stx_ino, directory.status.stx_ino, name);
  if (was_last_link(*victim)) mark_gone(victim->identity());
  return sync(directory);
}

result<void> file_system::rename(const node& from_directory, std::string_view from,
                                 const node& to_directory, std::string_view to, const caller& who) {
  if (is_dot_or_dot_dot(from) || is_dot_or_dot_dot(to)) return failure(EINVAL);
  if (auto may = may_add(from_directory, from, who); !may) return may;
  if (auto may = may_add(to_directory, to, who); !may) return may;
  const std::string old_name{from};
  const std::string new_name{to};
  const auto moved = open_beneath(from_directory.file.number(), old_name);
  if (!moved) return std::unexpected{moved.error()};
  if (!may_remove(from_directory.status, moved->status, who)) return failure(EPERM);
  const bool same_directory = from_directory.status.stx_ino == to_directory.status.stx_ino;
  // A directory that gets another parent is itself written to: its ".." changes.
  if (moved->is_directory() && !same_directory && !permitted(moved->status, who, may_write))
    return failure(EACCES);
  const auto replaced = open_beneath(to_directory.file.number(), new_name);
  if (!replaced && replaced.error().value() != ENOENT) return std::unexpected{replaced.error()};
  if (replaced && replaced->identity() == moved->identity()) return {};
  if (replaced && !may_remove(to_directory.status, replaced->status, who)) return failure(EPERM);
  {
    const acting_as identity{who};
    if (::renameat(from_directory.file.number(), old_name.c_str(), to_directory.file.number(),
                   new_name.c_str()) != 0)
      return failure(errno);
  }
  if (replaced) {
    index_.forget(replaced->status.stx_ino, to_directory.status.stx_ino, to);
    if (was_last_link(*replaced)) mark_gone(replaced->identity());
  }
  index_.forget(moved->status.stx_ino, from_directory.status.stx_ino, from);
  remember(moved->status, to_directory.status, to);
  if (auto synced = sync(to_directory); !synced) return synced;
  return same_directory ? result<void>{} : sync(from_directory);
}

}  // namespace nfsd
