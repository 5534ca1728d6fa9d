// A process elsewhere whose operations this one has capabilities of: its address, and the client
// that calls it.
//
// Path: far_operation.hpp → here → rpc/client.hpp
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <tryst/bridge/exchange_options.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/outstanding_call.hpp>

namespace tryst::detail {

/// One call on its way to another process. It owns itself from submit() on.
class far_call_base : public rpc::outstanding_call {
public:
  using rpc::outstanding_call::outstanding_call;
  virtual ~far_call_base() = default;

  void say_defaults(const rpc::client& of) { this->complete_options(of, false); }
};

/// Any thread.
class far_process {
public:
  /// Connects when it is called for the first time, unless exchange_options::connect does. Throws
  /// call_error when `where` is no address.
  far_process(loop& home, const rpc::address& where, const exchange_options& how)
      : where_{where},
        client_{how.connect ? std::make_unique<rpc::client>(home, how.connect(where), how.clients)
                            : std::make_unique<rpc::client>(home, where.text(), how.clients)} {}

  const rpc::address& where() const noexcept { return where_; }

  /// Begins `call`. False, and nothing happens: it is closed.
  [[nodiscard]] bool submit(far_call_base& call) {
    const std::shared_lock lock{mutex_};
    if (client_ == nullptr) return false;
    call.say_defaults(*client_);
    call.submit(client_->path());
    return true;
  }

  /// Ends the calls that are on their way; others are not made any more.
  void close() {
    std::unique_ptr<rpc::client> ended;  // without the mutex: its loop may wait for that
    const std::unique_lock lock{mutex_};
    ended = std::move(client_);
  }

private:
  const rpc::address where_;
  std::shared_mutex mutex_;  // guards the existence of the client
  std::unique_ptr<rpc::client> client_;
};

}  // namespace tryst::detail
