#include <tryst/rendezvous/passive_server.hpp>

#include <tryst/rendezvous/module.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace tryst::detail {

operation_class::operation_class(loop* home) noexcept : mutex_{home} {}

operation_class::~operation_class() = default;

std::uint64_t operation_class::version_now() const noexcept {
  const passive_server* const server = passive_.load(std::memory_order_acquire);
  return version_.load(std::memory_order_seq_cst) + (server != nullptr ? server->bodies() : 0);
}

void operation_class::serve(std::unique_ptr<passive_server> made) {
  passive_server& server = *made;
  const auto names = [&server](const operation& o) {
    return std::ranges::any_of(
        server.arms_, [&o](const arm_state& arm) { return arm.of == &o || arm.of == o.array_; });
  };
  const auto check = [&names](const queue_of_statements& waiting) {
    for (const acceptor* a = waiting.first; a != nullptr; a = a->next_) {
      for (const arm_state& arm : a->arms_) {
        if (names(*arm.of)) throw std::logic_error{"an input statement waits for what is served"};
      }
    }
  };
  for (bool begun = false; !begun;) {
    const std::lock_guard lock{mutex_};
    if (possessed_) continue;  // for a moment, by the guards of another process
    if (passive_owned_ != nullptr) throw std::logic_error{"a module is served once"};
    check(waiting_);
    passive_owned_ = std::move(made);
    passive_.store(&server, std::memory_order_release);
    for (operation* o = operations_; o != nullptr; o = o->next_) {
      if (!names(*o)) continue;
      o->served_.store(&server, std::memory_order_release);
      o->stated_in_.store(nullptr, std::memory_order_relaxed);
    }
    server.newest_ = newest_;
    server.closing_.store(closed_, std::memory_order_relaxed);
    begun = true;
  }
  server.begin();
}

passive_server::passive_server(module& of, std::span<arm_state> arms)
    : of_{of}, class_{of.class_}, arms_{arms} {
  for (const arm_state& arm : arms_) {
    if (&arm.of->class_ != &class_) {
      throw std::logic_error{"serve() names an operation of another module"};
    }
    if (arm.of->by_proc_ || arm.of->array_ != nullptr) {
      throw std::logic_error{arm.of->by_proc_
                                 ? "serve() names an operation that a proc services"
                                 : "serve() names one operation of an array: it takes each()"};
    }
  }
}

void passive_server::serve(std::unique_ptr<passive_server> made) {
  module& of = made->of_;
  {
    const std::lock_guard lock{of.mutex_};
    of.served_ = true;
  }
  try {
    of.class_.serve(std::move(made));
  } catch (...) {
    const std::lock_guard lock{of.mutex_};
    of.served_ = false;
    throw;
  }
}

void passive_server::begin() noexcept {
  for (auto arm = arms_.begin(); arm != arms_.end(); ++arm) {
    // Two arms may name one operation.
    const bool first = std::ranges::none_of(
        arms_.begin(), arm, [arm](const arm_state& before) { return before.of == arm->of; });
    if (first) listed_ += arm->of->listed_;
  }
  let_go();
}

passive_server::outcome passive_server::call(invocation& i, bool only_now, errc& why) noexcept {
  i.only_now_ = only_now;
  i.state_.store(invocation::state::queued, std::memory_order_relaxed);
  const entry entered = enter(i, why);
  if (entered != entry::possessed) {
    return entered == entry::refused ? outcome::refused : outcome::told;
  }
  outcome result = outcome::told;
  const own served = serve_own(i, failure_);
  if (served != own::refused) {
    body_ended();
    if (served == own::answered) result = outcome::answered;
  } else if (!failure_ && (only_now || !i.operation_->has_room_for(i))) {
    why = only_now ? errc::not_taken : errc::op_full;
    result = outcome::refused;
  } else {
    list(i);
    judged_to_ = newest_;
  }
  let_go();
  return result;
}

