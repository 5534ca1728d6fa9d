#include "rpc/datagram_batch.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <tryst/rpc/record.hpp>

namespace tryst::rpc {
namespace {

constexpr std::size_t store_capacity = 16 * 1024;
constexpr std::size_t alignment = 8;

}  // namespace

datagram_arrivals::datagram_arrivals(std::size_t most, std::uint32_t largest, bool addressed)
    : largest_{largest},
      messages_(most),
      parts_(most),
      sources_(addressed ? most : 0),
      controls_(addressed ? most : 0) {}

// What stays the same from receive to receive.
bool datagram_arrivals::prepare() noexcept {
  area_.reset(new (std::nothrow) std::byte[messages_.size() * largest_]);
  if (!area_) return false;
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    parts_[i] = {.iov_base = area_.get() + i * largest_, .iov_len = largest_};
    messages_[i].msg_hdr = {};
    messages_[i].msg_hdr.msg_iov = &parts_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
  used_ = messages_.size();
  return true;
}

std::size_t datagram_arrivals::receive(const socket& from) noexcept {
  if (!area_ && !prepare()) {
    errno = ENOMEM;
    return 0;
  }
  for (std::size_t i = 0; i < used_ && !sources_.empty(); ++i) {
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &sources_[i].storage;
    header.msg_namelen = sizeof sources_[i].storage;
    header.msg_control = controls_[i].bytes.data();
    header.msg_controllen = controls_[i].bytes.size();
  }
  used_ = receive_into_place(from);
  alone_ = used_ == 1 ? alone_ + 1 : 0;
  for (std::size_t i = 0; i < used_ && !sources_.empty(); ++i) {
    sources_[i].size = messages_[i].msg_hdr.msg_namelen;
  }
  return used_;
}

std::size_t datagram_arrivals::receive_into_place(const socket& from) noexcept {
  // To ask for more than there is costs the kernel a second look: where datagrams come one by one,
  // more are asked for only now and then.
  if (alone_ % probe_every != 0) {
    msghdr& header = messages_[0].msg_hdr;
    // With MSG_TRUNC the system says how long it was, however much of it there was room for.
    const ssize_t n =
        sources_.empty()
            ? ::recv(from.descriptor(), area_.get(), largest_, MSG_DONTWAIT | MSG_TRUNC)
            : ::recvmsg(from.descriptor(), &header, MSG_DONTWAIT | MSG_TRUNC);
    if (n < 0) return 0;
    const auto size = static_cast<std::size_t>(n);
    header.msg_flags = size > largest_ ? MSG_TRUNC : 0;
    messages_[0].msg_len = static_cast<unsigned>(std::min<std::size_t>(size, largest_));
    return 1;
  }
  const int n = ::recvmmsg(from.descriptor(), messages_.data(),
                           static_cast<unsigned>(messages_.size()), MSG_DONTWAIT, nullptr);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

std::span<const std::byte> datagram_arrivals::bytes(std::size_t i) const noexcept {
  return {area_.get() + i * largest_, messages_[i].msg_len};
}

bool datagram_arrivals::cut_off(std::size_t i) const noexcept {
  return (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
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

bool datagram_departures::add(const outbox& queue, outbox::place& at, const socket_address* to,
                              std::span<std::byte> control) {
  if (count_ == most) return false;
  const std::span<iovec> room = std::span{parts_}.subspan(used_);
  const std::size_t n = queue.gather_message(at, room);
  if (n == 0) return false;
  std::uint64_t size = 0;
  for (const iovec& part : room.first(n)) size += part.iov_len;
  held_[count_] = size + record_mark_size;
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
  ++count_;
  used_ += n;
  return true;
}

std::span<const std::byte> datagram_departures::beginning(std::size_t i) const noexcept {
  const iovec& first = *messages_[i].msg_hdr.msg_iov;
  return {static_cast<const std::byte*>(first.iov_base), first.iov_len};
}

int datagram_departures::send(const socket& by) noexcept {
  for (;;) {
    if (count_ == 1) {
      const msghdr& only = messages_[0].msg_hdr;
      const bool plain = only.msg_iovlen == 1 && only.msg_name == nullptr;
      constexpr int how = MSG_NOSIGNAL | MSG_DONTWAIT;
      const ssize_t sent =
          plain ? ::send(by.descriptor(), only.msg_iov->iov_base, only.msg_iov->iov_len, how)
                : ::sendmsg(by.descriptor(), &only, how);
      if (sent >= 0) return 1;
      if (errno != EINTR) return -1;
      continue;
    }
    const int n = ::sendmmsg(by.descriptor(), messages_.data(), static_cast<unsigned>(count_),
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace tryst::rpc
