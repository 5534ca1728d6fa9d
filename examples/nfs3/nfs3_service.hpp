// The 22 procedures of NFS version 3 (RFC 1813 §3.3), as an ordinary class: each takes what the .x
// says and returns what it says. Nothing here knows of sockets or of XDR.
#pragma once

#include <tryst/rpc/call_info.hpp>

#include "calls.hpp"
#include "export_list.hpp"
#include "nfs3.hpp"
#include "write_verifier.hpp"

namespace nfsd {

/// Serves `exports`, which outlives it. Any number of calls may run at once; they block on the
/// disk.
class nfs3_service {
public:
  using call_info = tryst::rpc::call_info;

  /// What one READ or WRITE may carry.
  static constexpr std::uint32_t max_transfer = 1024 * 1024;

  nfs3_service(export_list& exports, write_verifier& verifier)
      : exports_{exports}, verifier_{verifier} {}

  void NFSPROC3_NULL() {}

  // nfs3_service.cpp: one file, looked at.
  nfs3::GETATTR3res NFSPROC3_GETATTR(const call_info& call, nfs3::GETATTR3args args);
  nfs3::LOOKUP3res NFSPROC3_LOOKUP(const call_info& call, nfs3::LOOKUP3args args);
  nfs3::ACCESS3res NFSPROC3_ACCESS(const call_info& call, nfs3::ACCESS3args args);
  nfs3::READLINK3res NFSPROC3_READLINK(const call_info& call, nfs3::READLINK3args args);
  nfs3::READ3res NFSPROC3_READ(const call_info& call, nfs3::READ3args args);
  nfs3::FSSTAT3res NFSPROC3_FSSTAT(const call_info& call, nfs3::FSSTAT3args args);
  nfs3::FSINFO3res NFSPROC3_FSINFO(const call_info& call, nfs3::FSINFO3args args);
  nfs3::PATHCONF3res NFSPROC3_PATHCONF(const call_info& call, nfs3::PATHCONF3args args);

  // nfs3_directories.cpp: directories, listed.
  nfs3::READDIR3res NFSPROC3_READDIR(const call_info& call, nfs3::READDIR3args args);
  nfs3::READDIRPLUS3res NFSPROC3_READDIRPLUS(const call_info& call, nfs3::READDIRPLUS3args args);

  // nfs3_changes.cpp: files and names, changed.
  nfs3::SETATTR3res NFSPROC3_SETATTR(const call_info& call, nfs3::SETATTR3args args);
  nfs3::WRITE3res NFSPROC3_WRITE(const call_info& call, nfs3::WRITE3args args);
  nfs3::CREATE3res NFSPROC3_CREATE(const call_info& call, nfs3::CREATE3args args);
  nfs3::MKDIR3res NFSPROC3_MKDIR(const call_info& call, nfs3::MKDIR3args args);
  nfs3::SYMLINK3res NFSPROC3_SYMLINK(const call_info& call, nfs3::SYMLINK3args args);
  nfs3::MKNOD3res NFSPROC3_MKNOD(const call_info& call, nfs3::MKNOD3args args);
  nfs3::REMOVE3res NFSPROC3_REMOVE(const call_info& call, nfs3::REMOVE3args args);
  nfs3::RMDIR3res NFSPROC3_RMDIR(const call_info& call, nfs3::RMDIR3args args);
  nfs3::RENAME3res NFSPROC3_RENAME(const call_info& call, nfs3::RENAME3args args);
  nfs3::LINK3res NFSPROC3_LINK(const call_info& call, nfs3::LINK3args args);
  nfs3::COMMIT3res NFSPROC3_COMMIT(const call_info& call, nfs3::COMMIT3args args);

private:
  caller caller_of(const call_info& call) const {
    return nfsd::caller_of(call, exports_.rules().identities);
  }
  nfs3::nfs_fh3 handle_of(const exported_file& at, const file_status& status) const;

  void add_attributes(const exported_file& directory, const directory_entry& entry,
                      bool may_look_up, nfs3::entryplus3& into) const;

  /// To change something: as find(), and EROFS when the exports are read-only.
  result<exported_file> find_to_change(const nfs3::nfs_fh3& handle);
  result<node> create(const exported_file& directory, const caller& who,
                      const nfs3::CREATE3args& args);
  template <class Result, class Ok, class Fail>
  Result made(const exported_file& directory, const result<node>& file);

  export_list& exports_;
  write_verifier& verifier_;
};

}  // namespace nfsd
