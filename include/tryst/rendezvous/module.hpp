// A module: state, the operations that others may invoke, and the processes that service them. A
// user's module is a class that derives from `module` and has `op<...>` members.
//
//   struct counter : tryst::module {
//     op<void(int)> add{this};
//     op<int()> total{this};
//
//     task<> server() {
//       int sum = 0;
//       for (;;) co_await in(accept(add) >> [&](int n) { sum += n; },
//                            accept(total) >> [&] { return sum; });
//     }
//   };
//
//   counter c;
//   c.start(loop, c.server());
#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <tryst/rendezvous/operation_class.hpp>
#include <tryst/rendezvous/proc_gate.hpp>
#include <tryst/task.hpp>
#include <vector>

namespace tryst {

class loop;

namespace detail {
class inspector;
class passive_server;
proc_gate& gate_of(module& of) noexcept;
}  // namespace detail

/// Operations may be invoked from any thread from their construction on: what comes before a
/// process services it waits (rule M2). The operations of a module are declared in it or by its
/// processes, and only they service them (rule C2).
class module {
public:
  module(const module&) = delete;
  module& operator=(const module&) = delete;

  /// Begins a process of the module on `home`. One that ends by an exception closes the module.
  /// Never from a constructor: what derives from it would not exist yet.
  void start(loop& home, task<> process);

  /// Lets the procs of the module run; invocations that came before have waited for it (rule M2).
  /// A send makes a process on `home`, or, without it, on a thread that belongs to the module.
  /// Never from a constructor.
  void start(loop& home) noexcept { procs_.open(&home); }
  void start() noexcept { procs_.open(nullptr); }

  /// Is told what a proc threw that nobody waits for; on any thread, and on several at once. To be
  /// set before start(). Without it join() throws the first.
  void on_unhandled(std::move_only_function<void(std::exception_ptr)> told) noexcept {
    procs_.on_unhandled(std::move(told));
  }

  /// So many threads for blocking procs at most, 64 if nothing is said. To be set before start().
  void bound_threads(std::uint32_t most) noexcept { procs_.bound_threads(most); }

  /// Capabilities of its operations do not leave the process: whoever gives one away is refused
  /// (rule C1). To be said in the constructor.
  void keep_to_itself() noexcept { class_.keep_to_itself(); }

  /// Ends the module (rule M4): invocations that are queued or still come fail with
  /// errc::op_closed, and so do input statements, conditions and semaphores that processes wait in,
  /// which ends them; what was taken is finished. Any thread, and again.
  void close() noexcept;

  /// Blocks this thread, which must run none of its processes' loops, until all processes and procs
  /// have ended, then throws what ended the first that did not end because the module was closed.
  /// To be done before the module is destroyed, if anything was started.
  void join();

  /// Statements with guard functions that wait judge again all that is queued (rule S2, level 3).
  /// For who changed what guards look at in another way than by a body. Any thread.
  void reconsider() noexcept { class_.changed(); }

protected:
  explicit module(detail::discipline how = detail::discipline::active, loop* home = nullptr)
      : queues_{std::make_shared<detail::operation_class>(home)},
        gate_{std::make_shared<detail::proc_gate>(class_, how)} {}
  /// A module that is confined to `home`, which must outlive it: processes and callers on that loop
  /// take the lock of its queues without an atomic instruction. All else holds as for any module;
  /// other threads may still invoke it, close it and service it, but each look of theirs at its
  /// queues costs them a system call. So it is for modules whose callers are on their loop as a
  /// rule.
  explicit module(loop& home) : module{detail::discipline::active, &home} {}
  ~module() { procs_.end_threads(); }

private:
  template <class Signature>
  friend class op;
  template <class Signature>
  friend class op_array;
  friend class detail::inspector;
  friend class detail::passive_server;
  friend detail::proc_gate& detail::gate_of(module&) noexcept;

  void process_ended(loop& home, std::exception_ptr failure) noexcept;
  void service_ended(std::exception_ptr failure) noexcept;
  bool close_after(const std::exception_ptr& failure) noexcept;

  const std::shared_ptr<detail::operation_class> queues_;
  detail::operation_class& class_ = *queues_;
  const std::shared_ptr<detail::proc_gate> gate_;
  detail::proc_gate& procs_ = *gate_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::vector<loop*> processes_;  // by where they live
  bool served_ = false;           // by serve(), until that has ended
  std::exception_ptr failure_;
};

inline detail::proc_gate& detail::gate_of(module& of) noexcept { return of.procs_; }

}  // namespace tryst
