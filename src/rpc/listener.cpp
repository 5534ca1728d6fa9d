#include "rpc/listener.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace tryst::rpc {
namespace {

constexpr std::chrono::milliseconds first_pause{10};
constexpr std::chrono::milliseconds longest_pause{1000};
// Connections taken in one turn: the loop has others to serve.
constexpr int accepts_per_turn = 64;

socket open_reserve() { return socket{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }

// True when the path is a socket that refuses connections: its server is gone.
bool is_stale(const socket_address& where, const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const auto probe = open_stream(where);
  if (!probe) return false;
  return ::connect(probe->descriptor(), where.get(), where.size) != 0 && errno == ECONNREFUSED;
}

}  // namespace

std::expected<socket, std::error_code> open_listening(const address& where, int backlog) {
  const auto addresses = resolve(where);
  if (!addresses) return std::unexpected{addresses.error()};
  const socket_address& at = addresses->front();
  auto opened = open_stream(at);
  if (!opened) return opened;
  constexpr int on = 1;
  if (at.family() != AF_UNIX) {
    ::setsockopt(opened->descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  // One socket, one protocol: a v6 socket that takes v4 callers shows them under other addresses.
  if (at.family() == AF_INET6) {
    ::setsockopt(opened->descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (where.kind == address::transport::local && is_stale(at, where.path)) {
    ::unlink(where.path.c_str());
  }
  if (::bind(opened->descriptor(), at.get(), at.size) != 0 ||
      ::listen(opened->descriptor(), backlog) != 0) {
    return std::unexpected{last_error()};
  }
  return opened;
}

listener::listener(loop& home, socket listening, address where, bool own_path, accepted take)
    : home_{home},
      socket_{std::move(listening)},
      where_{std::move(where)},
      own_path_{own_path},
      take_{std::move(take)},
      reserve_{open_reserve()} {
  const std::error_code unwatched = home_.add(socket_.descriptor(), *this, true, false);
  if (unwatched) throw std::system_error(unwatched);
}

listener::~listener() {
  home_.disarm(*this);
  home_.forget(socket_.descriptor(), *this);
  if (own_path_ && where_.kind == address::transport::local) ::unlink(where_.path.c_str());
}

void listener::ready(readiness) noexcept {
  for (int i = 0; i < accepts_per_turn; ++i) {
    socket fresh{::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fresh) {
      pause_ = std::chrono::milliseconds{0};
      take_(std::move(fresh));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return out_of_descriptors();
    }
    // Of one connection that failed before it was accepted, nothing is to be done.
    if (errno != ECONNABORTED && errno != EINTR) return;
  }
}

void listener::out_of_descriptors() {
  reserve_ = {};
  {
    const socket refused{::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC)};
  }
  reserve_ = open_reserve();
  pause_ = std::clamp(2 * pause_, first_pause, longest_pause);
  home_.change(socket_.descriptor(), *this, false, false);
  home_.arm(*this, home_.now() + pause_);
}

void listener::expired() noexcept { home_.change(socket_.descriptor(), *this, true, false); }

}  // namespace tryst::rpc
