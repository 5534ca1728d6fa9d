// What is in a file, and its attributes.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <string>
#include <utility>

#include "file_system.hpp"

namespace nfsd {
namespace {

bool fits_file(std::uint64_t offset, std::uint64_t count) {
  return offset <= INT64_MAX && count <= INT64_MAX - offset;
}

bool sets_given_time(const timespec& time) {
  return time.tv_nsec != UTIME_OMIT && time.tv_nsec != UTIME_NOW;
}

}  // namespace

// An NFS client checks the rights when it opens a file, and reads and writes long afterwards. Its
// owner may therefore always do both, and who may execute it may read it (RFC 1813 §4.4).
result<descriptor> file_system::open_content(const node& file, const caller& who,
                                             unsigned wanted) const {
  if (file.is_directory()) return failure(EISDIR);
  if (!file.is_regular()) return failure(EINVAL);
  const bool allowed = owns(file.status, who) || may(file, who, wanted) ||
                       (wanted == may_read && may(file, who, may_execute));
  if (!allowed) return failure(EACCES);
  const int flags = (wanted == may_read ? O_RDONLY : O_WRONLY) | O_CLOEXEC | O_NOCTTY;
  descriptor opened{::open(path_of_open(file).c_str(), flags)};
  if (!opened) return failure(errno);
  return opened;
}

result<std::size_t> file_system::read(const node& file, const caller& who, std::uint64_t offset,
                                      std::span<std::byte> into) const {
  const auto opened = open_content(file, who, may_read);
  if (!opened) return std::unexpected{opened.error()};
  if (!fits_file(offset, into.size())) return 0;
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t count = ::pread(opened->number(), into.data() + done, into.size() - done,
                                  static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

result<std::size_t> file_system::write(const node& file, const caller& who, std::uint64_t offset,
                                       std::span<const std::byte> bytes, durability when) {
  const auto opened = open_content(file, who, may_write);
  if (!opened) return std::unexpected{opened.error()};
  if (!fits_file(offset, bytes.size())) return failure(EFBIG);
  // In the caller's name also here: only then the kernel takes the set-uid bit off a file that
  // somebody other than root writes to.
  const acting_as identity{who};
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::pwrite(opened->number(), bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && done == 0) return failure(errno);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  if (when == durability::data && ::fdatasync(opened->number()) != 0) return failure(errno);
  if (when == durability::file && ::fsync(opened->number()) != 0) return failure(errno);
  return done;
}

result<void> file_system::commit(const node& file, const caller& who) {
  const auto opened = open_content(file, who, may_write);
  if (!opened) return std::unexpected{opened.error()};
  if (::fsync(opened->number()) != 0) return failure(errno);
  return {};
}

result<std::string> file_system::read_link(const node& link) const {
  if (!S_ISLNK(link.status.stx_mode)) return failure(EINVAL);
  std::array<char, PATH_MAX> target;
  const ssize_t size = ::readlinkat(link.file.number(), "", target.data(), target.size());
  if (size < 0) return failure(errno);
  return std::string{target.data(), static_cast<std::size_t>(size)};
}

result<void> file_system::change(const node& file, const caller& who,
                                 const attribute_changes& changes) {
  if (auto judged = judge(file, who, changes); !judged) return judged;
  if (auto applied = apply(file, who, changes); !applied) return applied;
  return sync(file);
}

// All of it is judged before any of it is done.
result<void> file_system::judge(const node& file, const caller& who,
                                const attribute_changes& changes) const {
  const bool owner = owns(file.status, who) || who.is_superuser();
  if (changes.mode && (!owner || S_ISLNK(file.status.stx_mode)))
    return failure(owner ? EINVAL : EPERM);
  if (changes.uid && *changes.uid != file.status.stx_uid && !who.is_superuser())
    return failure(EPERM);
  if (changes.gid && !who.is_superuser() && (!owner || !who.is_in(*changes.gid)))
    return failure(EPERM);
  const bool writer = owner || may(file, who, may_write);
  if (changes.size) {
    if (file.is_directory()) return failure(EISDIR);
    if (!file.is_regular()) return failure(EINVAL);
    if (!fits_file(*changes.size, 0)) return failure(EFBIG);
    if (!writer) return failure(EACCES);
  }
  if ((sets_given_time(changes.atime) || sets_given_time(changes.mtime)) && !owner)
    return failure(EPERM);
  if ((changes.atime.tv_nsec == UTIME_NOW || changes.mtime.tv_nsec == UTIME_NOW) && !writer)
    return failure(EACCES);
  return {};
}

result<void> file_system::apply(const node& file, const caller& who,
                                const attribute_changes& changes) const {
  descriptor content;
  if (changes.size) {
    content = descriptor{::open(path_of_open(file).c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)};
    if (!content) return failure(errno);
  }
  const int fd = file.file.number();
  const acting_as identity{who};
  if (changes.size && ::ftruncate(content.number(), static_cast<off_t>(*changes.size)) != 0)
    return failure(errno);
  if (changes.uid || changes.gid) {
    const uid_t uid = changes.uid.value_or(static_cast<uid_t>(-1));
    const gid_t gid = changes.gid.value_or(static_cast<gid_t>(-1));
    if (::fchownat(fd, "", uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0)
      return failure(errno);
  }
  // After the owner, for a new owner takes the set-uid bit off.
  if (changes.mode) {
    mode_t mode = *changes.mode & 07777;
    if (!who.is_superuser() && !who.is_in(changes.gid.value_or(file.status.stx_gid)) &&
        file.is_regular())
      mode &= ~static_cast<mode_t>(S_ISGID);
    if (::chmod(path_of_open(file).c_str(), mode) != 0) return failure(errno);
  }
  if (changes.atime.tv_nsec != UTIME_OMIT || changes.mtime.tv_nsec != UTIME_OMIT) {
    const std::array<timespec, 2> times{changes.atime, changes.mtime};
    if (::utimensat(fd, "", times.data(), AT_EMPTY_PATH) != 0) return failure(errno);
  }
  return {};
}

// RFC 1813 §4.7: a change is on stable storage when its reply is sent.
result<void> file_system::sync(const node& file) const {
  if (!file.is_regular() && !file.is_directory()) return {};
  const descriptor opened{::open(path_of_open(file).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  // A server without root's rights cannot open, and so not sync, what its user may not read.
  if (!opened) return errno == EACCES ? result<void>{} : failure(errno);
  if (::fsync(opened.number()) != 0) return failure(errno);
  return {};
}

}  // namespace nfsd
