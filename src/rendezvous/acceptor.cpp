#include <tryst/rendezvous/acceptor.hpp>

#include <algorithm>
#include <utility>

namespace tryst::detail {

void acceptor::refuse(const arm_state& arm) const {
  if (&arm.of->class_ != &class_) {
    throw std::logic_error{"an input statement names operations of two modules"};
  }
  throw std::logic_error{arm.of->by_proc_
                             ? "an input statement names an operation that a proc services"
                             : "an input statement names an operation that serve() services"};
}

bool acceptor::begin() {
  if (mask_ == 0 && fallback_ == fallback::never) throw no_open_arm{};
  return class_.enter(*this);
}

void acceptor::wait_here() {
  parking here;
  wait_as(here);
  if (begin()) return;
  do {
    here.wait();
  } while (phase_ != phase::decided && !class_.judge(*this));
}

void acceptor::wait_here(loop::time_point when) {
  parking here;
  wait_as(here);
  if (begin()) return;
  bool in_time = true;
  do {
    if (in_time && here.wait_until(when)) continue;
    if (std::exchange(in_time, false)) expire();
    here.wait();
  } while (phase_ != phase::decided && !class_.judge(*this));
}

void acceptor::woken() noexcept {
  if (phase_ == phase::decided || class_.judge(*this)) proceed();
}

void acceptor::end_by_closing() noexcept {
  chosen_ = none;
  if (fallback_ == fallback::at_closing) return;
  failure_ = std::make_exception_ptr(call_error{make_error_code(errc::op_closed)});
}

invocation* acceptor::first_unjudged(const operation& of) const noexcept {
  return of.first_after(judged_to_);
}

// An execution of a statement judges anew, but for what a lasting guard has refused in another one.
invocation* acceptor::first_to_judge(std::size_t arm) const noexcept {
  const operation& of = *arms_[arm].of;
  if (of.refused_by_ == nullptr || of.refused_by_ != lasting_guard(arm)) return first_unjudged(of);
  return of.first_after(std::max(judged_to_, of.refused_to_));
}

// Arms that the scan has gone through, each up to its cursor.
void acceptor::remember_refused() const noexcept {
  for (std::size_t k = 0; k < arms_.size(); ++k) {
    if (!arms_[k].open || !arms_[k].judged) continue;
    const void* const guard = lasting_guard(k);
    if (guard == nullptr) continue;
    operation& of = *arms_[k].of;
    of.refused_by_ = guard;
    of.refused_to_ =
        arms_[k].cursor != nullptr ? arms_[k].cursor->stamp_ - 1 : class_.newest_listed();
  }
}

// With possession: nobody else changes the lists.
invocation* acceptor::scan(std::uint64_t version) {
  // What it refused may be acceptable now (rule S2, level 3).
  if (version != judged_version_) judged_to_ = 0;
  for (;;) {
    for (std::size_t k = 0; k < arms_.size(); ++k) {
      arms_[k].cursor = arms_[k].open ? first_to_judge(k) : nullptr;
    }
    invocation* const found =
        order_ == order::of_age ? oldest_admitted() : first_admitted_in_text_order();
    if (order_ == order::of_age) remember_refused();
    if (found == nullptr || !arms_[chosen_].ordered) return found;
    invocation* judged = found;
    try {
      return least(chosen_, *found, judged);
    } catch (...) {
      if (!judged->from_outside()) throw;
      class_.guard_failed(*judged, std::current_exception());
    }
  }
}

// One from outside on which a guard throws is refused, and the statement goes on (rule S13).
bool acceptor::admits_or_refuses(std::size_t arm, invocation& i) {
  try {
    return admits(arm, i);
  } catch (...) {
    if (!i.from_outside()) throw;
    class_.guard_failed(i, std::current_exception());
    return false;
  }
}

invocation* acceptor::oldest_admitted() {
  while (arm_state* const oldest = operation_class::oldest_of(arms_)) {
    invocation* const candidate = oldest->cursor;
    const auto arm = static_cast<std::size_t>(oldest - arms_.data());
    if (!candidate->given_up() && (!oldest->judged || admits_or_refuses(arm, *candidate))) {
      chosen_ = arm;
      return candidate;
    }
    oldest->cursor = oldest->of->next(*candidate);
  }
  return nullptr;
}

invocation* acceptor::first_admitted_in_text_order() {
  for (std::size_t k = 0; k < arms_.size(); ++k) {
    for (invocation* i = arms_[k].cursor; i != nullptr; i = arms_[k].of->next(*i)) {
      if (i->given_up() || (arms_[k].judged && !admits_or_refuses(k, *i))) continue;
      chosen_ = k;
      return i;
    }
  }
  return nullptr;
}

}  // namespace tryst::detail
