// A transport whose other end is the test, which hands in messages and sees what is sent: what is
// the same for streams and for datagrams.
#pragma once

#include <tryst/loop.hpp>
#include <tryst/rpc/transport.hpp>
#include <utility>

namespace tryst::test {

class played_end : public rpc::transport {
public:
  /// What became of it; outlives it.
  struct record {
    rpc::transport::user* user = nullptr;
    std::error_code closed;
  };

  played_end(loop& home, rpc::peer_identity peer, record& r)
      : home_{home}, peer_{std::move(peer)}, record_{r} {}
  ~played_end() override { record_.user = nullptr; }

  void start(user& u) override { record_.user = &u; }
  bool blocked() const noexcept override { return false; }
  void resume_reading() override {}
  void close(std::error_code why) override {
    if (record_.closed) return;
    record_.closed = why;
    home_.post([&r = record_] {
      if (r.user != nullptr) r.user->on_closed(r.closed);
    });
  }
  bool inside_message() const noexcept override { return false; }
  std::uint64_t received() const noexcept override { return 0; }
  void shrink() override {}
  const rpc::peer_identity& peer() const noexcept override { return peer_; }

private:
  loop& home_;
  rpc::peer_identity peer_;
  record& record_;
};

}  // namespace tryst::test
