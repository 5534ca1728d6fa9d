#include "privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace tryst::rpcbind {
namespace {

std::optional<user> find(const std::string& name) {
  const passwd* const found = ::getpwnam(name.c_str());
  if (found == nullptr) return std::nullopt;
  return user{.name = name, .uid = found->pw_uid, .gid = found->pw_gid};
}

void check(int result, const char* what) {
  if (result != 0) throw std::system_error{errno, std::generic_category(), what};
}

}  // namespace

std::optional<user> user_to_become(const std::string& name) {
  if (!name.empty()) {
    auto found = find(name);
    if (!found) throw std::runtime_error{"there is no user " + name};
    return found;
  }
  if (::geteuid() != 0) return std::nullopt;
  for (const char* const ordinary : {"_rpc", "rpc", "daemon"}) {
    if (auto found = find(ordinary)) return found;
  }
  throw std::runtime_error{"none of the users _rpc, rpc and daemon exists: name one by --user"};
}

void become(const user& who) {
  if (who.uid != ::geteuid()) {
    check(::setgroups(0, nullptr), "setgroups");
    check(::setresgid(who.gid, who.gid, who.gid), "setresgid");
    check(::setresuid(who.uid, who.uid, who.uid), "setresuid");
    if (who.uid != 0 && ::setuid(0) == 0) throw std::runtime_error{"root came back"};
  }
  check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
}

}  // namespace tryst::rpcbind
