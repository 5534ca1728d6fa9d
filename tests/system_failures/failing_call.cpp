#include "system_failures/failing_call.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <ctime>

namespace tryst::tests {
namespace {

struct plan {
  system_call which{};
  int error = 0;
  int remaining = 0;  // calls until the one that fails, itself included; 0: none will
};

plan current;

bool fails(system_call made) noexcept {
  if (current.remaining == 0 || made != current.which || --current.remaining > 0) return false;
  errno = current.error;
  return true;
}

}  // namespace

failing_call::failing_call(system_call which, int error, int nth) { current = {which, error, nth}; }
failing_call::~failing_call() { current = {}; }
bool failing_call::failed() const noexcept { return current.remaining == 0; }

}  // namespace tryst::tests

// The linker's names of what is wrapped and of what wraps it.
// NOLINTBEGIN(bugprone-reserved-identifier)
#define TRYST_WRAP(result, name, parameters, ...)                        \
  extern "C" result __real_##name parameters;                            \
  extern "C" result __wrap_##name parameters;                            \
  extern "C" result __wrap_##name parameters {                           \
    if (tryst::tests::fails(tryst::tests::system_call::name)) return -1; \
    return __real_##name(__VA_ARGS__);                                   \
  }

TRYST_WRAP(int, accept4, (int fd, sockaddr* at, socklen_t* size, int flags), fd, at, size, flags)
TRYST_WRAP(int, bind, (int fd, const sockaddr* at, socklen_t size), fd, at, size)
TRYST_WRAP(int, connect, (int fd, const sockaddr* at, socklen_t size), fd, at, size)
TRYST_WRAP(int, epoll_create1, (int flags), flags)
// Only an addition needs memory.
extern "C" int __real_epoll_ctl(int epoll, int what, int fd, epoll_event* event);
extern "C" int __wrap_epoll_ctl(int epoll, int what, int fd, epoll_event* event);
extern "C" int __wrap_epoll_ctl(int epoll, int what, int fd, epoll_event* event) {
  using namespace tryst::tests;
  if (what == EPOLL_CTL_ADD && fails(system_call::epoll_ctl)) return -1;
  return __real_epoll_ctl(epoll, what, fd, event);
}
TRYST_WRAP(int, epoll_wait, (int epoll, epoll_event* all, int count, int ms), epoll, all, count, ms)
TRYST_WRAP(int, eventfd, (unsigned begin, int flags), begin, flags)
TRYST_WRAP(int, getpeername, (int fd, sockaddr* at, socklen_t* size), fd, at, size)
TRYST_WRAP(int, getsockname, (int fd, sockaddr* at, socklen_t* size), fd, at, size)
TRYST_WRAP(int, getsockopt, (int fd, int level, int name, void* value, socklen_t* size), fd, level,
           name, value, size)
TRYST_WRAP(int, listen, (int fd, int backlog), fd, backlog)
TRYST_WRAP(ssize_t, read, (int fd, void* at, size_t size), fd, at, size)
TRYST_WRAP(ssize_t, recv, (int fd, void* at, size_t size, int flags), fd, at, size, flags)
TRYST_WRAP(int, recvmmsg, (int fd, mmsghdr* all, unsigned count, int flags, timespec* until), fd,
           all, count, flags, until)
TRYST_WRAP(ssize_t, send, (int fd, const void* at, size_t size, int flags), fd, at, size, flags)
TRYST_WRAP(int, sendmmsg, (int fd, mmsghdr* all, unsigned count, int flags), fd, all, count, flags)
TRYST_WRAP(ssize_t, sendmsg, (int fd, const msghdr* message, int flags), fd, message, flags)
TRYST_WRAP(int, setsockopt, (int fd, int level, int name, const void* value, socklen_t size), fd,
           level, name, value, size)
TRYST_WRAP(int, socket, (int family, int type, int protocol), family, type, protocol)
TRYST_WRAP(int, timerfd_create, (clockid_t clock, int flags), clock, flags)
TRYST_WRAP(ssize_t, write, (int fd, const void* at, size_t size), fd, at, size)
// NOLINTEND(bugprone-reserved-identifier)
