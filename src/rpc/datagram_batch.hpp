// Many datagrams in one system call, each way: several in one receive or send (recvmmsg, sendmmsg),
// and runs of equal size to one peer as one packet, until a network card or the receiver's kernel
// cuts it (UDP_SEGMENT, UDP_GRO). One call at a time costs the plain receive and the plain send.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
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
  /// Room for `most` packets; datagrams of more than `largest` bytes are cut off. `addressed`:
  /// where each came from and went to is wanted too.
  datagram_arrivals(std::size_t most, std::uint32_t largest, bool addressed);

  /// Receives what is there; returns how many datagrams, 0 with errno when none.
  std::size_t receive(const socket& from);

  /// One of them: the bytes, which are the receiver's until it receives again.
  std::span<const std::byte> bytes(std::size_t i) const noexcept {
    return {area_.get() + arrived_[i].begin, std::min(arrived_[i].size, largest_)};
  }
  /// The datagram was larger than it may be: these bytes are its beginning.
  bool cut_off(std::size_t i) const noexcept { return arrived_[i].size > largest_; }
  /// Where it came from, and its control data. REQUIRES: addressed.
  const msghdr& header(std::size_t i) const noexcept {
    return messages_[arrived_[i].packet].msg_hdr;
  }
  const socket_address& from(std::size_t i) const noexcept { return sources_[arrived_[i].packet]; }

  /// Gives the memory back.
  void shrink() noexcept { area_.reset(); }

private:
  static constexpr std::uint32_t probe_every = 8;

  struct arrival {
    std::size_t begin;   // in area_
    std::uint32_t size;  // more than largest_ if it was cut
    std::uint32_t packet;
  };

  bool prepare() noexcept;
  void join_packets(const socket& s) noexcept;
  std::size_t receive_packets(const socket& from) noexcept;
  void take_apart(std::size_t packet);

  std::uint32_t largest_;
  std::size_t slot_;         // room for a packet
  std::size_t used_ = 0;     // of the arrays, by the last receive
  std::uint32_t alone_ = 0;  // receives in a row that brought one packet
  bool addressed_;
  bool joined_ = false;   // packets may hold several datagrams
  bool may_join_ = true;  // ... unless the system knows no such thing
  std::vector<mmsghdr> messages_;
  std::vector<iovec> parts_;
  std::vector<socket_address> sources_;
  std::vector<datagram_control> controls_;
  std::vector<arrival> arrived_;
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

/// What one send shall take: messages of one or of several outboxes. Messages of one size that
/// follow each other to one peer are a run, and one packet.
class datagram_departures {
public:
  /// Packets of one send.
  static constexpr std::size_t most = 32;

  std::size_t count() const noexcept { return count_; }
  void clear() noexcept { count_ = used_ = 0; }

  /// Adds the message at `at` and moves `at` behind it; false when there is none, or no room. On a
  /// connected socket `to` is null. It and `control` must live until the send, and be the same
  /// objects for the same peer.
  bool add(const outbox& queue, outbox::place& at, const socket_address* to,
           std::span<std::byte> control);
  /// The bytes that an outbox holds for packet `i`: the messages and their marks.
  std::uint64_t held(std::size_t i) const noexcept { return held_[i]; }

  /// Sends; returns how many packets left, or -1 with errno if not even the first did. 0: there is
  /// no sending of runs here, and what was added is to be added again.
  int send(const socket& by) noexcept;

private:
  bool joins_run(const socket_address* to, std::size_t size) const noexcept;
  void join_run(std::size_t parts, std::size_t size) noexcept;

  // The packet that was added last.
  struct run {
    std::size_t size = 0;   // of its messages, but for the last, which may be smaller
    std::size_t count = 0;  // of messages
    std::size_t bytes = 0;
    bool open = false;
  };

  std::array<mmsghdr, most> messages_;
  std::array<std::uint64_t, most> held_;
  std::array<bool, most> is_run_;
  std::array<datagram_control, most> run_controls_;
  std::array<iovec, 512> parts_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;  // of parts_
  run last_;
  bool may_run_ = true;
};

}  // namespace tryst::rpc
