// Who waits in a module at a moment, for instruments that tell why nothing moves. Nothing of it is
// kept while nobody asks.
#pragma once

#include <cstddef>
#include <vector>

namespace tryst {

class loop;
class module;
template <class Signature>
class op;

/// A coroutine by the loop that it is resumed on. Null: a thread, or nobody, as for a send, or
/// somebody outside the program.
using waiter = const loop*;

/// What waits in an operation for a statement, the oldest first.
struct queue_inspection {
  const void* of;  ///< identity_of() the operation
  std::vector<waiter> callers;
};

/// An input statement that waits.
struct statement_inspection {
  struct arm {
    const void* of;  ///< identity_of() the operation
    bool open;       ///< false: its guard is a value, and false
  };
  waiter servicer;
  std::vector<arm> arms;
};

/// Who waits in a condition or a semaphore, or for a proc of which enough are active.
struct part_inspection {
  enum class kind_of : unsigned char { proc, condition, semaphore };
  const void* of;  ///< the address of the condition or semaphore, identity_of() the operation
  kind_of kind;
  std::vector<waiter> waiting;
};

/// What inspect() saw.
struct inspection {
  std::vector<waiter> processes;  ///< that were begun by start() and have not ended
  std::vector<queue_inspection> queues;
  std::vector<statement_inspection> statements;
  std::vector<part_inspection> parts;
  bool held = false;             ///< somebody is in the monitor
  waiter holder = nullptr;       ///< who
  std::vector<waiter> entering;  ///< who waits for the monitor
  std::size_t procs = 0;         ///< how many run or wait in the module
};

/// Any thread. Not while operations of `m` are made or end.
inspection inspect(module& m);

/// Is told when a statement takes an invocation, by whichever thread does, under the module's
/// mutex: it must not touch the module.
class take_observer {
public:
  virtual void taken(const void* of, waiter caller, waiter servicer) noexcept = 0;

protected:
  ~take_observer() = default;
};

/// `by` must live until it is replaced; null: nobody.
void observe(module& m, take_observer* by) noexcept;

namespace detail {

class operation;
class bound_proc;

/// What the rendezvous shows of itself.
class inspector {
public:
  static inspection inspect(module& m);
  static void observe(module& m, take_observer* by) noexcept;

  template <class Signature>
  static const void* identity_of(const op<Signature>& of) noexcept {
    if (of.proc_ != nullptr) return static_cast<const bound_proc*>(of.proc_);
    return static_cast<const operation*>(&of);
  }
};

}  // namespace detail

/// What stands for an operation in an inspection.
template <class Signature>
const void* identity_of(const op<Signature>& of) noexcept {
  return detail::inspector::identity_of(of);
}

}  // namespace tryst
