#include "nfs3_service.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "replies.hpp"

namespace nfsd {

using namespace nfs3;

nfs_fh3 nfs3_service::handle_of(const exported_file& at, const file_status& status) const {
  return {exports_.handle_of(*at.where, identity_of(status))};
}

GETATTR3res nfs3_service::NFSPROC3_GETATTR(const call_info&, GETATTR3args args) {
  const auto object = exports_.find(args.object.data);
  if (!object) {
    GETATTR3res reply;
    reply.set_status(to_status(object.error()));
    return reply;
  }
  return succeeded<GETATTR3res>(GETATTR3resok{to_fattr3(object->file.status, object->where->id)});
}

LOOKUP3res nfs3_service::NFSPROC3_LOOKUP(const call_info& call, LOOKUP3args args) {
  const auto directory = exports_.find(args.what.dir.data);
  if (!directory) return failed<LOOKUP3res>(directory.error(), LOOKUP3resfail{no_attributes()});
  const auto found = directory->files().lookup(directory->file, args.what.name, caller_of(call));
  if (!found) return failed<LOOKUP3res>(found.error(), LOOKUP3resfail{attributes_now(*directory)});
  return succeeded<LOOKUP3res>(LOOKUP3resok{handle_of(*directory, found->status),
                                            to_post_op_attr(*directory, found->status),
                                            attributes_now(*directory)});
}

ACCESS3res nfs3_service::NFSPROC3_ACCESS(const call_info& call, ACCESS3args args) {
  const auto object = exports_.find(args.object.data);
  if (!object) return failed<ACCESS3res>(object.error(), ACCESS3resfail{no_attributes()});
  const unsigned granted = object->files().granted(object->file, caller_of(call));
  std::uint32_t access = 0;
  if ((granted & may_read) != 0) access |= ACCESS3_READ;
  if (object->file.is_directory()) {
    if ((granted & may_search) != 0) access |= ACCESS3_LOOKUP;
    // An entry is only reached through the directory: to write needs to search as well.
    if ((granted & may_write) != 0 && (granted & may_search) != 0)
      access |= ACCESS3_MODIFY | ACCESS3_EXTEND | ACCESS3_DELETE;
  } else {
    if ((granted & may_execute) != 0) access |= ACCESS3_EXECUTE;
    if ((granted & may_write) != 0) access |= ACCESS3_MODIFY | ACCESS3_EXTEND;
  }
  if (!exports_.rules().read_write) access &= ~(ACCESS3_MODIFY | ACCESS3_EXTEND | ACCESS3_DELETE);
  return succeeded<ACCESS3res>(ACCESS3resok{attributes_now(*object), access & args.access});
}

READLINK3res nfs3_service::NFSPROC3_READLINK(const call_info&, READLINK3args args) {
  const auto link = exports_.find(args.symlink.data);
  if (!link) return failed<READLINK3res>(link.error(), READLINK3resfail{no_attributes()});
  auto target = link->files().read_link(link->file);
  if (!target) return failed<READLINK3res>(target.error(), READLINK3resfail{attributes_now(*link)});
  return succeeded<READLINK3res>(READLINK3resok{attributes_now(*link), std::move(*target)});
}

READ3res nfs3_service::NFSPROC3_READ(const call_info& call, READ3args args) {
  const auto file = exports_.find(args.file.data);
  if (!file) return failed<READ3res>(file.error(), READ3resfail{no_attributes()});
  // No more memory than the file can fill, whatever the client asks for.
  const std::uint64_t size = file->file.status.stx_size;
  const std::uint64_t left = args.offset < size ? size - args.offset : 0;
  const std::uint64_t wanted = std::min<std::uint64_t>({args.count, max_transfer, left});
  READ3resok ok;
  ok.data.resize(wanted);
  const auto count = file->files().read(file->file, caller_of(call), args.offset, ok.data);
  if (!count) return failed<READ3res>(count.error(), READ3resfail{attributes_now(*file)});
  ok.data.resize(*count);
  ok.count = static_cast<count3>(*count);
  ok.eof = args.offset >= size || args.offset + *count >= size;
  ok.file_attributes = attributes_now(*file);
  return succeeded<READ3res>(std::move(ok));
}

FSSTAT3res nfs3_service::NFSPROC3_FSSTAT(const call_info&, FSSTAT3args args) {
  const auto root = exports_.find(args.fsroot.data);
  if (!root) return failed<FSSTAT3res>(root.error(), FSSTAT3resfail{no_attributes()});
  const auto statistics = root->files().statistics(root->file);
  if (!statistics)
    return failed<FSSTAT3res>(statistics.error(), FSSTAT3resfail{attributes_now(*root)});
  const auto block = static_cast<std::uint64_t>(statistics->f_frsize);
  FSSTAT3resok ok;
  ok.obj_attributes = attributes_now(*root);
  ok.tbytes = statistics->f_blocks * block;
  ok.fbytes = statistics->f_bfree * block;
  ok.abytes = statistics->f_bavail * block;
  ok.tfiles = statistics->f_files;
  ok.ffiles = statistics->f_ffree;
  ok.afiles = statistics->f_ffree;
  ok.invarsec = 0;  // anything may change at any time
  return succeeded<FSSTAT3res>(std::move(ok));
}

FSINFO3res nfs3_service::NFSPROC3_FSINFO(const call_info&, FSINFO3args args) {
  const auto root = exports_.find(args.fsroot.data);
  if (!root) return failed<FSINFO3res>(root.error(), FSINFO3resfail{no_attributes()});
  FSINFO3resok ok;
  ok.obj_attributes = attributes_now(*root);
  ok.rtmax = ok.rtpref = max_transfer;
  ok.wtmax = ok.wtpref = max_transfer;
  ok.rtmult = ok.wtmult = 4096;
  ok.dtpref = 64 * 1024;
  ok.maxfilesize = std::numeric_limits<std::int64_t>::max();
  ok.time_delta = {0, 1};
  ok.properties = FSF3_LINK | FSF3_SYMLINK | FSF3_HOMOGENEOUS | FSF3_CANSETTIME;
  return succeeded<FSINFO3res>(std::move(ok));
}

PATHCONF3res nfs3_service::NFSPROC3_PATHCONF(const call_info&, PATHCONF3args args) {
  const auto object = exports_.find(args.object.data);
  if (!object) return failed<PATHCONF3res>(object.error(), PATHCONF3resfail{no_attributes()});
  const auto statistics = object->files().statistics(object->file);
  if (!statistics)
    return failed<PATHCONF3res>(statistics.error(), PATHCONF3resfail{attributes_now(*object)});
  const long links = ::fpathconf(object->file.file.number(), _PC_LINK_MAX);
  PATHCONF3resok ok;
  ok.obj_attributes = attributes_now(*object);
  ok.linkmax = links > 0 ? static_cast<std::uint32_t>(std::min<long>(links, 0x7fffffff)) : 1;
  ok.name_max = static_cast<std::uint32_t>(statistics->f_namelen);
  ok.no_trunc = true;
  ok.chown_restricted = true;
  ok.case_insensitive = false;
  ok.case_preserving = true;
  return succeeded<PATHCONF3res>(std::move(ok));
}

}  // namespace nfsd
