// Giving up root for good.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace tryst::rpcbind {

struct user {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Whom to become: the user of that name, or, without a name, an ordinary one. None for a process
/// that is not root and was not told a name. Throws std::runtime_error if there is no such user.
std::optional<user> user_to_become(const std::string& name);

/// Becomes `who`, with no group but its own and nothing that can be gained back. Throws
/// std::system_error when it cannot.
void become(const user& who);

}  // namespace tryst::rpcbind
