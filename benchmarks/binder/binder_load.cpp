// binder_load MILLISECONDS: makes 200 registrations with the binder of this host, and measures
// lookups and lists, one at a time, by plain sockets, so that what is measured is the binder.
//
// Each line: what, how many a second, and the microseconds of the median.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <tryst/binder/binder_client.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/xdr/codec.hpp>
#include <vector>

#include "pmap_prot.hpp"
#include "rpcb_prot.hpp"

namespace {

using namespace tryst;
using clock_type = std::chrono::steady_clock;

constexpr std::uint32_t first_program = 300000;
constexpr std::uint32_t programs = 100;  // over two transports each: 200 entries
constexpr std::uint16_t port = 111;

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error{what};
}

void register_programs() {
  loop_thread loop;
  binder::binder_client book{loop};
  for (std::uint32_t i = 0; i < programs; ++i) {
    for (const char* netid : {"tcp", "udp"}) {
      binder::entry fresh{{first_program + i, 1}, netid, "0.0.0.0.0.111", {}};
      check(run(loop, book.set(std::move(fresh))).value_or(false), "cannot register");
    }
  }
}

class connection {
public:
  explicit connection(int type)
      : stream_{type == SOCK_STREAM}, socket_{::socket(AF_INET, type, 0)} {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0, "connect");
    const int on = 1;
    if (stream_) ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~connection() { ::close(socket_); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Sends a message and receives its answer: how long that is.
  std::size_t ask(const xdr::byte_buffer& message) {
    send_.clear();
    if (stream_) {
      const auto mark = htonl(0x80000000U | static_cast<std::uint32_t>(message.size()));
      const auto* bytes = reinterpret_cast<const std::byte*>(&mark);
      send_.insert(send_.end(), bytes, bytes + sizeof mark);
    }
    send_.insert(send_.end(), message.begin(), message.end());
    check(::send(socket_, send_.data(), send_.size(), 0) == static_cast<ssize_t>(send_.size()),
          "send");
    if (!stream_) return receive(0);
    // rpcbind sends long lists in several fragments.
    std::size_t have = 0;
    std::size_t at = 0;
    for (;;) {
      while (have < at + 4) have += receive(have);
      std::uint32_t mark = 0;
      std::memcpy(&mark, receive_.data() + at, sizeof mark);
      mark = ntohl(mark);
      at += 4 + (mark & 0x7fffffffU);
      while (have < at) have += receive(have);
      if ((mark & 0x80000000U) != 0) return have;
    }
  }

private:
  std::size_t receive(std::size_t at) {
    const ssize_t n = ::recv(socket_, receive_.data() + at, receive_.size() - at, 0);
    check(n > 0, "recv");
    return static_cast<std::size_t>(n);
  }

  bool stream_;
  int socket_;
  std::vector<std::byte> send_;
  std::vector<std::byte> receive_ = std::vector<std::byte>(1U << 20);
};

template <class Arguments>
xdr::byte_buffer message_of(std::uint32_t version, std::uint32_t procedure, const Arguments& args) {
  xdr::byte_buffer message;
  rpc::put_call_header(message, 7, {100000, version}, procedure, true);
  xdr::writer w{message};
  xdr::encode(w, args);
  return message;
}

xdr::byte_buffer message_of(std::uint32_t version, std::uint32_t procedure) {
  xdr::byte_buffer message;
  rpc::put_call_header(message, 7, {100000, version}, procedure, true);
  return message;
}

void measure(const char* what, int type, const xdr::byte_buffer& message,
             std::chrono::milliseconds how_long) {
  connection to{type};
  std::vector<double> taken;
  const auto begin = clock_type::now();
  auto last = begin;
  while (last - begin < how_long) {
    to.ask(message);
    const auto now = clock_type::now();
    taken.push_back(std::chrono::duration<double, std::micro>(now - last).count());
    last = now;
  }
  const double seconds = std::chrono::duration<double>(last - begin).count();
  std::ranges::nth_element(taken, taken.begin() + static_cast<std::ptrdiff_t>(taken.size() / 2));
  std::printf("%s %.0f %.1f\n", what, static_cast<double>(taken.size()) / seconds,
              taken[taken.size() / 2]);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::chrono::milliseconds how_long{argc > 1 ? std::atoi(argv[1]) : 1000};
    register_programs();
    const rpcb_prot::rpcb map{.r_prog = first_program + programs / 2,
                              .r_vers = 1,
                              .r_netid = "tcp",
                              .r_addr = "127.0.0.1.0.111",
                              .r_owner = {}};
    const auto getaddr = message_of(4, 3, map);
    const auto getport =
        message_of(2, 3, pmap_prot::mapping{.prog = map.r_prog, .vers = 1, .prot = 6, .port = 0});
    measure("getaddr-tcp", SOCK_STREAM, getaddr, how_long);
    measure("getaddr-udp", SOCK_DGRAM, getaddr, how_long);
    measure("getport-udp", SOCK_DGRAM, getport, how_long);
    measure("dump-tcp", SOCK_STREAM, message_of(4, 4), how_long);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "binder_load: %s\n", e.what());
    return 1;
  }
}
