// Many datagrams in one system call, each way (recvmmsg, sendmmsg). What one call needs costs no
// more than the plain recvmsg and sendmsg.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <tryst/rpc/outbox.hpp>
#include <tryst/xdr/bytes.hpp>
#include <vector>

#include "rpc/socket.hpp"

namespace tryst::rpc {

/// What a datagram may be at most: an IPv4 packet holds 65535 bytes, its headers among them.
inline constexpr std::uint32_t largest_datagram = 65507;

/// Room for the control data that says which of our addresses a datagram came to.
struct datagram_control {
  alignas(cmsghdr) std::array<std::byte, 64> bytes{};
};

/// What one receive brought.
class datagram_arrivals {
public:
  /// Room for `most` datagrams of `largest` bytes. `addressed`: where each came from and went to is
  /// wanted too.
  datagram_arrivals(std::size_t most, std::uint32_t largest, bool addressed);

  /// Receives what is there; returns how many, 0 with errno when none.
  std::size_t receive(const socket& from) noexcept;

  /// One of them: the bytes, which are the receiver's until it receives again.
  std::span<const std::byte> bytes(std::size_t i) const noexcept;
  /// The datagram was larger than there was room: these bytes are its beginning.
  bool cut_off(std::size_t i) const noexcept;
  /// Where it came from, and its control data. REQUIRES: addressed.
  const msghdr& header(std::size_t i) const noexcept { return messages_[i].msg_hdr; }
  const socket_address& from(std::size_t i) const noexcept { return sources_[i]; }

  /// Gives the memory back.
  void shrink() noexcept { area_.reset(); }

private:
  static constexpr std::uint32_t probe_every = 8;

  bool prepare() noexcept;
  std::size_t receive_into_place(const socket& from) noexcept;

  std::uint32_t largest_;
  std::size_t used_ = 0;     // of the arrays, by the last receive
  std::uint32_t alone_ = 0;  // receives in a row that brought one
  std::vector<mmsghdr> messages_;
  std::vector<iovec> parts_;
  std::vector<socket_address> sources_;
  std::vector<datagram_control> controls_;
  // Never filled: pages that no datagram reached cost nothing.
  std::unique_ptr<std::byte[]> area_;
};

/// Copies datagrams next to each other into counted chunks: views of a message may outlive the
/// receive that brought it, and must not hold the room of the largest one for that.
class datagram_store {
public:
  /// A copy of `bytes`, which chunk() holds.
  std::span<const std::byte> keep(std::span<const std::byte> bytes);
  const xdr::buffer_ref& chunk() const noexcept { return chunk_; }
  void shrink() noexcept { *this = {}; }

private:
  xdr::buffer_ref chunk_;
  std::size_t used_ = 0;
};

/// What one send shall take: messages of one or of several outboxes.
class datagram_departures {
public:
  static constexpr std::size_t most = 32;

  std::size_t count() const noexcept { return count_; }
  void clear() noexcept { count_ = used_ = 0; }

  /// Adds the message at `at` and moves `at` behind it; false when there is none, or no room. On a
  /// connected socket `to` is null. `control` must live until the send.
  bool add(const outbox& queue, outbox::place& at, const socket_address* to,
           std::span<std::byte> control);
  /// The bytes that the outbox of the message holds for it: its mark and itself.
  std::uint64_t held(std::size_t i) const noexcept { return held_[i]; }
  std::span<const std::byte> beginning(std::size_t i) const noexcept;

  /// Sends; returns how many left, or -1 with errno if not even the first did.
  int send(const socket& by) noexcept;

private:
  std::array<mmsghdr, most> messages_;
  std::array<std::uint64_t, most> held_;
  std::array<iovec, 2 * most> parts_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;  // of parts_
};

}  // namespace tryst::rpc
