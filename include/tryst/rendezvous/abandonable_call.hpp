// The call of an abandonable operation by a caller with a limit (rule F2). It lives apart from the
// caller, who leaves when the limit is reached, though the body runs.
//
// Path: limited_call.hpp → here → withdrawal.hpp
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <tryst/rendezvous/invocation.hpp>
#include <tryst/rendezvous/party.hpp>
#include <tryst/rendezvous/withdrawal.hpp>
#include <utility>

namespace tryst::detail {

template <class Signature>
class abandonable_call;

/// Owned by the caller, or, once it has left, by whoever owes the reply.
template <class R, class... A>
class abandonable_call<R(A...)> final : public typed_invocation<R(A...)>, public reply_place<R> {
public:
  /// `caller` is woken by the reply, unless it has left before.
  abandonable_call(operation& of, party& caller, const loop* home, A&&... arguments)
      : typed_invocation<R(A...)>{of, this, std::move(arguments)...}, caller_{caller}, home_{home} {
    this->is_patient();
  }
  ~abandonable_call() = default;

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* block, std::size_t size) noexcept { free_frame(block, size); }

  withdrawal& withdraw() noexcept { return withdraw_; }

  /// The caller leaves: the body sees its stop token, and the reply will be dropped. False: the
  /// reply was there first, and wakes the caller. Only the caller's limit calls it.
  bool abandon() noexcept {
    std::stop_source stop = stop_;  // this may be gone when the body has seen it
    stage expected = stage::waiting;
    if (!stage_.compare_exchange_strong(expected, stage::abandoned)) return false;
    stop.request_stop();
    return true;
  }

  using reply_place<R>::failure;
  using reply_place<R>::take;

private:
  enum class stage : std::uint8_t { waiting, answered, abandoned };

  void told() noexcept override {
    stage expected = stage::waiting;
    if (stage_.compare_exchange_strong(expected, stage::answered)) return caller_.wake();
    if (undo_ && this->given()) undo_();
    delete this;
  }
  withdrawal* limit() noexcept override { return &withdraw_; }
  std::stop_token stop_token() const override { return stop_.get_token(); }
  void on_undelivered(std::move_only_function<void()> undo) override { undo_ = std::move(undo); }
  const loop* waits_on() const noexcept override {
    return stage_.load(std::memory_order_relaxed) == stage::waiting ? home_ : nullptr;
  }

  party& caller_;  // while it waits
  const loop* const home_;
  withdrawal withdraw_;
  std::stop_source stop_;
  std::move_only_function<void()> undo_;
  std::atomic<stage> stage_ = stage::waiting;
};

}  // namespace tryst::detail
