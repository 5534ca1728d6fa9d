// Makes one system call of the library fail, as a kernel without room would: the linker hands every
// call of these to us (--wrap). One thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace tryst::tests {

enum class system_call : std::uint8_t {
  accept4,
  bind,
  connect,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  eventfd,
  getpeername,
  getsockname,
  getsockopt,
  listen,
  read,
  recv,
  recvmmsg,
  send,
  sendmmsg,
  sendmsg,
  setsockopt,
  socket,
  timerfd_create,
  write
};

/// While it lives the `nth` call of `which` fails with `error`, and no other.
class failing_call {
public:
  failing_call(system_call which, int error, int nth);
  ~failing_call();
  failing_call(const failing_call&) = delete;
  failing_call& operator=(const failing_call&) = delete;

  /// Whether so many were made.
  bool failed() const noexcept;
};

}  // namespace tryst::tests
