// The limit: bench.x served by hand over level-triggered epoll. It reads once, serves every whole
// record in place and writes once. It knows its two procedures at compile time and checks every
// header field; a caller that gets one wrong is cut off.
#include <sys/epoll.h>

#include <vector>

#include "sockets.hpp"
#include "wire.hpp"

namespace bench {
namespace {

struct connection {
  int fd;
  buffer in, unsent;
  bool filled = false;
};

/// Appends the reply to the call at `in.front()`; false for bytes that are no call of ours.
bool serve(buffer& in, buffer& out) {
  const std::byte* call = in.front() + mark_size;
  std::size_t size = in.record_size() - mark_size;
  if (size < call_header_size || !is_call(call)) return false;
  const std::byte* body = call + call_header_size;
  std::size_t body_size = size - call_header_size;
  std::uint32_t procedure = get(call + 20);
  std::size_t result_size;
  if (procedure == add_procedure && body_size == 8) {
    result_size = 4;
  } else if (procedure == echo_procedure && body_size >= 4 &&
             body_size == 4 + (get(body) + std::size_t{3}) / 4 * 4) {
    result_size = body_size;
  } else {
    return false;
  }
  out.reserve(mark_size + reply_header_size + result_size);
  put_reply(out.back(), result_size, get(call));
  std::byte* result = out.back() + mark_size + reply_header_size;
  if (procedure == add_procedure) {
    put(result, get(body) + get(body + 4));
  } else {
    std::memcpy(result, body, body_size);
  }
  out.added(mark_size + reply_header_size + result_size);
  return true;
}

class server {
public:
  explicit server(int listener) : listener_{listener} { watch(listener, nullptr, EPOLLIN, true); }

  void run() {
    epoll_event events[256];
    for (;;) {
      int n = epoll_wait(poller_, events, 256, -1);
      for (int i = 0; i < n; ++i) {
        auto* from = static_cast<connection*>(events[i].data.ptr);
        if (from == nullptr) {
          accept_one();
        } else if (!((events[i].events & EPOLLOUT) ? flush(*from, from->unsent) : receive(*from))) {
          close(from->fd);
          delete from;
        }
      }
    }
  }

private:
  void watch(int fd, connection* of, std::uint32_t events, bool added) {
    epoll_event event{.events = events, .data = {.ptr = of}};
    check(epoll_ctl(poller_, added ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event), "epoll_ctl");
  }

  void accept_one() {
    int fd = check(accept(listener_, nullptr, nullptr), "accept");
    set_nodelay(fd);
    watch(fd, new connection{.fd = fd, .in = {}, .unsent = {}}, EPOLLIN, true);
  }

  bool receive(connection& from) {
    from.in.make_room(from.filled);
    ssize_t n = recv(from.fd, from.in.back(), from.in.room(), MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    from.filled = static_cast<std::size_t>(n) == from.in.room();
    from.in.added(static_cast<std::size_t>(n));
    while (from.in.holds_record()) {
      if (!serve(from.in, out_)) return false;
      from.in.taken(from.in.record_size());
    }
    return out_.size() == 0 || flush(from, out_);
  }

  /// Sends what is in `out`; what the kernel does not take waits, and so does the next receive.
  bool flush(connection& to, buffer& out) {
    ssize_t n = send(to.fd, out.front(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return false;
    if (n > 0) out.taken(static_cast<std::size_t>(n));
    bool waited = &out == &to.unsent;
    if (out.size() != 0 && !waited) {
      to.unsent = std::exchange(out_, {});
      watch(to.fd, &to, EPOLLOUT, false);
    } else if (out.size() == 0 && waited) {
      if (out_.size() == 0) std::swap(out_, to.unsent);
      watch(to.fd, &to, EPOLLIN, false);
    }
    return true;
  }

  int listener_, poller_ = check(epoll_create1(0), "epoll_create1");
  buffer out_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::options given{argc, argv};
  std::string bound;
  int listener = bench::listen_at(given.text("--listen", "tcp://127.0.0.1:0"), bound);
  bench::announce_ready(bound);
  bench::server{listener}.run();
}
