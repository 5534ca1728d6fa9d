// Between the operating system's words and the protocol's: status and fattr3, errno and nfsstat3,
// sattr3 and the changes that it asks for.
#pragma once

#include <system_error>

#include "file_system.hpp"
#include "nfs3.hpp"

namespace nfsd {

/// The protocol's word for an errno; every errno has one. EBADF stands for a handle that is none.
nfs3::nfsstat3 to_status(const std::error_code& error);

nfs3::nfstime3 to_nfstime3(const ::statx_timestamp& time);
/// `fsid` tells the exports apart.
nfs3::fattr3 to_fattr3(const file_status& status, std::uint64_t fsid);
/// The attributes before a change, for a client's weak cache consistency (RFC 1813 §2.6, wcc_data).
nfs3::pre_op_attr to_pre_op_attr(const file_status& status);

/// EINVAL for a time of more than 999,999,999 nanoseconds.
result<attribute_changes> to_changes(const nfs3::sattr3& attributes);

}  // namespace nfsd
