#include "file_system.hpp"

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

namespace nfsd {
namespace {

constexpr std::size_t max_gone = 65'536;
constexpr std::size_t max_walked_directories = 4'000'000;

descriptor open_in(int directory, const char* path, int flags) {
  ::open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_NOFOLLOW | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  return descriptor{static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how))};
}

result<file_status> status_behind(int directory, const char* name, int flags) {
  file_status status{};
  if (::statx(directory, name, flags | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
              STATX_BASIC_STATS | STATX_BTIME, &status) != 0)
    return failure(errno);
  return status;
}

// Directories in the order in which a walk meets them, each with the one that it was met in.
struct met_directory {
  std::size_t parent;
  std::uint64_t inode;
  std::string name;
};

std::string path_to(const std::vector<met_directory>& met, std::size_t position) {
  std::string path;
  for (; position != 0; position = met[position].parent)
    path = path.empty() ? met[position].name : met[position].name + '/' + path;
  return path.empty() ? "." : path;
}

}  // namespace

file_identity identity_of(const file_status& status) {
  std::uint64_t birth = 0;
  if ((status.stx_mask & STATX_BTIME) != 0)
    birth = static_cast<std::uint64_t>(status.stx_btime.tv_sec) * 1'000'000'000 +
            status.stx_btime.tv_nsec;
  return {status.stx_ino, birth};
}

result<std::unique_ptr<file_system>> file_system::open(const std::filesystem::path& root) {
  descriptor opened{::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!opened) return failure(errno);
  auto status = status_behind(opened.number(), "", AT_EMPTY_PATH);
  if (!status) return std::unexpected{status.error()};
  std::unique_ptr<file_system> made{new file_system{std::move(opened), status->stx_ino}};
  if (auto reachable = made->root(); !reachable) return std::unexpected{reachable.error()};
  return made;
}

file_system::file_system(descriptor root, std::uint64_t root_inode)
    : root_{std::move(root)}, root_inode_{root_inode}, index_{root_inode} {}

// The kernel takes at most PATH_MAX bytes at once, a tree may be deeper.
result<node> file_system::open_beneath(int directory, const std::string& path) const {
  descriptor nearer;
  std::size_t begin = 0;
  while (path.size() - begin >= PATH_MAX) {
    const std::size_t cut = path.rfind('/', begin + PATH_MAX - 1);
    if (cut == std::string::npos || cut <= begin) return failure(ENAMETOOLONG);
    nearer = open_in(directory, path.substr(begin, cut - begin).c_str(), O_PATH | O_DIRECTORY);
    if (!nearer) return failure(errno);
    directory = nearer.number();
    begin = cut + 1;
  }
  node found{open_in(directory, path.c_str() + begin, O_PATH), {}};
  if (!found.file) return failure(errno);
  auto status = status_of(found);
  if (!status) return std::unexpected{status.error()};
  found.status = *status;
  return found;
}

result<node> file_system::root() const { return open_beneath(root_.number(), "."); }

result<file_status> file_system::status_of(const node& file) const {
  return status_behind(file.file.number(), "", AT_EMPTY_PATH);
}

