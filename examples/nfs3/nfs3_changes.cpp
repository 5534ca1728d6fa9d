// The procedures that change something. A read-only export answers all of them with NFS3ERR_ROFS.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "nfs3_service.hpp"
#include "replies.hpp"

namespace nfsd {

using namespace nfs3;

namespace {

durability to_durability(stable_how how) {
  switch (how) {
    case UNSTABLE:
      return durability::unstable;
    case DATA_SYNC:
      return durability::data;
    case FILE_SYNC:
      break;
  }
  return durability::file;
}

// The kernel reports once that it could not write what it had taken; every client must hear of it.
bool has_lost_data(const std::error_code& error) {
  return error.value() == EIO || error.value() == ENOSPC || error.value() == EDQUOT;
}

// The verifier of an exclusive CREATE is kept in the times of the new file, where it survives a
// restart (RFC 1813 §3.3.8). Seconds of 31 bits are what every file system keeps.
attribute_changes holding(const createverf3& verifier) {
  std::uint32_t words[2];
  std::memcpy(words, verifier.data(), sizeof words);
  attribute_changes times;
  times.mode = 0600;
  times.atime = {static_cast<time_t>(words[0] & 0x7fffffff), 0};
  times.mtime = {static_cast<time_t>(words[1] & 0x7fffffff), 0};
  return times;
}

bool holds(const node& file, const createverf3& verifier) {
  const attribute_changes times = holding(verifier);
  return file.is_regular() && file.status.stx_size == 0 &&
         file.status.stx_atime.tv_sec == times.atime.tv_sec &&
         file.status.stx_mtime.tv_sec == times.mtime.tv_sec;
}

}  // namespace

result<exported_file> nfs3_service::find_to_change(const nfs_fh3& handle) {
  auto found = exports_.find(handle.data);
  if (found && !exports_.rules().read_write) return failure(EROFS);
  return found;
}

SETATTR3res nfs3_service::NFSPROC3_SETATTR(const call_info& call, SETATTR3args args) {
  const auto object = find_to_change(args.object);
  if (!object) return failed<SETATTR3res>(object.error(), SETATTR3resfail{no_wcc()});
  if (const auto* guard = args.guard.obj_ctime();
      guard != nullptr && *guard != to_nfstime3(object->file.status.stx_ctime)) {
    SETATTR3res reply;
    reply.set_status(NFS3ERR_NOT_SYNC);
    *reply.resfail() = {wcc_of(*object)};
    return reply;
  }
  const auto changes = to_changes(args.new_attributes);
  if (!changes) return failed<SETATTR3res>(changes.error(), SETATTR3resfail{wcc_of(*object)});
  const auto changed = object->files().change(object->file, caller_of(call), *changes);
  if (!changed) return failed<SETATTR3res>(changed.error(), SETATTR3resfail{wcc_of(*object)});
  return succeeded<SETATTR3res>(SETATTR3resok{wcc_of(*object)});
}

WRITE3res nfs3_service::NFSPROC3_WRITE(const call_info& call, WRITE3args args) {
  const auto file = find_to_change(args.file);
  if (!file) return failed<WRITE3res>(file.error(), WRITE3resfail{no_wcc()});
  // RFC 1813 §3.3.7: count and the length of the data are the same, or the call makes no sense.
  if (args.count != args.data.size())
    return failed<WRITE3res>(std::make_error_code(std::errc::invalid_argument),
                             WRITE3resfail{wcc_of(*file)});
  const writeverf3 verifier = verifier_.current();
  const auto written = file->files().write(file->file, caller_of(call), args.offset, args.data,
                                           to_durability(args.stable));
  if (!written) {
    if (has_lost_data(written.error())) verifier_.renew();
    return failed<WRITE3res>(written.error(), WRITE3resfail{wcc_of(*file)});
  }
  return succeeded<WRITE3res>(
      WRITE3resok{wcc_of(*file), static_cast<count3>(*written), args.stable, verifier});
}

COMMIT3res nfs3_service::NFSPROC3_COMMIT(const call_info& call, COMMIT3args args) {
  const auto file = find_to_change(args.file);
  if (!file) return failed<COMMIT3res>(file.error(), COMMIT3resfail{no_wcc()});
  const writeverf3 verifier = verifier_.current();
  const auto committed = file->files().commit(file->file, caller_of(call));
  if (!committed) {
    if (has_lost_data(committed.error())) verifier_.renew();
    return failed<COMMIT3res>(committed.error(), COMMIT3resfail{wcc_of(*file)});
  }
  return succeeded<COMMIT3res>(COMMIT3resok{wcc_of(*file), verifier});
}

// The reply of every procedure that makes a file.
template <class Result, class Ok, class Fail>
Result nfs3_service::made(const exported_file& directory, const result<node>& file) {
  if (!file) return failed<Result>(file.error(), Fail{wcc_of(directory)});
  Ok ok;
  ok.obj.set_handle(handle_of(directory, file->status));
  ok.obj_attributes = to_post_op_attr(directory, file->status);
  ok.dir_wcc = wcc_of(directory);
  return succeeded<Result>(std::move(ok));
}

CREATE3res nfs3_service::NFSPROC3_CREATE(const call_info& call, CREATE3args args) {
  const auto directory = find_to_change(args.where.dir);
  if (!directory) return failed<CREATE3res>(directory.error(), CREATE3resfail{no_wcc()});
  return made<CREATE3res, CREATE3resok, CREATE3resfail>(*directory,
                                                        create(*directory, caller_of(call), args));
}

result<node> nfs3_service::create(const exported_file& directory, const caller& who,
                                  const CREATE3args& args) {
  file_system& files = directory.files();
  const std::string& name = args.where.name;
  const auto* verifier = args.how.verf();
  const auto initial = verifier != nullptr ? result<attribute_changes>{holding(*verifier)}
                                           : to_changes(*args.how.obj_attributes());
  if (!initial) return std::unexpected{initial.error()};
  auto made = files.make_file(directory.file, name, who, *initial);
  if (made || made.error().value() != EEXIST || args.how.mode() == GUARDED) return made;

  auto existing = files.lookup(directory.file, name, who);
  if (!existing) return existing;
  if (verifier != nullptr) {
    // The same call once more, whose first reply was lost.
    if (!holds(*existing, *verifier)) return failure(EEXIST);
    return existing;
  }
  if (!existing->is_regular()) return failure(EEXIST);
  // UNCHECKED: of the attributes only the size is for a file that exists.
  if (!initial->size) return existing;
  attribute_changes size;
  size.size = initial->size;
  if (auto changed = files.change(*existing, who, size); !changed)
    return std::unexpected{changed.error()};
  auto status = files.status_of(*existing);
  if (!status) return std::unexpected{status.error()};
  existing->status = *status;
  return existing;
}

MKDIR3res nfs3_service::NFSPROC3_MKDIR(const call_info& call, MKDIR3args args) {
  const auto directory = find_to_change(args.where.dir);
  if (!directory) return failed<MKDIR3res>(directory.error(), MKDIR3resfail{no_wcc()});
  const auto initial = to_changes(args.attributes);
  return made<MKDIR3res, MKDIR3resok, MKDIR3resfail>(
      *directory, initial ? directory->files().make_directory(directory->file, args.where.name,
                                                              caller_of(call), *initial)
                          : std::unexpected{initial.error()});
}

SYMLINK3res nfs3_service::NFSPROC3_SYMLINK(const call_info& call, SYMLINK3args args) {
  const auto directory = find_to_change(args.where.dir);
  if (!directory) return failed<SYMLINK3res>(directory.error(), SYMLINK3resfail{no_wcc()});
  const auto initial = to_changes(args.symlink.symlink_attributes);
  return made<SYMLINK3res, SYMLINK3resok, SYMLINK3resfail>(
      *directory,
      initial ? directory->files().make_symlink(directory->file, args.where.name, caller_of(call),
                                                args.symlink.symlink_data, *initial)
              : std::unexpected{initial.error()});
}

MKNOD3res nfs3_service::NFSPROC3_MKNOD(const call_info& call, MKNOD3args args) {
  const auto directory = find_to_change(args.where.dir);
  if (!directory) return failed<MKNOD3res>(directory.error(), MKNOD3resfail{no_wcc()});
  special_file what;
  const sattr3* attributes = args.what.pipe_attributes();
  if (const auto* device = args.what.device()) {
    attributes = &device->dev_attributes;
    what.device = makedev(device->spec.specdata1, device->spec.specdata2);
  }
  switch (args.what.type()) {
    case NF3CHR:
      what.type = S_IFCHR;
      break;
    case NF3BLK:
      what.type = S_IFBLK;
      break;
    case NF3SOCK:
      what.type = S_IFSOCK;
      break;
    case NF3FIFO:
      what.type = S_IFIFO;
      break;
    default: {
      MKNOD3res reply;
      reply.set_status(NFS3ERR_BADTYPE);
      *reply.resfail() = {wcc_of(*directory)};
      return reply;
    }
  }
  const auto initial = to_changes(*attributes);
  return made<MKNOD3res, MKNOD3resok, MKNOD3resfail>(
      *directory, initial ? directory->files().make_special(directory->file, args.where.name,
                                                            caller_of(call), what, *initial)
                          : std::unexpected{initial.error()});
}

REMOVE3res nfs3_service::NFSPROC3_REMOVE(const call_info& call, REMOVE3args args) {
  const auto directory = find_to_change(args.object.dir);
  if (!directory) return failed<REMOVE3res>(directory.error(), REMOVE3resfail{no_wcc()});
  const auto removed =
      directory->files().remove(directory->file, args.object.name, caller_of(call));
  if (!removed) return failed<REMOVE3res>(removed.error(), REMOVE3resfail{wcc_of(*directory)});
  return succeeded<REMOVE3res>(REMOVE3resok{wcc_of(*directory)});
}

RMDIR3res nfs3_service::NFSPROC3_RMDIR(const call_info& call, RMDIR3args args) {
  const auto directory = find_to_change(args.object.dir);
  if (!directory) return failed<RMDIR3res>(directory.error(), RMDIR3resfail{no_wcc()});
  const auto removed =
      directory->files().remove_directory(directory->file, args.object.name, caller_of(call));
  if (!removed) return failed<RMDIR3res>(removed.error(), RMDIR3resfail{wcc_of(*directory)});
  return succeeded<RMDIR3res>(RMDIR3resok{wcc_of(*directory)});
}

RENAME3res nfs3_service::NFSPROC3_RENAME(const call_info& call, RENAME3args args) {
  const auto from = find_to_change(args.from.dir);
  const auto to = find_to_change(args.to.dir);
  result<void> renamed;
  if (!from) {
    renamed = std::unexpected{from.error()};
  } else if (!to) {
    renamed = std::unexpected{to.error()};
  } else if (from->where != to->where) {
    renamed = failure(EXDEV);
  } else {
    renamed =
        from->files().rename(from->file, args.from.name, to->file, args.to.name, caller_of(call));
  }
  if (!renamed)
    return failed<RENAME3res>(renamed.error(), RENAME3resfail{wcc_of(from), wcc_of(to)});
  return succeeded<RENAME3res>(RENAME3resok{wcc_of(from), wcc_of(to)});
}

LINK3res nfs3_service::NFSPROC3_LINK(const call_info& call, LINK3args args) {
  const auto file = find_to_change(args.file);
  const auto directory = find_to_change(args.link.dir);
  result<void> linked;
  if (!file) {
    linked = std::unexpected{file.error()};
  } else if (!directory) {
    linked = std::unexpected{directory.error()};
  } else if (file->where != directory->where) {
    linked = failure(EXDEV);
  } else {
    linked = file->files().link(file->file, directory->file, args.link.name, caller_of(call));
  }
  if (!linked)
    return failed<LINK3res>(linked.error(), LINK3resfail{attributes_now(file), wcc_of(directory)});
  return succeeded<LINK3res>(LINK3resok{attributes_now(file), wcc_of(directory)});
}

}  // namespace nfsd
