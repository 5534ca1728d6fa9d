// A transport whose other end is the test: it hands in bytes of messages, at a peer address of its
// choice, and sees what is sent.
#pragma once

#include <sys/uio.h>

#include <array>
#include <tryst/rpc/server.hpp>
#include <tryst/testing/manual_loop.hpp>
#include <vector>

#include "support/played_end.hpp"
#include "support/record_stream.hpp"
#include "xdr/hex.hpp"

namespace tryst::test {

class played_transport final : public played_end {
public:
  /// What became of it; outlives it.
  struct record : played_end::record {
    bytes sent;  ///< with record marks
  };

  played_transport(loop& home, rpc::peer_identity peer, record& r)
      : played_end{home, std::move(peer), r}, sent_{r.sent} {}

  void flush_soon() override {
    while (!out().empty()) {
      std::array<iovec, 8> parts;
      const std::size_t used = out().gather(parts);
      std::size_t n = 0;
      for (std::size_t i = 0; i < used; ++i) {
        append(sent_, {static_cast<const std::byte*>(parts[i].iov_base), parts[i].iov_len});
        n += parts[i].iov_len;
      }
      out().took(n);
    }
  }
  void finish_sending() override { flush_soon(); }

private:
  bytes& sent_;
};

/// A server on a clock that stands still, and one connection after another to it.
class served {
public:
  explicit served(rpc::server_options options = {}) : server{loop_, std::move(options)} {}

  /// A new connection from here on.
  void connect_from(rpc::peer_identity peer = {}) {
    connections_.push_back(std::make_unique<played_transport::record>());
    server.serve_connection(
        loop_, std::make_unique<played_transport>(loop_, std::move(peer), *connections_.back()));
  }

  /// Sends a message and returns the messages that are sent because of it, as hex.
  std::vector<std::string> answers_to(std::span<const std::byte> message) {
    played_transport::record& now = *connections_.back();
    now.sent.clear();
    if (now.user != nullptr && !now.closed) {
      // In a chunk of its own, as large as the message: a sanitizer sees what lies beyond.
      const auto chunk = xdr::buffer_ref::allocate(message.size());
      if (!message.empty()) std::memcpy(chunk.data(), message.data(), message.size());
      now.user->on_message({chunk.data(), message.size()}, chunk);
    }
    loop_.run_until_idle();
    std::vector<std::string> answers;
    for (const bytes& answer : deliver_at_once(now.sent).records) answers.push_back(hex_of(answer));
    return answers;
  }
  std::string answer_to(std::span<const std::byte> message) {
    const auto answers = answers_to(message);
    return answers.size() == 1 ? answers.front() : std::to_string(answers.size()) + " answers";
  }
  bool closed() const { return static_cast<bool>(connections_.back()->closed); }

private:
  // What the server's end leaves to do is done once it has gone.
  struct last_turns {
    testing::manual_loop& loop;
    ~last_turns() { loop.run_until_idle(); }
  };

  testing::manual_loop loop_;
  std::vector<std::unique_ptr<played_transport::record>> connections_;
  last_turns last_{loop_};

public:
  rpc::server server;
};

}  // namespace tryst::test
