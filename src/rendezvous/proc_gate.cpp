#include <tryst/rendezvous/proc_gate.hpp>

#include <tryst/rendezvous/operation_class.hpp>

#include <utility>

#include "loop/worker_threads.hpp"

namespace tryst::detail {

bool ended_by_closing(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const call_error& error) {
    return error.code() == errc::op_closed;
  } catch (...) {
    return false;
  }
}

bool entrant_list::remove(entrant& which) noexcept {
  entrant* before = nullptr;
  for (entrant* e = first_; e != nullptr; before = e, e = e->next_) {
    if (e != &which) continue;
    (before != nullptr ? before->next_ : first_) = e->next_;
    if (last_ == e) last_ = before;
    return true;
  }
  return false;
}

entrant* entrant_list::extract(const invocation& i) noexcept {
  entrant* e = first_;
  while (e != nullptr && e->serviced() != &i) e = e->next_;
  if (e != nullptr) remove(*e);
  return e;
}

std::vector<const loop*> entrant_list::waiters() const {
  std::vector<const loop*> all;
  for (const entrant* e = first_; e != nullptr; e = e->next_) all.push_back(e->waits_for());
  return all;
}

gate_part::gate_part(proc_gate& of) noexcept : gate_{of} {
  const std::lock_guard lock{gate_.mutex_};
  next_ = gate_.parts_;
  if (next_ != nullptr) next_->previous_ = this;
  gate_.parts_ = this;
}

