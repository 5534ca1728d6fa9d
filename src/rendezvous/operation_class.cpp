#include <tryst/rendezvous/operation_class.hpp>

#include <tryst/rendezvous/acceptor.hpp>
#include <tryst/rendezvous/inspection.hpp>
#include <tryst/rendezvous/passive_server.hpp>

#include <mutex>
#include <utility>

#include "rendezvous/consequences.hpp"

namespace tryst::detail {
namespace {

// What a statement that judges on this thread looks at, so that pending() tells its guards what it
// sees and not what has come meanwhile.
const operation_class*& judged_here() noexcept {
  thread_local const operation_class* judged = nullptr;
  return judged;
}

}  // namespace

std::size_t operation::pending() const noexcept {
  return judged_here() == &class_ ? listed_ : pending_.load(std::memory_order_relaxed);
}

errc operation_class::arrive(invocation& i, bool only_now) noexcept {
  std::unique_lock lock{mutex_};
  if (closed_) return errc::op_closed;
  if (passive_server* const since_a_moment = i.operation_->served()) {
    lock.unlock();
    return since_a_moment->arrive(i, only_now);
  }
  if (i.given_up()) return i.why_;
  i.only_now_ = only_now;
  acceptor* const taker = take_on_arrival(i);
  if (taker == nullptr) return arrive_and_wait(i, std::move(lock));
  lock.unlock();
  taker->wake();
  return errc{};
}

// Apart, so that one that is taken at once does not pay for what may follow here.
errc operation_class::arrive_and_wait(invocation& i, std::unique_lock<queue_lock> lock) noexcept {
  // One that does not stay in the queue needs no room in it.
  if (!i.only_now_ && !i.operation_->has_room_for(i)) return errc::op_full;
  consequences after;
  queue(i, after);
  lock.unlock();
  return errc{};
}

// What a statement without guard functions waits for has nothing before it in its queue: it needs
// not be listed.
acceptor* operation_class::take_on_arrival(invocation& i) noexcept {
  if (possessed_) return nullptr;
  for (acceptor* a = waiting_.first; a != nullptr; a = a->next_) {
    if ((a->mask_ & i.operation_->bit_) == 0) continue;
    if (a->guarded_) return nullptr;  // it comes first, and judges
    const std::size_t arm = a->open_arm_of(*i.operation_);
    if (arm == acceptor::none) continue;
    bind(*a, arm, i);
    end_wait(*a);
    return a;
  }
  return nullptr;
}

void operation_class::queue(invocation& i, consequences& after) noexcept {
  i.state_.store(invocation::state::queued, std::memory_order_relaxed);
  count(i, 1);
  if (possessed_) {
    inbox_.append(i);
  } else {
    list(i);
    serve_waiters(after, i.operation_->bit_);
    if (i.only_now_ && !possessed_) drop_watched(after, true);
  }
}

void operation_class::give_up(invocation& i, errc why) noexcept {
  using state = invocation::state;
  passive_server* server = nullptr;
  {
    consequences after;
    const std::lock_guard lock{mutex_};
    state before = i.state_.load(std::memory_order_relaxed);
    do {
      if (before != state::queued && before != state::fresh) return;
      i.why_ = why;
    } while (!i.state_.compare_exchange_weak(before, state::given_up, std::memory_order_acq_rel));
    if (before == state::fresh) return;  // its arrival will find out
    // While it is queued its operation is there; one that ends has refused it before.
    server = i.operation_->served();
    if (server == nullptr) {
      if (!i.only_now_) watch(i);
      // Whoever has possession may be looking at it.
      if (!possessed_) {
        drop_watched(after, false);
        end_if_needless(after);
      }
    }
  }
  if (server != nullptr) server->reconsider();
}

// With possession: whoever has it, lets go of the invocation with it.
void operation_class::guard_failed(invocation& i, std::exception_ptr why) noexcept {
  const std::lock_guard lock{mutex_};
  if (i.state_.load(std::memory_order_relaxed) != invocation::state::queued) return;
  i.guard_failed(std::move(why));
  i.state_.store(invocation::state::given_up, std::memory_order_relaxed);
  i.why_ = errc::broken_call;
  watch(i);
}

void operation_class::join(operation& o) noexcept {
  const std::lock_guard lock{mutex_};
  o.bit_ = o.array_ != nullptr ? o.array_->bit_ : std::uint64_t{1} << (operations_made_++ % 64);
  o.next_ = operations_;
  if (operations_ != nullptr) operations_->previous_ = &o;
  operations_ = &o;
}

void operation_class::leave(operation& o) noexcept {
  consequences after;
  const std::lock_guard lock{mutex_};
  (o.previous_ != nullptr ? o.previous_->next_ : operations_) = o.next_;
  if (o.next_ != nullptr) o.next_->previous_ = o.previous_;
  for (invocation* i = inbox_.first(); i != nullptr;) {
    invocation* const next = inbox_.next(*i);
    if (i->operation_ == &o) {
      inbox_.remove(*i);
      count(*i, -1);
      forget_watched(*i);
      after.refuse(*i, errc::op_closed);
    }
    i = next;
  }
  while (invocation* const i = o.list_.first()) {
    unlist(*i);
    forget_watched(*i);
    after.refuse(*i, errc::op_closed);
  }
}

void operation_class::list(invocation& i) noexcept {
  i.stamp_ = ++newest_;
  list_last(i);
  if (i.only_now_) watch(i);
}

void operation_class::list_last(invocation& i) noexcept {
  for (operation* o = i.operation_; o != nullptr; o = o->array_) {
    o->list_.append(i);
    ++o->listed_;
  }
}

void operation_class::watch(invocation& i) noexcept {
  i.next_watched_ = watched_;
  watched_ = &i;
}

// By one more, or one less; only this thread writes.
void operation_class::count(const invocation& i, int by) noexcept {
  for (operation* o = i.operation_; o != nullptr; o = o->array_) {
    o->pending_.store(o->pending_.load(std::memory_order_relaxed) + static_cast<std::size_t>(by),
                      std::memory_order_relaxed);
  }
}

void operation_class::unlist(invocation& i) noexcept {
  for (operation* o = i.operation_; o != nullptr; o = o->array_) {
    o->list_.remove(i);
    --o->listed_;
  }
  count(i, -1);
}

arm_state* operation_class::oldest_of(std::span<arm_state> arms) noexcept {
  arm_state* oldest = nullptr;
  for (arm_state& arm : arms) {
    if (arm.cursor == nullptr) continue;
    if (oldest == nullptr || arm.cursor->stamp_ < oldest->cursor->stamp_) oldest = &arm;
  }
  return oldest;
}

void operation_class::forget_watched(invocation& i) noexcept {
  for (invocation** at = &watched_; *at != nullptr; at = &(*at)->next_watched_) {
    if (*at != &i) continue;
    *at = i.next_watched_;
    return;
  }
}

void operation_class::take(acceptor& a, std::size_t arm, invocation& i) noexcept {
  unlist(i);
  if (i.only_now_) forget_watched(i);
  bind(a, arm, i);
}

void operation_class::bind(acceptor& a, std::size_t arm, invocation& i) noexcept {
  i.state_.store(invocation::state::taken, std::memory_order_relaxed);
  if (observer_ != nullptr) [[unlikely]] {
    observer_->taken(i.operation_, i.waited_for_on(), a.home());
  }
  a.taken_ = &i;
  a.chosen_ = arm;
  a.phase_ = acceptor::phase::decided;
}

bool operation_class::enter(acceptor& a) {
  {
    const std::lock_guard lock{mutex_};
    if (possessed_) {
      a.phase_ = acceptor::phase::waiting;
      append(entering_, a);
      return false;
    }
    if (!a.guarded_) return settle(a);
    possessed_ = true;
    a.phase_ = acceptor::phase::judging;
  }
  return judge(a);
}

bool operation_class::judge(acceptor& a) noexcept {
  for (;;) {
    const std::uint64_t version = version_now();
    invocation* found = nullptr;
    const operation_class* const outer = std::exchange(judged_here(), this);
    try {
      found = a.scan(version);
    } catch (...) {
      a.failure_ = std::current_exception();
    }
    judged_here() = outer;

    consequences after;
    const std::lock_guard lock{mutex_};
    // Its caller may have given up while the guards were busy with it.
    if (found != nullptr && found->given_up()) continue;
    a.judged_to_ = newest_;
    a.judged_version_ = version;
    bool decided = true;
    if (found != nullptr) {
      take(a, a.chosen_, *found);
    } else if (!a.failure_) {
      decided = settle(a);
    }
    if (decided) end_wait(a);
    release(after);
    return decided;
  }
}

bool operation_class::settle(acceptor& a) noexcept {
  if (!possessed_ && take_directly(a)) return true;
  if (a.otherwise_) {
    a.chosen_ = acceptor::none;
  } else if (closed_) {
    a.end_by_closing();
  } else {
    wait(a);
    return false;
  }
  a.phase_ = acceptor::phase::decided;
  return true;
}

bool operation_class::take_directly(acceptor& a) noexcept {
  if (a.nothing_listed()) return false;
  std::size_t arm = acceptor::none;
  invocation* candidate = nullptr;
  for (std::size_t k = 0; k < a.arms_.size(); ++k) {
    if (!a.arms_[k].open) continue;
    invocation* const unjudged = a.first_unjudged(*a.arms_[k].of);
    if (unjudged == nullptr || (candidate != nullptr && candidate->stamp_ <= unjudged->stamp_)) {
      continue;
    }
    candidate = unjudged;
    arm = k;
    if (a.order_ == order::of_text) break;
  }
  if (candidate == nullptr || a.arms_[arm].judged) return false;
  if (a.arms_[arm].ordered && a.arms_[arm].of->next(*candidate) != nullptr) return false;
  if (a.guarded_ && a.judged_version_ != version_now()) return false;
  take(a, arm, *candidate);
  return true;
}

bool operation_class::has_unjudged(acceptor& a) noexcept {
  const std::uint64_t version = version_now();
  const bool again = a.guarded_ && a.judged_version_ != version;
  bool refused_some = false;
  for (const arm_state& arm : a.arms_) {
    if (!arm.open || arm.of->list_.last() == nullptr) continue;
    if (arm.of->list_.last()->stamp_ > a.judged_to_) return true;
    refused_some = refused_some || arm.judged;
  }
  if (again && !refused_some) a.judged_version_ = version;
  return again && refused_some;
}

void operation_class::serve_waiters(consequences& after, std::uint64_t bits) noexcept {
  for (acceptor* a = waiting_.first; a != nullptr;) {
    acceptor* const next = a->next_;
    if ((a->mask_ & bits) != 0 && has_unjudged(*a)) {
      after.wake(*a);
      if (!take_directly(*a)) {
        possessed_ = true;
        a->phase_ = acceptor::phase::judging;
        return;
      }
      end_wait(*a);
    }
    a = next;
  }
}

void operation_class::release(consequences& after) noexcept {
  possessed_ = false;
  while (invocation* const i = inbox_.pop()) list(*i);
  drop_watched(after, false);
  if (closed_) return close_all(after);
  serve_waiters(after, any_operation);
  while (!possessed_ && entering_.first != nullptr) {
    acceptor& a = *entering_.first;
    remove(entering_, a);
    if (a.guarded_) {
      possessed_ = true;
      a.phase_ = acceptor::phase::judging;
      after.wake(a);
    } else if (settle(a)) {
      after.wake(a);
    }
  }
  if (possessed_) return;
  drop_watched(after, true);
  end_if_needless(after);
}

void operation_class::drop_watched(consequences& after, bool unwanted_too) noexcept {
  for (invocation** at = &watched_; *at != nullptr;) {
    invocation& i = **at;
    if (!i.given_up() && !unwanted_too) {
      at = &i.next_watched_;
      continue;
    }
    *at = i.next_watched_;
    unlist(i);
    after.refuse(i, i.given_up() ? i.why_ : errc::not_taken);
  }
}

void operation_class::expire(acceptor& a) noexcept {
  consequences after;
  const std::lock_guard lock{mutex_};
  a.otherwise_ = true;
  if (a.phase_ != acceptor::phase::waiting || !a.in_waiting_) return;
  a.chosen_ = acceptor::none;
  end_wait(a);
  after.wake(a);
}

void operation_class::changed() noexcept {
  if (mutex_.confined()) {
    const std::lock_guard lock{mutex_};
    version_.store(version_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  } else {
    version_.fetch_add(1, std::memory_order_seq_cst);
  }
  if (passive_server* const server = passive_.load(std::memory_order_acquire)) server->reconsider();
  if (guarded_waiters_.load(std::memory_order_seq_cst) != 0) judge_again();
}

void operation_class::judge_again() noexcept {
  consequences after;
  const std::lock_guard lock{mutex_};
  if (!possessed_) serve_waiters(after, any_operation);
}

void operation_class::wait(acceptor& a) noexcept {
  a.phase_ = acceptor::phase::waiting;
  if (a.in_waiting_) return;  // refused once more: it keeps its place
  a.in_waiting_ = true;
  append(waiting_, a);
  if (a.is_at_termination()) terminating_.fetch_add(1, std::memory_order_relaxed);
  if (!a.guarded_) return;
  guarded_waiters_.fetch_add(1, std::memory_order_seq_cst);
  if (passive_server* const server = passive_.load(std::memory_order_relaxed)) {
    server->expect_statement();
  }
}

void operation_class::end_wait(acceptor& a) noexcept {
  a.phase_ = acceptor::phase::decided;
  if (!std::exchange(a.in_waiting_, false)) return;
  remove(waiting_, a);
  if (a.is_at_termination()) terminating_.fetch_sub(1, std::memory_order_relaxed);
  if (a.guarded_) guarded_waiters_.fetch_sub(1, std::memory_order_relaxed);
}

void operation_class::append(queue_of_statements& q, acceptor& a) noexcept {
  a.next_ = nullptr;
  a.previous_ = q.last;
  (q.last != nullptr ? q.last->next_ : q.first) = &a;
  q.last = &a;
}

void operation_class::remove(queue_of_statements& q, acceptor& a) noexcept {
  (a.previous_ != nullptr ? a.previous_->next_ : q.first) = a.next_;
  (a.next_ != nullptr ? a.next_->previous_ : q.last) = a.previous_;
}

}  // namespace tryst::detail
