#include <tryst/rendezvous/inspection.hpp>

#include <tryst/rendezvous/acceptor.hpp>
#include <tryst/rendezvous/module.hpp>

namespace tryst {
namespace detail {

inspection inspector::inspect(module& m) {
  inspection seen;
  {
    const std::lock_guard lock{m.mutex_};
    seen.processes.assign(m.processes_.begin(), m.processes_.end());
  }
  {
    operation_class& c = m.class_;
    const std::lock_guard lock{c.mutex_};
    for (const operation* o = c.operations_; o != nullptr; o = o->next_) {
      if (o->by_proc_) continue;
      queue_inspection queue{o, {}};
      // Those of an array are told at its elements.
      for (const invocation* i = o->list_.first(); i != nullptr; i = o->next(*i)) {
        if (i->operation_ == o) queue.callers.push_back(i->waited_for_on());
      }
      seen.queues.push_back(std::move(queue));
    }
    for (const auto* statements : {&c.waiting_, &c.entering_}) {
      for (const acceptor* a = statements->first; a != nullptr; a = a->next_) {
        statement_inspection statement{a->home(), {}};
        for (const arm_state& arm : a->arms_) statement.arms.push_back({arm.of, arm.open});
        seen.statements.push_back(std::move(statement));
      }
    }
  }
  proc_gate& g = m.procs_;
  const std::lock_guard lock{g.mutex_};
  for (const gate_part* p = g.parts_; p != nullptr; p = p->next_) {
    seen.parts.push_back(p->inspected());
  }
  seen.held = g.how_ == discipline::monitor && g.held_;
  if (seen.held) seen.holder = g.holder_;
  seen.entering = g.entry_.waiters();
  seen.procs = g.running_;
  return seen;
}

void inspector::observe(module& m, take_observer* by) noexcept {
  const std::lock_guard lock{m.class_.mutex_};
  m.class_.observer_ = by;
}

}  // namespace detail

inspection inspect(module& m) { return detail::inspector::inspect(m); }

void observe(module& m, take_observer* by) noexcept { detail::inspector::observe(m, by); }

}  // namespace tryst