errc passive_server::arrive(invocation& i, bool only_now) noexcept {
  i.only_now_ = only_now;
  auto expected = invocation::state::fresh;
  if (!i.state_.compare_exchange_strong(expected, invocation::state::queued,
                                        std::memory_order_acq_rel)) {
    return i.why_;  // its caller has given it up on its way
  }
  errc why{};
  if (enter(i, why) != entry::possessed) return why;
  if (!only_now && !i.operation_->has_room_for(i) && !is_admitted(i)) {
    why = errc::op_full;
  } else {
    list(i);
  }
  let_go();
  return why;
}

// One on which a guard throws is left to the scan.
bool passive_server::is_admitted(const invocation& i) noexcept {
  try {
    for (std::size_t k = 0; k < arms_.size(); ++k) {
      if (names(k, i) && (!arms_[k].judged || admits(k, i))) return true;
    }
    return false;
  } catch (...) {
    return true;
  }
}

passive_server::entry passive_server::enter(invocation& i, errc& why) noexcept {
  word now = free;
  if (word_.compare_exchange_strong(now, possessed, std::memory_order_acquire)) {
    return entry::possessed;
  }
  for (;;) {
    if ((now & ended) != 0) {
      why = errc::op_closed;
      return entry::refused;
    }
    if (now != free && !i.only_now_ && !i.operation_->has_room_for(i)) {
      why = errc::op_full;
      return entry::refused;
    }
    word then = possessed;
    if (now != free) {
      // NOLINTBEGIN(performance-no-int-to-ptr): a pointer and flags in one word
      i.next_watched_ = reinterpret_cast<invocation*>(now & ~flags);
      then = reinterpret_cast<word>(&i) | (now & flags);
      // NOLINTEND(performance-no-int-to-ptr)
    }
    if (!word_.compare_exchange_weak(now, then, std::memory_order_acq_rel)) continue;
    return then == possessed ? entry::possessed : entry::left_behind;
  }
}

// False: whoever has possession will look again, or it has ended.
bool passive_server::possess_or_ask() noexcept {
  word now = word_.load(std::memory_order_relaxed);
  for (;;) {
    if ((now & ended) != 0) return false;
    const word then = now == free ? possessed : now | attention;
    if (!word_.compare_exchange_weak(now, then, std::memory_order_acq_rel)) continue;
    return now == free;
  }
}

void passive_server::reconsider() noexcept {
  if (!possess_or_ask()) return;
  judged_to_ = 0;
  let_go();
}

void passive_server::close() noexcept {
  closing_.store(true, std::memory_order_release);
  if (possess_or_ask()) let_go();
}

