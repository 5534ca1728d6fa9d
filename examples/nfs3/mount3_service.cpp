#include "mount3_service.hpp"

#include <cerrno>

#include "calls.hpp"

namespace nfsd {
namespace {

mount3::mountstat3 to_mountstat3(const std::error_code& error) {
  switch (error.value()) {
    case EPERM:
      return mount3::MNT3ERR_PERM;
    case ENOENT:
    case ESTALE:
      return mount3::MNT3ERR_NOENT;
    case EACCES:
      return mount3::MNT3ERR_ACCES;
    case ENOTDIR:
    case ELOOP:
      return mount3::MNT3ERR_NOTDIR;  // a symbolic link: the client follows those
    case EINVAL:
      return mount3::MNT3ERR_INVAL;
    case ENAMETOOLONG:
      return mount3::MNT3ERR_NAMETOOLONG;
    case EIO:
      return mount3::MNT3ERR_IO;
    default:
      return mount3::MNT3ERR_SERVERFAULT;
  }
}

}  // namespace

void mount_table::add(const std::string& host, const std::string& directory) {
  const std::scoped_lock lock{mutex_};
  if (mounts_.size() < max_mounts) mounts_.emplace(host, directory);
}

void mount_table::remove(const std::string& host, const std::string& directory) {
  const std::scoped_lock lock{mutex_};
  mounts_.erase({host, directory});
}

void mount_table::remove_all(const std::string& host) {
  const std::scoped_lock lock{mutex_};
  std::erase_if(mounts_, [&](const auto& mount) { return mount.first == host; });
}

std::set<std::pair<std::string, std::string>> mount_table::all() const {
  const std::scoped_lock lock{mutex_};
  return mounts_;
}

mount3::mountres3 mount3_service::MOUNTPROC3_MNT(const call_info& call, mount3::dirpath path) {
  mount3::mountres3 reply;
  const auto found = exports_.find(path, caller_of(call, exports_.rules().identities));
  if (!found) {
    reply.set_fhs_status(to_mountstat3(found.error()));
    return reply;
  }
  mounts_.add(host_of(call), path);
  reply.set_mountinfo(
      {exports_.handle_of(*found->where, found->file.identity()), accepted_flavors()});
  return reply;
}

mount3::mountlist mount3_service::MOUNTPROC3_DUMP() {
  mount3::mountlist list;
  auto* tail = &list;
  for (const auto& [host, directory] : mounts_.all()) {
    tail->emplace(mount3::mountbody{host, directory, {}});
    tail = &(*tail)->ml_next;
  }
  return list;
}

void mount3_service::MOUNTPROC3_UMNT(const call_info& call, mount3::dirpath path) {
  mounts_.remove(host_of(call), path);
}

void mount3_service::MOUNTPROC3_UMNTALL(const call_info& call) {
  mounts_.remove_all(host_of(call));
}

mount3::exports mount3_service::MOUNTPROC3_EXPORT() {
  mount3::exports list;
  auto* tail = &list;
  for (const exported_directory& exported : exports_.all()) {
    // No group: everybody may mount it.
    tail->emplace(mount3::exportnode{exported.path, {}, {}});
    tail = &(*tail)->ex_next;
  }
  return list;
}

}  // namespace nfsd
