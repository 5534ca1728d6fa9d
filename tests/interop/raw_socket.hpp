// A peer that sends and receives bytes as they are, for what no library would send. It and the loop
// of what is tested share one thread, so that a test decides what has been read when.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/address.hpp>
#include <vector>

#include "support/record_stream.hpp"

namespace tryst::interop {

using test::bytes;
/// A message as RFC 5531 §9 and RFC 4506 have it: everything is a multiple of four bytes.
using words = std::vector<std::uint32_t>;

bytes to_bytes(const words& from);
/// REQUIRES: a multiple of four bytes.
words to_words(std::span<const std::byte> from);
/// The record of one fragment.
bytes to_record(const words& message);

/// One end of a connection. Throws std::system_error when the system refuses.
class raw_socket {
public:
  explicit raw_socket(int descriptor) : descriptor_{descriptor} {}
  /// Connects; the kernel accepts on the listener's behalf.
  static raw_socket connected_to(const rpc::address& where);
  ~raw_socket();
  raw_socket(raw_socket&& other) noexcept;
  raw_socket& operator=(raw_socket&&) = delete;

  int descriptor() const noexcept { return descriptor_; }

  void send(std::span<const std::byte> all);
  void send(const std::string& text) { send(std::as_bytes(std::span{text})); }
  /// Sends what the kernel takes at once: how many bytes that was.
  std::size_t send_some(std::span<const std::byte> some);
  /// TCP's FIN: nothing more will be sent.
  void end_sending();
  /// Ends the connection with TCP's RST, whatever is under way.
  void reset();

  /// Takes what has arrived; false: the peer has ended the connection.
  bool receive();
  /// The next whole record of what was taken, if there is one.
  std::optional<bytes> record();
  /// True when bytes were taken that no record has used.
  bool has_unread() const noexcept { return !unread_.empty(); }

private:
  int descriptor_;
  bytes unread_;
  rpc::record_reader records_{{.max_bytes = 64U << 20, .max_fragments = 1U << 20}};
};

/// Listens on a port of 127.0.0.1 that the kernel chose.
class raw_listener {
public:
  raw_listener();
  ~raw_listener();
  raw_listener(const raw_listener&) = delete;
  raw_listener& operator=(const raw_listener&) = delete;

  /// As tryst::rpc::client takes it.
  std::string where() const;
  /// The next connection; waits for it.
  raw_socket accept();

private:
  int descriptor_;
};

/// Takes turns of the loop until `holds()`; false: it did not in time.
template <class Condition>
bool turn_until(epoll_loop& loop, Condition holds);

/// The next record that arrives while the loop takes turns, as words. Throws std::runtime_error
/// when the connection ends before, or none comes in time.
words next_message(epoll_loop& loop, raw_socket& from);

/// True when the other side ends the connection, with nothing more to be read before that.
bool is_ended(epoll_loop& loop, raw_socket& by_peer);

template <class Condition>
bool turn_until(epoll_loop& loop, Condition holds) {
  constexpr std::chrono::seconds patience{60};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    loop.turn(std::chrono::milliseconds{1});
  }
  return true;
}

}  // namespace tryst::interop
