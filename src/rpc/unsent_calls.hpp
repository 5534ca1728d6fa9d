// Calls in the order in which they were made: a list through the calls themselves.
#pragma once

#include <tryst/rpc/outstanding_call.hpp>

namespace tryst::rpc {

class unsent_calls {
public:
  bool empty() const noexcept { return first_ == nullptr; }
  std::uint32_t size() const noexcept { return size_; }
  outstanding_call* first() const noexcept { return first_; }

  void push(outstanding_call& call) noexcept {
    call.next_ = nullptr;
    call.previous_ = last_;
    (last_ != nullptr ? last_->next_ : first_) = &call;
    last_ = &call;
    ++size_;
  }

  void remove(outstanding_call& call) noexcept {
    (call.previous_ != nullptr ? call.previous_->next_ : first_) = call.next_;
    (call.next_ != nullptr ? call.next_->previous_ : last_) = call.previous_;
    call.next_ = call.previous_ = nullptr;
    --size_;
  }

  /// The oldest call, taken out; null when there is none.
  outstanding_call* pop() noexcept {
    outstanding_call* const call = first_;
    if (call != nullptr) remove(*call);
    return call;
  }

private:
  outstanding_call* first_ = nullptr;
  outstanding_call* last_ = nullptr;
  std::uint32_t size_ = 0;
};

}  // namespace tryst::rpc
