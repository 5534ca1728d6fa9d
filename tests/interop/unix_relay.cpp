#include "interop/unix_relay.hpp"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace tryst::interop {
namespace {

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error{errno, std::generic_category(), what};
  return result;
}

template <class Call>
int unix_socket(Call call, const std::string& path, const char* what) {
  const int made = checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  path.copy(un.sun_path, sizeof un.sun_path - 1);
  checked(call(made, reinterpret_cast<const sockaddr*>(&un), sizeof un), what);
  return made;
}

}  // namespace

unix_relay::unix_relay(std::string path, std::string to, const std::filesystem::path& file)
    : to_{std::move(to)},
      listener_{unix_socket(::bind, path, "bind")},
      stop_{checked(::eventfd(0, EFD_CLOEXEC), "eventfd")},
      file_{file} {
  checked(::listen(listener_, 16), "listen");
  thread_ = std::thread{[this] { run(); }};
}

unix_relay::~unix_relay() {
  finish();
  ::close(listener_);
  ::close(stop_);
}

void unix_relay::finish() {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_, 1);
  thread_.join();
  file_.close();
}

// False: finish() was called.
bool unix_relay::wait_readable(int one, int other) {
  std::array<pollfd, 3> waiting{pollfd{.fd = one, .events = POLLIN, .revents = 0},
                                pollfd{.fd = other, .events = POLLIN, .revents = 0},
                                pollfd{.fd = stop_, .events = POLLIN, .revents = 0}};
  ::poll(waiting.data(), waiting.size(), -1);
  return waiting[2].revents == 0;
}

void unix_relay::run() {
  for (std::uint16_t client_port = 1024; wait_readable(listener_, -1); ++client_port) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = unix_socket(::connect, to_, "connect");
    pass_on(client, server, client_port);
    ::close(client);
    ::close(server);
  }
}

void unix_relay::pass_on(int client, int server, std::uint16_t client_port) {
  direction calls{client, server, client_port, port};
  direction replies{server, client, port, client_port};
  while (calls.from >= 0 || replies.from >= 0) {
    if (!wait_readable(calls.from, replies.from)) return;
    for (direction* d : {&calls, &replies}) {
      while (move_some(*d)) {
      }
    }
  }
}

// True: there may be more.
bool unix_relay::move_some(direction& d) {
  if (d.from < 0) return false;
  // What an IPv4 packet can hold.
  std::array<std::byte, 60'000> data;
  const ssize_t n = ::recv(d.from, data.data(), data.size(), MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return false;
  if (n <= 0) {
    ::shutdown(d.to, SHUT_WR);
    d.from = -1;
    return false;
  }
  const auto got = std::span{data}.first(static_cast<std::size_t>(n));
  record(d, got);
  for (auto rest = got; !rest.empty();) {
    const ssize_t sent = ::send(d.to, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    rest = rest.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

void unix_relay::record(direction& d, std::span<const std::byte> data) {
  iphdr ip{};
  tcphdr tcp{};
  ip.version = 4;
  ip.ihl = sizeof ip / 4;
  ip.tot_len = htons(static_cast<std::uint16_t>(sizeof ip + sizeof tcp + data.size()));
  ip.ttl = 64;
  ip.protocol = IPPROTO_TCP;
  ip.saddr = ip.daddr = htonl(INADDR_LOOPBACK);
  tcp.source = htons(d.source_port);
  tcp.dest = htons(d.target_port);
  tcp.seq = htonl(d.position);
  tcp.doff = sizeof tcp / 4;
  tcp.psh = 1;
  tcp.window = 0xffff;
  d.position += static_cast<std::uint32_t>(data.size());
  std::vector<std::byte> packet(sizeof ip + sizeof tcp + data.size());
  std::memcpy(packet.data(), &ip, sizeof ip);
  std::memcpy(packet.data() + sizeof ip, &tcp, sizeof tcp);
  std::memcpy(packet.data() + sizeof ip + sizeof tcp, data.data(), data.size());
  file_.add(packet);
}

}  // namespace tryst::interop
