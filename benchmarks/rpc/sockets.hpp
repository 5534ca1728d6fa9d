// What the programs under comparison share besides the bytes: addresses, sockets, command lines and
// the counter through which the comparison watches a client work.
//
// An address is tcp://127.0.0.1:PORT, udp://127.0.0.1:PORT or unix:/PATH, as everywhere in tryst.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

namespace bench {

[[noreturn]] inline void die(std::string_view what) {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(what.size()), what.data(),
               std::strerror(errno));
  std::exit(1);
}

inline int check(int result, std::string_view what) {
  if (result < 0) die(what);
  return result;
}

/// `--name value` pairs.
class options {
public:
  options(int argc, char** argv) {
    for (int i = 1; i + 1 < argc; i += 2) values_[argv[i]] = argv[i + 1];
  }
  std::string text(const std::string& name, std::string otherwise = {}) const {
    auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }
  std::size_t number(const std::string& name, std::size_t otherwise) const {
    auto found = values_.find(name);
    return found == values_.end() ? otherwise : std::stoull(found->second);
  }

private:
  std::map<std::string, std::string> values_;
};

/// A socket address as text and as the kernel wants it.
struct address {
  explicit address(const std::string& text) {
    if (text.starts_with("unix:")) {
      auto& un = reinterpret_cast<sockaddr_un&>(storage);
      un.sun_family = AF_UNIX;
      std::strncpy(un.sun_path, text.c_str() + 5, sizeof un.sun_path - 1);
      size = sizeof un;
    } else {
      auto& in = reinterpret_cast<sockaddr_in&>(storage);
      in.sin_family = AF_INET;
      in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      in.sin_port = htons(static_cast<std::uint16_t>(std::stoul(text.substr(text.rfind(':') + 1))));
      size = sizeof in;
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_storage storage{};
  socklen_t size = 0;
};

inline void set_nodelay(int fd) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // a UNIX socket refuses, rightly
}

inline int type_of(const std::string& text) {
  return text.starts_with("udp:") ? SOCK_DGRAM : SOCK_STREAM;
}

/// A connected, blocking socket.
inline int dial(const std::string& text) {
  address to{text};
  int fd = check(socket(to.get()->sa_family, type_of(text), 0), "socket");
  check(connect(fd, to.get(), to.size), "connect");
  set_nodelay(fd);
  return fd;
}

/// A socket that listens, or receives datagrams; `bound` becomes the address that a client dials.
inline int listen_at(const std::string& text, std::string& bound) {
  address at{text};
  int fd = check(socket(at.get()->sa_family, type_of(text), 0), "socket");
  check(bind(fd, at.get(), at.size), "bind");
  if (type_of(text) == SOCK_STREAM) check(listen(fd, 4096), "listen");
  bound = text;
  if (at.get()->sa_family == AF_INET) {
    sockaddr_in in{};
    socklen_t size = sizeof in;
    check(getsockname(fd, reinterpret_cast<sockaddr*>(&in), &size), "getsockname");
    bound = text.substr(0, 3) + "://127.0.0.1:" + std::to_string(ntohs(in.sin_port));
  }
  return fd;
}

/// Says on standard output that this program is at work, and where.
inline void announce_ready(const std::string& where = {}) {
  std::printf("READY %s\n", where.c_str());
  std::fflush(stdout);
}

/// A number in a file that the comparison maps too, so that watching costs the watched nothing.
class shared_counter {
public:
  explicit shared_counter(const std::string& file) {
    if (file.empty()) return;
    int fd = check(open(file.c_str(), O_RDWR | O_CREAT, 0600), file);
    check(ftruncate(fd, sizeof *value_), "ftruncate");
    void* where = mmap(nullptr, sizeof *value_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (where == MAP_FAILED) die("mmap");
    close(fd);
    value_ = static_cast<std::atomic<std::uint64_t>*>(where);
  }
  /// One writer: no locked instruction is needed.
  void add(std::uint64_t n) {
    value_->store(value_->load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> unwatched_{0};
  std::atomic<std::uint64_t>* value_ = &unwatched_;
};

}  // namespace bench
