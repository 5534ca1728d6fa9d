// How a caller with a limit gets its call back while it is queued, wherever it is queued by then:
// the call may have been forwarded (rules F1, F2, S7).
//
// Path: limited_call.hpp or outside_call.hpp → here → operation_class.hpp or proc_gate.hpp
#pragma once

#include <memory>
#include <mutex>
#include <tryst/rendezvous/invocation.hpp>
#include <tryst/rendezvous/operation_class.hpp>
#include <tryst/rendezvous/proc_gate.hpp>
#include <utility>

namespace tryst::detail {

/// Lives where the caller waits for its reply. Any thread. It keeps the queues in existence, since
/// the operation may end in the moment in which the limit is reached.
class withdrawal {
public:
  withdrawal() = default;
  withdrawal(const withdrawal&) = delete;
  withdrawal& operator=(const withdrawal&) = delete;
  ~withdrawal() {
    if (kept_) at_->let_go();
  }

  /// The call arrives as `i` next, in these queues. Otherwise it must not: the limit was reached
  /// while nobody could take it back, and this is why it ends.
  [[nodiscard]] errc move_to(invocation& i, std::shared_ptr<operation_class> queues) noexcept {
    return move_to(i, std::move(queues), nullptr);
  }
  /// The same before procs.
  [[nodiscard]] errc move_to(invocation& i, std::shared_ptr<proc_gate> gate) noexcept {
    return move_to(i, nullptr, std::move(gate));
  }

  /// The limit is reached: the call is refused with `why` if it is queued. One that was taken ends
  /// so if it is forwarded.
  void operator()(errc why) noexcept;

private:
  errc move_to(invocation& i, std::shared_ptr<operation_class> queues,
               std::shared_ptr<proc_gate> gate) noexcept;

  std::mutex mutex_;  // guards what follows
  errc reached_{};
  invocation* at_ = nullptr;
  bool kept_ = false;
  std::shared_ptr<operation_class> queues_;
  std::shared_ptr<proc_gate> gate_;
};

}  // namespace tryst::detail
