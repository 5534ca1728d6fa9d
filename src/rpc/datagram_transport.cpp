#include "rpc/datagram_transport.hpp"

#include <linux/errqueue.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <tryst/error.hpp>
#include <tryst/rpc/message.hpp>

namespace tryst::rpc {
namespace {

// Datagrams that one receive may bring: replies that came while the loop was at something else.
constexpr std::size_t receive_batch = 8;
// Errors looked at in one turn: whoever floods us with them shall not hold the loop.
constexpr int errors_per_turn = 16;

// The socket itself is of no use any more: its address, say, is no longer this machine's.
bool is_final(int error) {
  return error == EADDRNOTAVAIL || error == EINVAL || error == EBADF || error == ENOTCONN;
}

void ask_for_errors(const socket& s) {
  constexpr int on = 1;
  // One of the two is not this socket's.
  ::setsockopt(s.descriptor(), IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  ::setsockopt(s.descriptor(), IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

// The errno of an entry of the error queue; 0 if it has none.
int error_of(msghdr& entry) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&entry); c != nullptr; c = CMSG_NXTHDR(&entry, c)) {
    const bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
    const bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(c), sizeof error);
    return static_cast<int>(error.ee_errno);
  }
  return 0;
}

}  // namespace

datagram_transport::datagram_transport(loop& home, socket opened, peer_identity peer,
                                       std::uint32_t largest, std::optional<socket_address> to)
    : socket_transport{home, std::move(opened), std::move(peer)},
      to_{to},
      arrivals_{receive_batch, largest, false} {
  ask_for_errors(socket_);
}

void datagram_transport::ready(readiness what) noexcept {
  if (what.writable) flush();
  if (what.broken && !closing_) read_errors();
  if (what.readable && !closing_) read();
}

void datagram_transport::read() {
  if (!reading_) return;
  const std::size_t count = arrivals_.receive(socket_);
  for (std::size_t i = 0; i < count && !closing_; ++i) {
    const auto bytes = arrivals_.bytes(i);
    received_ += bytes.size();
    // Whatever is no message of RPC has lost its way: it ends nothing.
    if (!type_of(bytes)) continue;
    if (arrivals_.cut_off(i)) {
      user_->on_message_lost(bytes, make_error_code(errc::record_too_large));
      continue;
    }
    // When the user takes no more, what else came is lost: a peer that cares sends it again.
    if (!reading_) break;
    const auto message = store_.keep(bytes);
    if (!user_->on_message(message, store_.chunk())) watch_for(false, writing_);
  }
}

void datagram_transport::read_errors() {
  for (int i = 0; i < errors_per_turn; ++i) {
    // An error brings the beginning of the datagram that caused it: the xid, that is.
    std::array<std::byte, 64> sent;
    alignas(cmsghdr) std::array<std::byte, 512> control;
    iovec part{.iov_base = sent.data(), .iov_len = sent.size()};
    msghdr entry{};
    entry.msg_iov = &part;
    entry.msg_iovlen = 1;
    entry.msg_control = control.data();
    entry.msg_controllen = control.size();
    const ssize_t n = ::recvmsg(socket_.descriptor(), &entry, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (n < 0) return;
    const std::span<const std::byte> beginning{sent.data(), static_cast<std::size_t>(n)};
    // Of all that a network may say only this is certain: the host is there, the port is not.
    if (error_of(entry) != ECONNREFUSED || !type_of(beginning)) continue;
    user_->on_message_lost(beginning, make_error_code(errc::connect_failed));
    if (closing_) return;
  }
}

void datagram_transport::resume_reading() { watch_for(true, writing_); }

void datagram_transport::flush() {
  if (closing_) return;
  outbox& queue = out();
  const std::uint64_t taken_before = queue.taken();
  bool full = false;
  bool repeated = false;
  while (!queue.empty() && !full) {
    departures_.clear();
    outbox::place at = queue.first_message();
    while (departures_.add(queue, at, to_ ? &*to_ : nullptr, {})) {
    }
    int n = departures_.send(socket_);
    if (n < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        full = true;
        n = 0;
      } else if (is_final(errno)) {
        return close(make_error_code(errc::connection_lost));
      } else {
        // Perhaps an error that an earlier datagram caused, which is reported once. If it is this
        // one's, there is no way for it: it is lost, as any router may lose it.
        n = repeated ? 1 : 0;
        repeated = !repeated;
      }
    }
    for (int i = 0; i < n; ++i) queue.took(departures_.held(static_cast<std::size_t>(i)));
  }
  blocked_ = full;
  watch_for(reading_, full);
  if (queue.taken() != taken_before) user_->on_sent();
  if (finishing_ && queue.empty()) close(make_error_code(errc::connection_lost));
}

void datagram_transport::shrink() {
  arrivals_.shrink();
  if (store_.chunk().unique()) store_.shrink();
}

}  // namespace tryst::rpc
