#include <tryst/rendezvous/op_link.hpp>

#include <tryst/rendezvous/operation_class.hpp>

namespace tryst::detail {

op_link::~op_link() {
  if (of_ != nullptr) of_->link_ended();
}

void op_link::sever() noexcept {
  std::uint32_t now = state_.fetch_or(severed, std::memory_order_acq_rel) | severed;
  while (now != severed) {
    state_.wait(now, std::memory_order_acquire);
    now = state_.load(std::memory_order_acquire);
  }
}

passage::passage(op_link& through) noexcept : link_{through} {
  const std::uint32_t before = link_.state_.fetch_add(1, std::memory_order_acq_rel);
  open_ = (before & op_link::severed) == 0;
}

passage::~passage() {
  const std::uint32_t before = link_.state_.fetch_sub(1, std::memory_order_acq_rel);
  if ((before & op_link::severed) != 0) link_.state_.notify_all();
}

}  // namespace tryst::detail