result<file_status> file_system::status_of(const node& directory, const directory_entry& entry) {
  auto status = status_behind(directory.file.number(), std::string{entry.name}.c_str(), 0);
  if (!status) return status;
  if ((status->stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) return failure(EXDEV);
  remember(*status, directory.status, entry.name);
  return status;
}

result<node> file_system::find(const file_identity& wanted) {
  if (is_gone(wanted)) return failure(ESTALE);
  if (auto found = known(wanted); found || found.error().value() != ENOENT) return found;
  const bool seen = walk_for(wanted.inode);
  if (auto found = known(wanted); found || found.error().value() != ENOENT) return found;
  if (seen) return failure(EAGAIN);  // moved again since: the client may ask once more
  mark_gone(wanted);
  return failure(ESTALE);
}

// ENOENT when the file is not where the index says.
result<node> file_system::known(const file_identity& wanted) {
  const auto path = index_.path_of(wanted.inode);
  if (!path) return failure(ENOENT);
  auto found = open_beneath(root_.number(), path->empty() ? "." : *path);
  if (!found) {
    const int error = found.error().value();
    // Somebody put something else in the way: a file, a link, another mount.
    return failure(error == ENOTDIR || error == ELOOP || error == EXDEV ? ENOENT : error);
  }
  if (found->identity() == wanted) return found;
  // The same number and another birth: the number was used again, so the file that had it is gone.
  return failure(found->status.stx_ino == wanted.inode ? ESTALE : ENOENT);
}

bool file_system::walk_for(std::uint64_t inode) {
  const auto known_before = index_.path_of(inode);
  const std::scoped_lock one_walk{walking_};
  // Another thread's walk may have found it while this one waited.
  if (index_.path_of(inode) != known_before) return true;

  std::vector<met_directory> met{{0, root_inode_, {}}};
  for (std::size_t at = 0; at < met.size(); ++at) {
    auto place = open_beneath(root_.number(), path_to(met, at));
    if (!place) continue;
    auto reader = directory_reader::open(open_in(place->file.number(), ".", O_RDONLY));
    if (!reader) continue;
    bool found = false;
    for (auto entry = reader->next(); entry && *entry; entry = reader->next()) {
      const directory_entry& here = **entry;
      if (here.name == "." || here.name == "..") continue;
      index_.remember(here.inode, met[at].inode, here.name);
      found = found || here.inode == inode;
      if (here.may_be_directory && met.size() < max_walked_directories)
        met.push_back({at, here.inode, std::string{here.name}});
    }
    if (found) {
      // The index forgets the oldest first, and the way to this directory may be the oldest.
      for (; at != 0; at = met[at].parent)
        index_.remember(met[at].inode, met[met[at].parent].inode, met[at].name);
      return true;
    }
  }
  return false;
}

bool file_system::is_gone(const file_identity& file) {
  const std::scoped_lock lock{gone_mutex_};
  return gone_.contains(file);
}

void file_system::mark_gone(const file_identity& file) {
  const std::scoped_lock lock{gone_mutex_};
  if (gone_.size() >= max_gone) gone_.clear();
  gone_.insert(file);
}

void file_system::remember(const file_status& file, const file_status& directory,
                           std::string_view name) {
  index_.remember(file.stx_ino, directory.stx_ino, name);
  const std::scoped_lock lock{gone_mutex_};
  gone_.erase(identity_of(file));
}

result<node> file_system::lookup(const node& directory, std::string_view name, const caller& who) {
  if (!directory.is_directory()) return failure(ENOTDIR);
  if (auto checked = check_name(name); !checked) return std::unexpected{checked.error()};
  if (!may(directory, who, may_search)) return failure(EACCES);
  if (name == ".") return open_beneath(directory.file.number(), ".");
  if (name == "..") return parent(directory);
  auto found = open_beneath(directory.file.number(), std::string{name});
  // Another mount is not part of the export; its root is nobody's to enter.
  if (!found) return failure(found.error().value() == EXDEV ? EACCES : found.error().value());
  remember(found->status, directory.status, name);
  return found;
}

// Not through "..": a directory that is moved out of the export at this moment has its parent
// outside, and the kernel would take us there.
result<node> file_system::parent(const node& directory) {
  if (directory.status.stx_ino == root_inode_) return root();
  auto above = index_.parent_of(directory.status.stx_ino);
  if (!above && walk_for(directory.status.stx_ino))
    above = index_.parent_of(directory.status.stx_ino);
  const auto path = above ? index_.path_of(*above) : std::nullopt;
  if (!path) return failure(ESTALE);
  auto found = open_beneath(root_.number(), path->empty() ? "." : *path);
  if (found && found->status.stx_ino != *above) return failure(ESTALE);
  return found;
}

bool file_system::may(const node& file, const caller& who, unsigned wanted) const {
  if (!permitted(file.status, who, wanted)) return false;
  const acting_as identity{who};
  return kernel_permits(file.file.number(), wanted);
}

unsigned file_system::granted(const node& file, const caller& who) const {
  unsigned all = 0;
  for (const unsigned one : {may_read, may_write, may_execute})
    if (may(file, who, one)) all |= one;
  return all;
}

result<directory_reader> file_system::read_directory(const node& directory, const caller& who,
                                                     std::uint64_t cookie) const {
  if (!directory.is_directory()) return failure(ENOTDIR);
  if (!may(directory, who, may_read)) return failure(EACCES);
  descriptor opened = open_in(directory.file.number(), ".", O_RDONLY | O_DIRECTORY);
  if (!opened) return failure(errno);
  return directory_reader::open(std::move(opened), cookie);
}

std::string path_of_open(const node& file) {
  return "/proc/self/fd/" + std::to_string(file.file.number());
}

result<struct ::statfs> file_system::statistics(const node& file) const {
  struct ::statfs statistics{};
  if (::fstatfs(file.file.number(), &statistics) != 0) return failure(errno);
  return statistics;
}

}  // namespace nfsd
