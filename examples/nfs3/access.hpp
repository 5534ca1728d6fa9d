// Who calls, and what that user may do to a file. Two judges must agree: the mode bits, read here
// with the uid and gids of the call, and the kernel, which is asked in the caller's name when the
// server runs as root (it knows ACLs and capabilities) and in the server's own name otherwise.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <vector>

namespace nfsd {

/// What statx(2) says of a file, its time of birth included.
using file_status = struct ::statx;

/// The user and the groups of a call, after squashing.
struct caller {
  uid_t uid = 65534;
  gid_t gid = 65534;
  std::vector<gid_t> groups;

  bool is_superuser() const { return uid == 0; }
  bool is_in(gid_t group) const;
};

/// Turns the credential of a call into a caller. Without root squash a client's uid 0 is root here.
struct identity_rules {
  bool root_squash = true;
  uid_t anonymous_uid = 65534;
  gid_t anonymous_gid = 65534;

  /// A call without AUTH_SYS credential.
  caller anonymous() const { return {anonymous_uid, anonymous_gid, {}}; }
  /// A call with one (RFC 5531 §14, appendix A).
  caller of(uid_t uid, gid_t gid, std::vector<gid_t> groups) const;
};

/// What is asked of a file; the bits of `rwx`.
enum permission : unsigned { may_execute = 1, may_search = 1, may_write = 2, may_read = 4 };

/// The mode bits' judgement: does `who` have all of `wanted`, permissions or-ed?
bool permitted(const file_status& file, const caller& who, unsigned wanted);
bool owns(const file_status& file, const caller& who);
/// May an entry for `file` leave `directory`? In a sticky directory only its owners may remove it.
bool may_remove(const file_status& directory, const file_status& file, const caller& who);

/// The kernel's judgement of the file behind `fd` (which may be O_PATH), in the name of the thread.
bool kernel_permits(int fd, unsigned wanted);

/// Can this process act in the name of its callers? Only root can.
bool can_act_as_callers();

/// While it lives, the kernel judges what this thread does to files by the caller's uid and gids,
/// and gives new files to them. Does nothing when the server does not run as root. Must not live
/// across a suspension of a coroutine: it belongs to the thread.
class acting_as {
public:
  /// Throws std::system_error when the kernel refuses the identity.
  explicit acting_as(const caller& who);
  acting_as(const acting_as&) = delete;
  acting_as& operator=(const acting_as&) = delete;
  ~acting_as() { restore(); }

private:
  void restore() noexcept;

  bool active_ = false;
  std::vector<gid_t> former_groups_;
};

}  // namespace nfsd
