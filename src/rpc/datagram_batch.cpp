#include "rpc/datagram_batch.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <tryst/rpc/record.hpp>
#include <utility>

namespace tryst::rpc {
namespace {

constexpr std::size_t store_capacity = 16 * 1024;
constexpr std::size_t alignment = 8;

// A packet of joined datagrams is as large as any packet may be.
constexpr std::size_t largest_packet = 65536;
// Runs: what every kernel that knows them takes, in pieces that fit through any usual network.
constexpr std::size_t largest_in_run = 1200;
constexpr std::size_t most_in_run = 64;
constexpr std::size_t largest_run = 60'000;

// The size of the datagrams that a packet holds; 0: it is one.
std::size_t joined_size(const msghdr& header) {
  // The macros of the system take what they do not change as something that they might.
  msghdr own = header;
  for (cmsghdr* c = CMSG_FIRSTHDR(&own); c != nullptr; c = CMSG_NXTHDR(&own, c)) {
    if (c->cmsg_level != IPPROTO_UDP || c->cmsg_type != UDP_GRO) continue;
    int size = 0;
    std::memcpy(&size, CMSG_DATA(c), sizeof size);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  return 0;
}

}  // namespace

datagram_arrivals::datagram_arrivals(std::size_t most, std::uint32_t largest, bool addressed)
    : largest_{largest},
      slot_{largest},
      addressed_{addressed},
      messages_(most),
      parts_(most),
      sources_(addressed ? most : 0),
      controls_(most) {}

// What stays the same from receive to receive.
bool datagram_arrivals::prepare() noexcept {
  area_.reset(new (std::nothrow) std::byte[messages_.size() * slot_]);
  if (!area_) return false;
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    parts_[i] = {.iov_base = area_.get() + i * slot_, .iov_len = slot_};
    messages_[i].msg_hdr = {};
    messages_[i].msg_hdr.msg_iov = &parts_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
  used_ = messages_.size();
  return true;
}

// From here on packets are received as they came. It takes more room, and the plain receive does
// not do: only where many come at a time.
void datagram_arrivals::join_packets(const socket& s) noexcept {
  may_join_ = false;
  constexpr int on = 1;
  joined_ = ::setsockopt(s.descriptor(), IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
  if (!joined_) return;
  slot_ = largest_packet;
  area_.reset();
}

std::size_t datagram_arrivals::receive(const socket& from) {
  if (may_join_ && used_ > 1 && area_) join_packets(from);
  if (!area_ && !prepare()) {
    errno = ENOMEM;
    return 0;
  }
  for (std::size_t i = 0; i < used_ && (addressed_ || joined_); ++i) {
    msghdr& header = messages_[i].msg_hdr;
    header.msg_control = controls_[i].bytes.data();
    header.msg_controllen = controls_[i].bytes.size();
    if (!addressed_) continue;
    header.msg_name = &sources_[i].storage;
    header.msg_namelen = sizeof sources_[i].storage;
  }
  used_ = receive_packets(from);
  alone_ = used_ == 1 ? alone_ + 1 : 0;
  arrived_.clear();
  for (std::size_t i = 0; i < used_; ++i) take_apart(i);
  return arrived_.size();
}

std::size_t datagram_arrivals::receive_packets(const socket& from) noexcept {
  // To ask for more than there is costs the kernel a second look: where packets come one by one,
  // more are asked for only now and then.
  if (alone_ % probe_every != 0) {
    // With MSG_TRUNC the system says how long it was, however much of it there was room for.
    constexpr int how = MSG_DONTWAIT | MSG_TRUNC;
    const ssize_t n = addressed_ || joined_
                          ? ::recvmsg(from.descriptor(), &messages_[0].msg_hdr, how)
                          : ::recv(from.descriptor(), area_.get(), slot_, how);
    if (n < 0) return 0;
    messages_[0].msg_len = static_cast<unsigned>(n);
    return 1;
  }
  const int n =
      ::recvmmsg(from.descriptor(), messages_.data(), static_cast<unsigned>(messages_.size()),
                 MSG_DONTWAIT | MSG_TRUNC, nullptr);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

void datagram_arrivals::take_apart(std::size_t packet) {
  const std::size_t size = messages_[packet].msg_len;
  const auto number = static_cast<std::uint32_t>(packet);
  if (addressed_) sources_[packet].size = messages_[packet].msg_hdr.msg_namelen;
  const std::size_t each = joined_ ? joined_size(messages_[packet].msg_hdr) : 0;
  if (each == 0) {
    arrived_.push_back({packet * slot_, static_cast<std::uint32_t>(size), number});
    return;
  }
  for (std::size_t at = 0; at < std::min(size, slot_); at += each) {
    const auto part = static_cast<std::uint32_t>(std::min(each, size - at));
    arrived_.push_back({packet * slot_ + at, part, number});
  }
}

std::span<const std::byte> datagram_store::keep(std::span<const std::byte> bytes) {
  if (chunk_.unique() && used_ + bytes.size() > chunk_.capacity()) used_ = 0;
  if (used_ + bytes.size() > chunk_.capacity() || !chunk_) {
    chunk_ = xdr::buffer_ref::allocate(std::max(store_capacity, bytes.size()));
    used_ = 0;
  }
  std::byte* const where = chunk_.data() + used_;
  if (!bytes.empty()) std::memcpy(where, bytes.data(), bytes.size());
  used_ = (used_ + bytes.size() + alignment - 1) / alignment * alignment;
  return {where, bytes.size()};
}

bool datagram_departures::joins_run(const socket_address* to, std::size_t size) const noexcept {
  return may_run_ && count_ > 0 && last_.open && size > 0 && size <= last_.size &&
         messages_[count_ - 1].msg_hdr.msg_name == static_cast<const void*>(to) &&
         last_.size <= largest_in_run && last_.count < most_in_run &&
         last_.bytes + size <= largest_run;
}

void datagram_departures::join_run(std::size_t parts, std::size_t size) noexcept {
  msghdr& header = messages_[count_ - 1].msg_hdr;
  if (!std::exchange(is_run_[count_ - 1], true)) {
    // What it had, and behind that where to cut.
    std::byte* const room = run_controls_[count_ - 1].bytes.data();
    const std::size_t had = header.msg_controllen;
    if (had > 0) std::memcpy(room, header.msg_control, had);
    header.msg_control = room;
    header.msg_controllen = had + CMSG_SPACE(sizeof(std::uint16_t));
    auto* const cut = reinterpret_cast<cmsghdr*>(room + had);
    cut->cmsg_level = IPPROTO_UDP;
    cut->cmsg_type = UDP_SEGMENT;
    cut->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto each = static_cast<std::uint16_t>(last_.size);
    std::memcpy(CMSG_DATA(cut), &each, sizeof each);
  }
  header.msg_iovlen += parts;
  ++last_.count;
  last_.bytes += size;
  // A smaller one can only be the last.
  last_.open = size == last_.size;
}

bool datagram_departures::add(const outbox& queue, outbox::place& at, const socket_address* to,
                              std::span<std::byte> control) {
  const std::span<iovec> room = std::span{parts_}.subspan(used_);
  outbox::place next = at;
  const std::size_t n = queue.gather_message(next, room);
  if (n == 0) return false;
  std::size_t size = 0;
  for (const iovec& part : room.first(n)) size += part.iov_len;
  if (joins_run(to, size)) {
    join_run(n, size);
    held_[count_ - 1] += size + record_mark_size;
  } else {
    if (count_ == most) return false;
    msghdr& header = messages_[count_].msg_hdr;
    header = {};
    header.msg_iov = room.data();
    header.msg_iovlen = n;
    if (to != nullptr) {
      header.msg_name = const_cast<sockaddr*>(to->get());
      header.msg_namelen = to->size;
    }
    if (!control.empty()) {
      header.msg_control = control.data();
      header.msg_controllen = control.size();
    }
    held_[count_] = size + record_mark_size;
    is_run_[count_] = false;
    last_ = {.size = size, .count = 1, .bytes = size, .open = true};
    ++count_;
  }
  used_ += n;
  at = next;
  return true;
}

int datagram_departures::send(const socket& by) noexcept {
  constexpr int how = MSG_NOSIGNAL | MSG_DONTWAIT;
  for (;;) {
    const msghdr& first = messages_[0].msg_hdr;
    int n = 0;
    if (count_ > 1) {
      n = ::sendmmsg(by.descriptor(), messages_.data(), static_cast<unsigned>(count_), how);
    } else {
      const bool plain =
          first.msg_iovlen == 1 && first.msg_name == nullptr && first.msg_controllen == 0;
      const ssize_t sent =
          plain ? ::send(by.descriptor(), first.msg_iov->iov_base, first.msg_iov->iov_len, how)
                : ::sendmsg(by.descriptor(), &first, how);
      n = sent >= 0 ? 1 : -1;
    }
    if (n >= 0) return n;
    if (errno == EINTR) continue;
    // Runs need a kernel and a network card that know them, and a path that takes their pieces.
    if (is_run_[0] &&
        (errno == EIO || errno == EINVAL || errno == EMSGSIZE || errno == EOPNOTSUPP)) {
      may_run_ = false;
      return 0;
    }
    return -1;
  }
}

}  // namespace tryst::rpc
