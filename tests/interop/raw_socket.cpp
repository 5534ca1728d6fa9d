#include "interop/raw_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tryst::interop {
namespace {

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error{errno, std::generic_category(), what};
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  in.sin_port = htons(port);
  return in;
}

template <class Address>
const sockaddr* as_sockaddr(const Address& where) {
  return reinterpret_cast<const sockaddr*>(&where);
}

}  // namespace

bytes to_bytes(const words& from) {
  bytes made(from.size() * 4);
  for (std::size_t i = 0; i < from.size(); ++i) xdr::store_big(made.data() + 4 * i, from[i]);
  return made;
}

words to_words(std::span<const std::byte> from) {
  if (from.size() % 4 != 0) throw std::invalid_argument{"not a multiple of four bytes"};
  words made(from.size() / 4);
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i] = xdr::load_big<std::uint32_t>(from.data() + 4 * i);
  }
  return made;
}

bytes to_record(const words& message) {
  words marked{rpc::last_fragment_bit | static_cast<std::uint32_t>(4 * message.size())};
  marked.insert(marked.end(), message.begin(), message.end());
  return to_bytes(marked);
}

raw_socket raw_socket::connected_to(const rpc::address& where) {
  if (where.kind == rpc::address::transport::local) {
    raw_socket made{checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")};
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    where.path.copy(un.sun_path, sizeof un.sun_path - 1);
    checked(::connect(made.descriptor_, as_sockaddr(un), sizeof un), "connect");
    return made;
  }
  raw_socket made{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")};
  const sockaddr_in in = loopback(where.port);
  checked(::connect(made.descriptor_, as_sockaddr(in), sizeof in), "connect");
  // Each send() is a segment of its own.
  constexpr int on = 1;
  checked(::setsockopt(made.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
  return made;
}

raw_socket::~raw_socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

raw_socket::raw_socket(raw_socket&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, unread_{std::move(other.unread_)} {}

std::size_t raw_socket::send_some(std::span<const std::byte> some) {
  const ssize_t n = ::send(descriptor_, some.data(), some.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN) checked(-1, "send");
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

void raw_socket::send(std::span<const std::byte> all) {
  while (!all.empty()) {
    const ssize_t n = ::send(descriptor_, all.data(), all.size(), MSG_NOSIGNAL);
    checked(n < 0 ? -1 : 0, "send");
    all = all.subspan(static_cast<std::size_t>(n));
  }
}

void raw_socket::end_sending() { checked(::shutdown(descriptor_, SHUT_WR), "shutdown"); }

void raw_socket::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  checked(::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "setsockopt");
  ::close(std::exchange(descriptor_, -1));
}

bool raw_socket::receive() {
  std::array<std::byte, 65536> some;
  for (;;) {
    const ssize_t n = ::recv(descriptor_, some.data(), some.size(), MSG_DONTWAIT);
    if (n == 0) return false;
    if (n < 0) return errno == EAGAIN;
    test::append(unread_, std::span{some}.first(static_cast<std::size_t>(n)));
  }
}

std::optional<bytes> raw_socket::record() {
  std::span<std::byte> rest{unread_};
  const auto found = records_.next(rest);
  if (!found) throw std::system_error{found.error(), "what we received is no record"};
  std::optional<bytes> made;
  if (*found) made = test::as_bytes((*found)->bytes);
  unread_.erase(unread_.begin(), unread_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return made;
}

raw_listener::raw_listener()
    : descriptor_{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")} {
  const sockaddr_in in = loopback(0);
  checked(::bind(descriptor_, as_sockaddr(in), sizeof in), "bind");
  checked(::listen(descriptor_, 16), "listen");
}

raw_listener::~raw_listener() { ::close(descriptor_); }

std::string raw_listener::where() const {
  sockaddr_in in{};
  socklen_t size = sizeof in;
  checked(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&in), &size), "getsockname");
  return "tcp://127.0.0.1:" + std::to_string(ntohs(in.sin_port));
}

raw_socket raw_listener::accept() {
  raw_socket accepted{checked(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC), "accept")};
  constexpr int on = 1;
  checked(::setsockopt(accepted.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on),
          "setsockopt");
  return accepted;
}

words next_message(epoll_loop& loop, raw_socket& from) {
  std::optional<bytes> found = from.record();
  const bool came = turn_until(loop, [&] {
    if (found) return true;
    const bool open = from.receive();
    found = from.record();
    if (!found && !open) throw std::runtime_error{"the connection has ended instead"};
    return found.has_value();
  });
  if (!came) throw std::runtime_error{"no message in time"};
  return to_words(*found);
}

bool is_ended(epoll_loop& loop, raw_socket& by_peer) {
  return turn_until(loop, [&] { return !by_peer.receive(); }) && !by_peer.has_unread();
}

}  // namespace tryst::interop
