#include "attributes.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace nfsd {
namespace {

nfs3::ftype3 to_ftype3(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return nfs3::NF3DIR;
    case S_IFBLK:
      return nfs3::NF3BLK;
    case S_IFCHR:
      return nfs3::NF3CHR;
    case S_IFLNK:
      return nfs3::NF3LNK;
    case S_IFSOCK:
      return nfs3::NF3SOCK;
    case S_IFIFO:
      return nfs3::NF3FIFO;
    default:
      return nfs3::NF3REG;
  }
}

result<timespec> to_timespec(const nfs3::nfstime3& time) {
  if (time.nseconds > 999'999'999) return failure(EINVAL);
  return timespec{static_cast<time_t>(time.seconds), static_cast<long>(time.nseconds)};
}

}  // namespace

nfs3::nfsstat3 to_status(const std::error_code& error) {
  switch (error.value()) {
    case 0:
      return nfs3::NFS3_OK;
    case EPERM:
      return nfs3::NFS3ERR_PERM;
    case ENOENT:
      return nfs3::NFS3ERR_NOENT;
    case ENXIO:
      return nfs3::NFS3ERR_NXIO;
    case EACCES:
    case EBUSY:  // in use by the server itself: a mount point, a running program
    case ETXTBSY:
      return nfs3::NFS3ERR_ACCES;
    case EEXIST:
      return nfs3::NFS3ERR_EXIST;
    case EXDEV:
      return nfs3::NFS3ERR_XDEV;
    case ENODEV:
      return nfs3::NFS3ERR_NODEV;
    case ENOTDIR:
      return nfs3::NFS3ERR_NOTDIR;
    case EISDIR:
      return nfs3::NFS3ERR_ISDIR;
    case EINVAL:
    case EILSEQ:
    case ELOOP:
      return nfs3::NFS3ERR_INVAL;
    case EFBIG:
    case EOVERFLOW:
      return nfs3::NFS3ERR_FBIG;
    case ENOSPC:
      return nfs3::NFS3ERR_NOSPC;
    case EROFS:
      return nfs3::NFS3ERR_ROFS;
    case EMLINK:
      return nfs3::NFS3ERR_MLINK;
    case ENAMETOOLONG:
      return nfs3::NFS3ERR_NAMETOOLONG;
    case ENOTEMPTY:
      return nfs3::NFS3ERR_NOTEMPTY;
    case EDQUOT:
      return nfs3::NFS3ERR_DQUOT;
    case ESTALE:
      return nfs3::NFS3ERR_STALE;
    case EREMOTE:
      return nfs3::NFS3ERR_REMOTE;
    case EBADF:
      return nfs3::NFS3ERR_BADHANDLE;
    case ENOSYS:
    case EOPNOTSUPP:
      return nfs3::NFS3ERR_NOTSUPP;
    // What passes: the client asks again later.
    case EAGAIN:
    case EINTR:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ETIMEDOUT:
      return nfs3::NFS3ERR_JUKEBOX;
    case EFAULT:
      return nfs3::NFS3ERR_SERVERFAULT;
    default:
      return nfs3::NFS3ERR_IO;
  }
}

nfs3::nfstime3 to_nfstime3(const ::statx_timestamp& time) {
  // The protocol counts from 1970 to 2106.
  const std::int64_t latest = std::numeric_limits<std::uint32_t>::max();
  const std::int64_t seconds = std::clamp<std::int64_t>(time.tv_sec, 0, latest);
  return {static_cast<std::uint32_t>(seconds), time.tv_nsec};
}

nfs3::fattr3 to_fattr3(const file_status& status, std::uint64_t fsid) {
  nfs3::fattr3 attributes;
  attributes.type = to_ftype3(status.stx_mode);
  attributes.mode = status.stx_mode & 07777U;
  attributes.nlink = status.stx_nlink;
  attributes.uid = status.stx_uid;
  attributes.gid = status.stx_gid;
  attributes.size = status.stx_size;
  attributes.used = status.stx_blocks * 512;
  attributes.rdev = {status.stx_rdev_major, status.stx_rdev_minor};
  attributes.fsid = fsid;
  attributes.fileid = status.stx_ino;
  attributes.atime = to_nfstime3(status.stx_atime);
  attributes.mtime = to_nfstime3(status.stx_mtime);
  attributes.ctime = to_nfstime3(status.stx_ctime);
  return attributes;
}

nfs3::pre_op_attr to_pre_op_attr(const file_status& status) {
  nfs3::pre_op_attr before;
  before.set_attributes(
      {status.stx_size, to_nfstime3(status.stx_mtime), to_nfstime3(status.stx_ctime)});
  return before;
}

result<attribute_changes> to_changes(const nfs3::sattr3& attributes) {
  attribute_changes changes;
  if (const auto* mode = attributes.mode.mode()) changes.mode = *mode;
  if (const auto* uid = attributes.uid.uid()) changes.uid = *uid;
  if (const auto* gid = attributes.gid.gid()) changes.gid = *gid;
  if (const auto* size = attributes.size.size()) changes.size = *size;
  if (attributes.atime.set_it() == nfs3::SET_TO_SERVER_TIME) changes.atime = {0, UTIME_NOW};
  if (attributes.mtime.set_it() == nfs3::SET_TO_SERVER_TIME) changes.mtime = {0, UTIME_NOW};
  if (const auto* atime = attributes.atime.atime()) {
    const auto given = to_timespec(*atime);
    if (!given) return std::unexpected{given.error()};
    changes.atime = *given;
  }
  if (const auto* mtime = attributes.mtime.mtime()) {
    const auto given = to_timespec(*mtime);
    if (!given) return std::unexpected{given.error()};
    changes.mtime = *given;
  }
  return changes;
}

}  // namespace nfsd