void passive_server::body_ended() noexcept {
  // Nobody else writes it.
  bodies_.store(bodies_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  judged_to_ = 0;
}

// Serves what can be served, and gives possession back; the module may be gone then.
void passive_server::let_go() noexcept {
  // What is resumed on this thread would run with possession.
  std::optional<waking_later> later;
  for (;;) {
    if (listed_ != 0) {
      if (!later) later.emplace();
      serve_listed();
    }
    if (failure_ || closing_.load(std::memory_order_acquire)) {
      if (!later) later.emplace();
      return end(word_.exchange(ended, std::memory_order_acq_rel));
    }
    if (class_.guarded_waiters_.load(std::memory_order_relaxed) != 0) {
      if (!later) later.emplace();
      class_.judge_again();
    }
    word now = possessed;
    if (word_.compare_exchange_strong(now, free, std::memory_order_acq_rel)) return;
    if (!later) later.emplace();
    take_in(word_.exchange(possessed, std::memory_order_acq_rel));
  }
}

// Of a statement that judged with the state that bodies had left by now, and was counted since: a
// body that is not over yet will see it, and the statement sees those that are.
void passive_server::expect_statement() noexcept {
  word now = word_.load(std::memory_order_relaxed);
  while (!word_.compare_exchange_weak(now, now == free || now == ended ? now : now | attention,
                                      std::memory_order_acq_rel)) {
  }
}

void passive_server::take_in(word left_behind) noexcept {
  if ((left_behind & attention) != 0) judged_to_ = 0;
  // The last that came stands first.
  invocation* in_order = nullptr;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  for (auto* i = reinterpret_cast<invocation*>(left_behind & ~flags); i != nullptr;) {
    invocation* const before = std::exchange(i->next_watched_, in_order);
    in_order = std::exchange(i, before);
  }
  while (in_order != nullptr) list(*std::exchange(in_order, in_order->next_watched_));
}

void passive_server::serve_listed() noexcept {
  try {
    while (invocation* const found = scan()) {
      auto expected = invocation::state::queued;
      if (!found->state_.compare_exchange_strong(expected, invocation::state::taken,
                                                 std::memory_order_acq_rel)) {
        continue;  // it has given up meanwhile: the next scan refuses it
      }
      unlist(*found);
      const body_counted end{*this};
      run(chosen_, *found);
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  if (impatient_ != 0) refuse_impatient();
}

// Rule S3, as acceptor::scan() has it. Refuses on its way those who have given up.
invocation* passive_server::scan() {
  for (;;) {
    for (arm_state& arm : arms_) arm.cursor = arm.of->first_after(judged_to_);
    invocation* const found = oldest_admitted();
    if (found == nullptr) judged_to_ = newest_;
    if (found == nullptr || !arms_[chosen_].ordered) return found;
    invocation* judged = found;
    try {
      return least(chosen_, *found, judged);
    } catch (...) {
      if (!judged->from_outside()) throw;
      guard_threw(*judged, std::current_exception());
    }
  }
}

invocation* passive_server::oldest_admitted() {
  while (arm_state* const oldest = operation_class::oldest_of(arms_)) {
    invocation& candidate = *oldest->cursor;
    chosen_ = static_cast<std::size_t>(oldest - arms_.data());
    if (candidate.given_up()) {
      pass_over(candidate);
      refuse_listed(candidate, candidate.why_);
      continue;
    }
    try {
      if (!oldest->judged || admits(chosen_, candidate)) return &candidate;
      oldest->cursor = oldest->of->next(candidate);
    } catch (...) {
      if (!candidate.from_outside()) throw;
      guard_threw(candidate, std::current_exception());
    }
  }
  return nullptr;
}

// On one from outside: it is refused, and the rest goes on (rule S13).
void passive_server::guard_threw(invocation& i, std::exception_ptr why) noexcept {
  pass_over(i);
  auto expected = invocation::state::queued;
  if (i.state_.compare_exchange_strong(expected, invocation::state::taken,
                                       std::memory_order_acq_rel)) {
    i.guard_failed(std::move(why));
    refuse_listed(i, errc::broken_call);
  } else {
    refuse_listed(i, i.why_);
  }
}

void passive_server::pass_over(const invocation& i) noexcept {
  for (arm_state& arm : arms_) {
    if (arm.cursor == &i) arm.cursor = arm.of->next(i);
  }
}

void passive_server::list(invocation& i) noexcept {
  i.stamp_ = ++newest_;
  operation_class::list_last(i);
  operation_class::count(i, 1);
  ++listed_;
  if (i.only_now_) ++impatient_;
}

void passive_server::unlist(invocation& i) noexcept {
  operation_class::unlist(i);
  --listed_;
  if (i.only_now_) --impatient_;
}

void passive_server::refuse_listed(invocation& i, errc why) noexcept {
  unlist(i);
  // It is in no queue any more, from which its caller could take it back.
  i.state_.store(invocation::state::given_up, std::memory_order_relaxed);
  i.refuse(why);
}

void passive_server::refuse_impatient() noexcept {
  for (const arm_state& arm : arms_) {
    for (invocation* i = arm.of->list_.first(); i != nullptr;) {
      invocation* const next = arm.of->next(*i);
      if (i->only_now_) refuse_listed(*i, errc::not_taken);
      i = next;
    }
  }
}

void passive_server::end(word left_behind) noexcept {
  take_in(left_behind);
  for (const arm_state& arm : arms_) {
    while (invocation* const i = arm.of->list_.first()) {
      refuse_listed(*i, i->given_up() ? i->why_ : errc::op_closed);
    }
  }
  of_.service_ended(std::move(failure_));
}

}  // namespace tryst::detail
