// Monitors (rule M5): modules whose procs run one at a time, wherever they are called from, and
// wait for each other in conditions.
//
//   struct account : tryst::monitor_module {
//     op<void(int)> deposit{this, &account::do_deposit};
//     op<void(int)> withdraw{this, &account::do_withdraw};
//     condition enough{this};
//     int balance = 0;
//
//     void do_deposit(int m) { balance += m; enough.signal_all(); }
//     task<> do_withdraw(int m) {
//       while (balance < m) co_await enough.wait(m);       // least amount first
//       balance -= m;
//     }
//   };
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <tryst/rendezvous/proc.hpp>
#include <utility>

namespace tryst {

/// A proc has the monitor from its beginning to its end, also while it awaits something, except in
/// a condition. Whoever finds it held queues, without blocking the thread of a loop.
///
/// A proc that calls out of the monitor keeps it meanwhile; if that call comes back to this
/// monitor, both wait for ever. Processes begun by start(loop, task) are not procs, and stand
/// outside.
class monitor_module : public module {
protected:
  monitor_module() : module{detail::discipline::monitor} {}
  ~monitor_module() = default;
};

/// A queue in a monitor, where procs wait until another one changes what they wait for. Signal and
/// continue: who is signalled competes for the monitor again, at the tail of its entry queue, so
/// that `while` and not `if` stands before a wait. For procs of the monitor only.
class condition final : detail::gate_part {
public:
  class waiting;

  explicit condition(monitor_module* of) noexcept;
  /// Ends the waits with errc::op_closed.
  ~condition();

  /// Leaves the monitor until it is signalled. Least rank first, of equal ones the oldest. Awaiting
  /// it throws call_error with errc::op_closed when the module is closed; the monitor is held again
  /// then too.
  waiting wait(std::int64_t rank = 0) noexcept;
  /// The same for who would not want what it waits for any more, such as a proc whose caller has
  /// gone (caller::connection_lost, call::stop_token()): throws call_error with errc::cancelled,
  /// holding the monitor, when a stop is requested before it is signalled.
  waiting wait(std::stop_token unless, std::int64_t rank = 0) noexcept;

  /// Lets the first that waits compete for the monitor again. Nothing if nobody waits.
  void signal() noexcept;
  void signal_all() noexcept;

  bool empty() const noexcept;
  /// The rank of the first that waits.
  std::optional<std::int64_t> min_rank() const noexcept;

private:
  bool enqueue(waiting& w) noexcept;
  void stop(waiting& w) noexcept;
  void release_first(detail::wakes& after) noexcept;
  void closed(detail::wakes& after) noexcept override;
  part_inspection inspected() const override;

  waiting* first_ = nullptr;  // under the gate's mutex
};

class [[nodiscard]] condition::waiting final : detail::entrant {
public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> proc) noexcept {
    this->wait_as(proc);
    // Before it is queued, since it may be gone when that returns.
    if (unless_.stop_possible()) on_stop_.emplace(unless_, stopping{*this});
    return at_.enqueue(*this);
  }
  void await_resume() {
    on_stop_.reset();
    if (refusal() != errc{}) throw call_error{make_error_code(refusal())};
  }

private:
  friend class condition;
  struct stopping {
    waiting& of;
    void operator()() const noexcept { of.at_.stop(of); }
  };
  waiting(condition& at, std::stop_token unless, std::int64_t rank) noexcept
      : at_{at}, rank_{rank}, unless_{std::move(unless)} {}

  condition& at_;
  const std::int64_t rank_;
  std::stop_token unless_;
  // Under the gate's mutex.
  waiting* next_in_condition_ = nullptr;
  bool stopped_ = false;
  // Of the proc.
  std::optional<std::stop_callback<stopping>> on_stop_;
};

inline condition::waiting condition::wait(std::int64_t rank) noexcept { return {*this, {}, rank}; }
inline condition::waiting condition::wait(std::stop_token unless, std::int64_t rank) noexcept {
  return {*this, std::move(unless), rank};
}

}  // namespace tryst
