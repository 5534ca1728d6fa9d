// Servers that are gone: what the kernel says of them, and what a binder makes of it.
#include <tryst/binder/presence.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "binder/bound_server.hpp"

namespace tryst::binder {
namespace {

using tests::bound_server;
using tests::map_of;
using v4 = rpcb_prot::RPCBVERS4;

// A socket with a free port, of any kind that a server may have.
class port {
public:
  port(int family, int type, bool v6_only = true, bool loopback_only = false)
      : descriptor_{::socket(family, type | SOCK_CLOEXEC, 0)} {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (family == AF_INET6) {
      const int on = v6_only ? 1 : 0;
      ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
      storage.ss_family = AF_INET6;
    } else {
      sockaddr_in in{};
      in.sin_family = AF_INET;
      if (loopback_only) in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
      std::memcpy(&storage, &in, sizeof in);
    }
    auto* const raw = reinterpret_cast<sockaddr*>(&storage);
    EXPECT_EQ(
        ::bind(descriptor_, raw, family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in)),
        0);
    if (type == SOCK_STREAM) {
      EXPECT_EQ(::listen(descriptor_, 8), 0);
    }
    ::getsockname(descriptor_, raw, &size);
    sockaddr_in in{};  // the port stands in the same place in both families
    std::memcpy(&in, &storage, sizeof in);
    number_ = ntohs(in.sin_port);
  }
  ~port() { close(); }
  port(const port&) = delete;
  port& operator=(const port&) = delete;

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  universal_address anywhere(bool v6) const {
    return *universal_address::parse((v6 ? "::" : "0.0.0.0") + suffix());
  }
  std::string suffix() const {
    return "." + std::to_string(number_ >> 8) + "." + std::to_string(number_ & 255);
  }

private:
  int descriptor_;
  std::uint16_t number_ = 0;
};

TEST(Pitfall81, APortIsThereWhileASocketHasIt) {
  const presence there;
  for (const auto& [over, family, type] : {std::tuple{netid::tcp, AF_INET, SOCK_STREAM},
                                           {netid::udp, AF_INET, SOCK_DGRAM},
                                           {netid::tcp6, AF_INET6, SOCK_STREAM},
                                           {netid::udp6, AF_INET6, SOCK_DGRAM}}) {
    port p{family, type};
    const auto where = p.anywhere(family == AF_INET6);
    EXPECT_TRUE(there(over, where)) << name_of(over);
    p.close();
    EXPECT_FALSE(there(over, where)) << name_of(over);
  }
}

TEST(Pitfall81, OneSocketOfIPv6MayServeIPv4) {
  const presence there;
  for (const auto& [over, type] : {std::pair{netid::tcp, SOCK_STREAM}, {netid::udp, SOCK_DGRAM}}) {
    port both{AF_INET6, type, false};
    EXPECT_TRUE(there(over, both.anywhere(false))) << name_of(over);
  }
}

TEST(Pitfall81, AServerAtOneAddressMayBeRegisteredForAll) {
  const presence there;
  for (const auto& [over, type] : {std::pair{netid::tcp, SOCK_STREAM}, {netid::udp, SOCK_DGRAM}}) {
    port one{AF_INET, type, true, true};  // 127.0.0.2
    EXPECT_TRUE(there(over, one.anywhere(false))) << "version 2 knows ports only";
  }
}

TEST(Pitfall81, APathIsThereWhileItExistsAndAbstractNamesAreBelieved) {
  const presence there;
  EXPECT_TRUE(there(netid::local, *universal_address::parse("/dev/null")));
  EXPECT_FALSE(there(netid::local, *universal_address::parse("/nonexistent/socket")));
  EXPECT_TRUE(there(netid::local, *universal_address::parse("@name")));
}

TEST(Pitfall81, TheEntryOfAServerThatIsGoneIsRemovedWhenItIsAskedFor) {
  const presence there;
  bound_server host{{.is_served = std::cref(there)}};
  auto local = host.connect(host.local);
  auto tcp = host.connect(host.tcp);
  port server{AF_INET, SOCK_STREAM};
  const auto map = map_of(7, 1, "tcp", "127.0.0.1" + server.suffix());
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map).get());
  EXPECT_EQ(v4::stub{tcp}.RPCBPROC_GETADDR(map).get(), map.r_addr);
  server.close();
  EXPECT_EQ(v4::stub{tcp}.RPCBPROC_GETADDR(map).get(), "");
  EXPECT_TRUE(host.book.entries().empty());
}

TEST(Pitfall81, APlaceOfAServerThatIsGoneCanBeTakenByAnother) {
  const presence there;
  bound_server host{{.is_served = std::cref(there)}};
  auto local = host.connect(host.local);
  port first{AF_INET, SOCK_STREAM};
  port second{AF_INET, SOCK_STREAM};
  ASSERT_TRUE(host.book.set({{7, 1}, "tcp", "0.0.0.0" + first.suffix(), "4242"}));
  const auto map = map_of(7, 1, "tcp", "0.0.0.0" + second.suffix());
  EXPECT_FALSE(v4::stub{local}.RPCBPROC_SET(map).get());
  first.close();
  EXPECT_TRUE(v4::stub{local}.RPCBPROC_SET(map).get());
}

}  // namespace
}  // namespace tryst::binder