void gate_part::leave_gate() noexcept {
  wakes after;
  const std::lock_guard lock{gate_.mutex_};
  (previous_ != nullptr ? previous_->next_ : gate_.parts_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  closed(after);
}

proc_gate::proc_gate(operation_class& guards, discipline how) noexcept
    : guards_{guards}, how_{how} {
  guards_.has_procs(*this);
}

proc_gate::~proc_gate() = default;

void proc_gate::open(loop* home) noexcept {
  wakes after;
  const std::lock_guard lock{mutex_};
  if (open_.load(std::memory_order_relaxed)) return;
  home_ = home;
  open_.store(true, std::memory_order_release);
  for (gate_part* p = parts_; p != nullptr; p = p->next_) p->opened(after);
}

void proc_gate::close() noexcept {
  wakes after;
  const std::lock_guard lock{mutex_};
  if (std::exchange(closed_, true)) return;
  entrant_list entering = std::exchange(entry_, {});
  while (entrant* const e = entering.pop()) {
    if (e->proc_ == nullptr) {
      entry_.append(*e);  // it has been in the monitor, and finishes
    } else {
      --e->proc_->active_;
      --running_;
      e->deny(errc::op_closed);
      after.add(*e);
    }
  }
  for (gate_part* p = parts_; p != nullptr; p = p->next_) p->closed(after);
  if (running_ == 0) idle_.notify_all();
}

void proc_gate::take_back(invocation& i, errc why) noexcept {
  wakes after;
  const std::lock_guard lock{mutex_};
  if (i.state_.load(std::memory_order_relaxed) == invocation::state::fresh) {
    i.state_.store(invocation::state::given_up, std::memory_order_relaxed);
    i.why_ = why;
    return;  // the process that is to come will find out
  }
  entrant* e = entry_.extract(i);
  if (e != nullptr) {
    bound_proc& of = *e->proc_;
    --of.active_;
    --running_;
    of.admit_queued(after);
    if (running_ == 0) idle_.notify_all();
  }
  for (gate_part* p = parts_; p != nullptr && e == nullptr; p = p->next_) e = p->extract(i);
  if (e == nullptr) return;
  e->deny(why);
  after.add(*e);
}

void proc_gate::end_threads() noexcept {
  std::unique_ptr<worker_threads> ended;
  const std::lock_guard lock{mutex_};
  ended.swap(threads_);
}

bool proc_gate::idle() noexcept {
  const std::lock_guard lock{mutex_};
  return running_ == 0;
}

void proc_gate::wait_until_idle() {
  std::unique_lock lock{mutex_};
  idle_.wait(lock, [this] { return running_ == 0; });
}

bool proc_gate::runs_here() const noexcept {
  if (how_ != discipline::active) return true;
  if (!open_.load(std::memory_order_acquire)) return false;
  return home_ == nullptr || home_->running_here();
}

void proc_gate::run_on_thread(job& j) {
  const std::lock_guard lock{mutex_};
  if (threads_ == nullptr) threads_ = std::make_unique<worker_threads>(most_threads_);
  threads_->post(j);
}

void proc_gate::bound_threads(std::uint32_t most) noexcept {
  const std::lock_guard lock{mutex_};
  most_threads_ = most;
}

void proc_gate::unhandled(std::exception_ptr why) noexcept {
  const bool closing = guards_.closed();  // statements are closed before procs
  {
    const std::lock_guard lock{mutex_};
    if ((closed_ || closing) && ended_by_closing(why)) return;
    if (!on_unhandled_) {
      if (!failure_) failure_ = std::move(why);
      return;
    }
  }
  on_unhandled_(std::move(why));
}

void proc_gate::on_unhandled(std::move_only_function<void(std::exception_ptr)> f) noexcept {
  on_unhandled_ = std::move(f);
}

std::exception_ptr proc_gate::take_failure() noexcept {
  const std::lock_guard lock{mutex_};
  return std::exchange(failure_, nullptr);
}

// One that was counted: it goes on now, or when the monitor is free.
void proc_gate::admit(entrant& e, wakes& after) noexcept {
  if (how_ == discipline::monitor && std::exchange(held_, true)) return entry_.append(e);
  holder_ = e.home();
  after.add(e);
}

// Whoever has the monitor gives it to the first that waits for it.
void proc_gate::pass_on(wakes& after) noexcept {
  if (entrant* const next = entry_.pop()) {
    holder_ = next->home();
    after.add(*next);
  } else {
    held_ = false;
  }
}

bound_proc::bound_proc(proc_gate& gate, proc_options how) noexcept : gate_part{gate}, how_{how} {}

bound_proc::~bound_proc() { leave_gate(); }

bound_proc::admission bound_proc::enter(entrant& e, bool only_now) noexcept {
  proc_gate& g = gate();
  const std::lock_guard lock{g.mutex_};
  if (g.closed_) {
    e.deny(errc::op_closed);
    return admission::refused;
  }
  const bool waits_for_turn =
      !g.open_.load(std::memory_order_relaxed) || active_ >= how_.max_active;
  const bool waits_for_monitor = g.how_ == discipline::monitor && g.held_;
  if (only_now && (waits_for_turn || waits_for_monitor)) {
    e.deny(errc::not_taken);
    return admission::refused;
  }
  if (waits_for_turn && !has_room_for(e)) {
    e.deny(errc::op_full);
    return admission::refused;
  }
  if (invocation* const i = e.serviced()) {
    if (i->given_up()) {
      e.deny(i->why_);
      return admission::refused;
    }
    i->state_.store(invocation::state::taken, std::memory_order_relaxed);
  }
  e.proc_ = this;
  if (waits_for_turn) {
    queue_.append(e);
    pending_.fetch_add(1, std::memory_order_relaxed);
    return admission::later;
  }
  ++active_;
  ++g.running_;
  if (waits_for_monitor) {
    g.entry_.append(e);
    return admission::later;
  }
  g.held_ = true;
  g.holder_ = e.home();
  return admission::now;
}

bool bound_proc::has_room_for(entrant& e) const noexcept {
  if (pending() < how_.max_pending) return true;
  // One without an invocation is the call itself.
  const invocation* const i = e.serviced();
  return how_.when_full == full_queue::waits && (i == nullptr || i->patient_);
}

entrant* bound_proc::extract(const invocation& i) noexcept {
  entrant* const e = queue_.extract(i);
  if (e != nullptr) pending_.fetch_sub(1, std::memory_order_relaxed);
  return e;
}

void bound_proc::leave() noexcept {
  gate().guards_.changed();
  std::shared_ptr<operation_class> ending;
  {
    wakes after;
    const std::lock_guard lock{gate().mutex_};
    make_way(after);
    ending = stop_counting();
  }
  if (ending != nullptr) ending->look_for_end();
}

void bound_proc::make_way() noexcept {
  gate().guards_.changed();
  wakes after;
  const std::lock_guard lock{gate().mutex_};
  make_way(after);
}

void bound_proc::answered() noexcept {
  std::shared_ptr<operation_class> ending;
  {
    const std::lock_guard lock{gate().mutex_};
    ending = stop_counting();
  }
  if (ending != nullptr) ending->look_for_end();
}

void bound_proc::make_way(wakes& after) noexcept {
  --active_;
  admit_queued(after);
  if (gate().how_ == discipline::monitor) gate().pass_on(after);
}

// Under the mutex: once it is free, the module may be destroyed.
// Otherwise it may have waited for this, and is to be asked when the mutex is free.
std::shared_ptr<operation_class> bound_proc::stop_counting() noexcept {
  proc_gate& g = gate();
  if (--g.running_ != 0) return nullptr;
  g.idle_.notify_all();
  return g.guards_.may_terminate() ? g.guards_.shared_from_this() : nullptr;
}

void bound_proc::admit_queued(wakes& after) noexcept {
  while (!queue_.empty() && active_ < how_.max_active) {
    entrant& e = *queue_.pop();
    pending_.fetch_sub(1, std::memory_order_relaxed);
    ++active_;
    ++gate().running_;
    gate().admit(e, after);
  }
}

part_inspection bound_proc::inspected() const {
  return {this, part_inspection::kind_of::proc, queue_.waiters()};
}

void bound_proc::opened(wakes& after) noexcept { admit_queued(after); }

void bound_proc::closed(wakes& after) noexcept {
  while (entrant* const e = queue_.pop()) {
    pending_.fetch_sub(1, std::memory_order_relaxed);
    e->deny(errc::op_closed);
    after.add(*e);
  }
}

}  // namespace tryst::detail
