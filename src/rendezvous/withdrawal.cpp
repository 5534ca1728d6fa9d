#include <tryst/rendezvous/withdrawal.hpp>

namespace tryst::detail {

errc withdrawal::move_to(invocation& i, std::shared_ptr<operation_class> queues,
                         std::shared_ptr<proc_gate> gate) noexcept {
  const std::lock_guard lock{mutex_};
  if (reached_ != errc{}) return reached_;
  if (kept_) at_->let_go();
  at_ = &i;
  kept_ = i.keep();
  queues_ = std::move(queues);
  gate_ = std::move(gate);
  return errc{};
}

void withdrawal::operator()(errc why) noexcept {
  invocation* at = nullptr;
  bool kept = false;
  std::shared_ptr<operation_class> queues;
  std::shared_ptr<proc_gate> gate;
  {
    const std::lock_guard lock{mutex_};
    if (reached_ == errc{}) reached_ = why;
    at = at_;
    if (at == nullptr) return;
    kept = at->keep();
    queues = queues_;
    gate = gate_;
  }
  // Without the mutex: the caller, and this object, may be gone when it has learned.
  if (queues != nullptr) {
    queues->give_up(*at, why);
  } else {
    gate->take_back(*at, why);
  }
  if (kept) at->let_go();
}

}  // namespace tryst::detail
