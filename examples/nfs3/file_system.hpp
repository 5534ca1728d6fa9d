// An exported directory: files found by identity or by name, read and changed for a caller.
//
// Nothing here leaves the directory: a name is one component, symbolic links are never followed,
// other mounts are not entered, and every path is resolved by the kernel beneath the root
// (openat2, RESOLVE_BENEATH). Each file is first opened without any rights (O_PATH), its status
// judged, and then the operation runs on that very file.
//
// Errors are errno values in the generic category; ESTALE says that a file exists no longer.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "access.hpp"
#include "descriptor.hpp"
#include "directory_reader.hpp"
#include "handles.hpp"
#include "path_index.hpp"
#include "result.hpp"

namespace nfsd {

/// The inode number and the time of birth out of a status.
file_identity identity_of(const file_status& status);

/// A file of an export, held open without rights (O_PATH), and its status when it was found.
struct node {
  descriptor file;
  file_status status{};

  file_identity identity() const { return identity_of(status); }
  bool is_directory() const { return S_ISDIR(status.stx_mode); }
  bool is_regular() const { return S_ISREG(status.stx_mode); }
};

/// One component of a path: not empty, no slash and no NUL in it. EACCES otherwise.
result<void> check_name(std::string_view name);
/// The name by which an open file is reached again: a link of the kernel's own, which leads to that
/// very file whatever has become of its path.
std::string path_of_open(const node& file);

/// What SETATTR changes; times as utimensat(2) takes them (UTIME_OMIT, UTIME_NOW).
struct attribute_changes {
  std::optional<mode_t> mode;
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::optional<std::uint64_t> size;
  timespec atime{0, UTIME_OMIT};
  timespec mtime{0, UTIME_OMIT};
};

/// When is a write done?
enum class durability { unstable, data, file };

/// What MKNOD makes: the type bits of a mode, and the numbers of a device.
struct special_file {
  mode_t type = S_IFIFO;
  dev_t device = 0;
};

/// Any thread may call; the process's umask must be 0, for modes are the caller's to choose.
class file_system {
public:
  /// Fails when `root` is no directory, or when the kernel lacks openat2 (Linux 5.6).
  static result<std::unique_ptr<file_system>> open(const std::filesystem::path& root);

  // Finding.

  result<node> root() const;
  /// The file, wherever it is now. After a restart, or when somebody moved it behind the server's
  /// back, the first call walks through the export until it is found.
  result<node> find(const file_identity& wanted);
  /// `name` may be "." or ".."; the root is its own parent.
  result<node> lookup(const node& directory, std::string_view name, const caller& who);
  /// The directory that holds this one; the root is its own parent.
  result<node> parent(const node& directory);
  /// The status now.
  result<file_status> status_of(const node& file) const;
  /// The status of an entry without opening it; nothing when it lies on another mount.
  result<file_status> status_of(const node& directory, const directory_entry& entry);

  // Reading.

  /// Which of `may_read`, `may_write` and `may_execute` both judges grant.
  unsigned granted(const node& file, const caller& who) const;
  /// Fewer bytes than asked for only at the end of the file.
  result<std::size_t> read(const node& file, const caller& who, std::uint64_t offset,
                           std::span<std::byte> into) const;
  result<std::string> read_link(const node& link) const;
  result<directory_reader> read_directory(const node& directory, const caller& who,
                                          std::uint64_t cookie) const;
  result<struct ::statfs> statistics(const node& file) const;

  // Changing. What makes or removes a name returns when the directory is on stable storage.

  result<void> change(const node& file, const caller& who, const attribute_changes& changes);
  result<std::size_t> write(const node& file, const caller& who, std::uint64_t offset,
                            std::span<const std::byte> bytes, durability when);
  /// Brings every write to the file so far to stable storage.
  result<void> commit(const node& file, const caller& who);

  // The makers say EEXIST when the name is taken. Only root chooses an owner.

  result<node> make_file(const node& directory, std::string_view name, const caller& who,
                         const attribute_changes& initial);
  result<node> make_directory(const node& directory, std::string_view name, const caller& who,
                              const attribute_changes& initial);
  result<node> make_symlink(const node& directory, std::string_view name, const caller& who,
                            const std::string& target, const attribute_changes& initial);
  /// EPERM for a device, unless the caller is root here.
  result<node> make_special(const node& directory, std::string_view name, const caller& who,
                            const special_file& what, const attribute_changes& initial);
  result<void> link(const node& file, const node& directory, std::string_view name,
                    const caller& who);
  result<void> remove(const node& directory, std::string_view name, const caller& who);
  result<void> remove_directory(const node& directory, std::string_view name, const caller& who);
  result<void> rename(const node& from_directory, std::string_view from, const node& to_directory,
                      std::string_view to, const caller& who);

private:
  file_system(descriptor root, std::uint64_t root_inode);

  result<node> open_beneath(int directory, const std::string& path) const;
  result<node> known(const file_identity& wanted);
  bool walk_for(std::uint64_t inode);
  bool is_gone(const file_identity& file);
  void mark_gone(const file_identity& file);
  void remember(const file_status& file, const file_status& directory, std::string_view name);

  bool may(const node& file, const caller& who, unsigned wanted) const;
  result<descriptor> open_content(const node& file, const caller& who, unsigned wanted) const;
  result<void> judge(const node& file, const caller& who, const attribute_changes& changes) const;
  result<void> apply(const node& file, const caller& who, const attribute_changes& changes) const;
  result<void> may_add(const node& directory, std::string_view name, const caller& who) const;
  mode_t initial_mode(const attribute_changes& initial, mode_t otherwise, const caller& who) const;
  result<void> sync(const node& file) const;
  result<node> finish_making(const node& directory, std::string_view name, const caller& who,
                             const attribute_changes& initial);
  result<void> remove_entry(const node& directory, std::string_view name, const caller& who,
                            int flags);

  const descriptor root_;
  const std::uint64_t root_inode_;
  path_index index_;
  std::mutex walking_;  ///< one walk at a time; those who wait find what it found
  std::mutex gone_mutex_;
  std::set<file_identity> gone_;  ///< files known to exist no longer
};

}  // namespace nfsd
