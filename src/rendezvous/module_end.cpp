#include <tryst/rendezvous/operation_class.hpp>

#include <tryst/rendezvous/passive_server.hpp>

#include <mutex>
#include <utility>

#include "rendezvous/consequences.hpp"

namespace tryst::detail {

void operation_class::process_began() noexcept {
  const std::lock_guard lock{mutex_};
  ++processes_;
}

void operation_class::process_ended() noexcept {
  consequences after;
  const std::lock_guard lock{mutex_};
  --processes_;
  end_if_needless(after);
}

void operation_class::link_ended() noexcept {
  consequences after;
  const std::lock_guard lock{mutex_};
  --links_;
  end_if_needless(after);
}

void operation_class::look_for_end() noexcept {
  consequences after;
  const std::lock_guard lock{mutex_};
  end_if_needless(after);
}

void operation_class::unhandled(std::exception_ptr why) noexcept {
  gate_->unhandled(std::move(why));
}

// Rule F5: all that could still happen is that somebody calls, and nobody can. What is served by
// those who call waits for close().
void operation_class::end_if_needless(consequences& after) noexcept {
  const std::size_t terminating = terminating_.load(std::memory_order_relaxed);
  if (terminating == 0 || terminating != processes_ || links_ != 0) return;
  if (possessed_ || closed_ || passive_.load(std::memory_order_relaxed) != nullptr) return;
  for (const operation* o = operations_; o != nullptr; o = o->next_) {
    if (o->pending_.load(std::memory_order_relaxed) != 0) return;
  }
  if (!gate_->idle()) return;
  closed_ = true;
  after.close(*gate_);
  close_all(after);
}

void operation_class::close_all(consequences& after) noexcept {
  watched_ = nullptr;
  for (operation* o = operations_; o != nullptr; o = o->next_) {
    if (o->served() != nullptr) continue;
    while (invocation* const i = o->list_.first()) {
      unlist(*i);
      after.refuse(*i, errc::op_closed);
    }
  }
  for (queue_of_statements* const q : {&waiting_, &entering_}) {
    while (acceptor* const a = q->first) {
      if (q == &waiting_) {
        end_wait(*a);
      } else {
        remove(*q, *a);
      }
      a->end_by_closing();
      a->phase_ = acceptor::phase::decided;
      after.wake(*a);
    }
  }
}

void operation_class::close() noexcept {
  {
    consequences after;
    const std::lock_guard lock{mutex_};
    closed_ = true;
    // Whoever has possession does it on letting go.
    if (!possessed_) close_all(after);
  }
  if (passive_server* const server = passive_.load(std::memory_order_acquire)) server->close();
}

bool operation_class::closed() const noexcept {
  const std::lock_guard lock{mutex_};
  return closed_;
}

}  // namespace tryst::detail
