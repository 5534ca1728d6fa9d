// The other end of a transport, played by a test: it sees the messages that are sent to it, and
// sends what the test says, right or wrong.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <tryst/rpc/memory_transport.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/testing/manual_loop.hpp>
#include <vector>

namespace tryst::tests {

using words = std::vector<std::uint32_t>;

class scripted_peer final : private rpc::transport::user {
public:
  explicit scripted_peer(std::unique_ptr<rpc::transport> end) : end_{std::move(end)} {
    end_->start(*this);
  }
  ~scripted_peer() = default;

  /// What came, as 4-byte words (every message is a multiple of them).
  std::vector<words> received;
  bool takes_messages = true;
  bool closed = false;

  std::uint32_t xid_of(std::size_t message) const { return received.at(message).at(0); }

  void send(const words& message) {
    xdr::byte_buffer& out = end_->out().begin();
    for (const std::uint32_t word : message) xdr::store_big(out.extend(4), word);
    end_->out().end();
    end_->flush_soon();
  }

  /// A successful reply (RFC 5531 §9): xid, REPLY, MSG_ACCEPTED, AUTH_NONE, no body, SUCCESS.
  void reply(std::uint32_t xid, const words& result) {
    words message{xid, 1, 0, 0, 0, 0};
    message.insert(message.end(), result.begin(), result.end());
    send(message);
  }

  void die() { end_.reset(); }
  void take_up() {
    takes_messages = true;
    end_->resume_reading();
  }

private:
  bool on_message(std::span<const std::byte> message, const xdr::buffer_ref&) override {
    words w(message.size() / 4);
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] = xdr::load_big<std::uint32_t>(message.data() + 4 * i);
    }
    received.push_back(std::move(w));
    return takes_messages;
  }
  void on_sent() override {}
  void on_end_of_messages() override {}
  void on_closed(std::error_code) override { closed = true; }

  std::unique_ptr<rpc::transport> end_;
};

}  // namespace tryst::tests
