#include <tryst/binder/presence.hpp>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace tryst::binder {
namespace {

constexpr std::uint32_t all_states = 0xffff'ffff;
constexpr std::uint32_t listening = 1U << 10;  // TCP_LISTEN
constexpr std::size_t reply_bytes = 32768;

struct request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

enum class answer { there, absent, no_idea };

class question {
public:
  question(int descriptor, netid over, const universal_address& where)
      : descriptor_{descriptor},
        family_{where.host.is_v6 ? AF_INET6 : AF_INET},
        is_tcp_{over == netid::tcp || over == netid::tcp6},
        where_{where} {}

  // One socket: the one that would take a message to that address. Quick, however many there are.
  answer ask_for_one() const {
    request r = prepared(0);
    inet_diag_sockid& id = r.body.id;
    // What a kernel says of one UDP socket is asked for with both ends the other way round.
    auto& address = is_tcp_ ? id.idiag_src : id.idiag_dst;
    auto& port = is_tcp_ ? id.idiag_sport : id.idiag_dport;
    port = htons(where_.port);
    std::memcpy(address, probe_host().data(), sizeof address);
    return ask(r);
  }

  // All sockets: slower, and sure of what is not there.
  answer ask_for_all() const {
    request r = prepared(NLM_F_DUMP);
    return ask(r);
  }

private:
  // A socket that listens anywhere takes what is sent to loopback.
  std::array<std::uint8_t, 16> probe_host() const {
    if (!where_.host.is_any()) return where_.host.bytes;
    if (family_ == AF_INET) return {127, 0, 0, 1};
    return in6_loopback;
  }

  request prepared(std::uint16_t flags) const {
    request r{};
    r.header.nlmsg_len = sizeof r;
    r.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    r.header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    r.body.sdiag_family = static_cast<std::uint8_t>(family_);
    r.body.sdiag_protocol = is_tcp_ ? IPPROTO_TCP : IPPROTO_UDP;
    r.body.idiag_states = is_tcp_ ? listening : all_states;
    r.body.id.idiag_cookie[0] = r.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return r;
  }

  answer ask(const request& r) const {
    const bool of_all = (r.header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
    if (::send(descriptor_, &r, sizeof r, 0) != static_cast<ssize_t>(sizeof r)) {
      return answer::no_idea;
    }
    answer so_far = answer::absent;
    for (;;) {
      alignas(nlmsghdr) std::array<char, reply_bytes> buffer;
      const ssize_t received = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (received <= 0) return answer::no_idea;
      auto left = static_cast<std::size_t>(received);
      for (std::size_t at = 0; left >= sizeof(nlmsghdr);) {
        nlmsghdr header;
        std::memcpy(&header, buffer.data() + at, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > left) return answer::no_idea;
        if (header.nlmsg_type == NLMSG_DONE) return so_far;
        if (header.nlmsg_type == NLMSG_ERROR) return of_error(buffer.data() + at, header, of_all);
        if (!of_all) return answer::there;
        if (has_port(buffer.data() + at, header)) so_far = answer::there;
        const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
        at += step;
        left -= std::min(left, step);
      }
    }
  }

  // Asked for one socket, a kernel that has no such module says the same as one that has no such
  // socket; asked for all, it cannot have the latter to say.
  static answer of_error(const char* at, const nlmsghdr& header, bool of_all) {
    nlmsgerr error{};
    if (header.nlmsg_len < sizeof header + sizeof error) return answer::no_idea;
    std::memcpy(&error, at + sizeof header, sizeof error);
    return !of_all && error.error == -ENOENT ? answer::absent : answer::no_idea;
  }

  bool has_port(const char* at, const nlmsghdr& header) const {
    inet_diag_msg found{};
    if (header.nlmsg_len < sizeof header + sizeof found) return false;
    std::memcpy(&found, at + sizeof header, sizeof found);
    return ntohs(found.id.idiag_sport) == where_.port;
  }

  static constexpr std::array<std::uint8_t, 16> in6_loopback{0, 0, 0, 0, 0, 0, 0, 0,
                                                             0, 0, 0, 0, 0, 0, 0, 1};

  int descriptor_;
  int family_;
  bool is_tcp_;
  const universal_address& where_;
};

// A server for IPv4 may be an IPv6 socket that takes both.
answer ask_both_families(int descriptor, netid over, universal_address where) {
  const answer of_own = question{descriptor, over, where}.ask_for_all();
  if (of_own != answer::absent || where.host.is_v6) return of_own;
  where.host = ip_address{.is_v6 = true};
  return question{descriptor, over, where}.ask_for_all();
}

}  // namespace

presence::presence()
    : descriptor_{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)} {}

presence::~presence() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool presence::operator()(netid over, const universal_address& where) const {
  if (over == netid::local) {
    struct stat status{};
    return where.path.starts_with('@') || ::lstat(where.path.c_str(), &status) == 0 ||
           errno != ENOENT;
  }
  if (!where.suits(over) || descriptor_ < 0) return true;
  if (question{descriptor_, over, where}.ask_for_one() == answer::there) return true;
  return ask_both_families(descriptor_, over, where) != answer::absent;
}

}  // namespace tryst::binder
