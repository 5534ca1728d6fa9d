// Before the procs of a module: who may run one now. Before start() and after close() nobody, of an
// operation with a bound so many at once, of a monitor one at a time. It knows no types.
//
// Whoever must wait does so as an entrant, in the order of arrival. A monitor is handed on, never
// fought for: who leaves it wakes the first in its entry queue, who then has it already.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <tryst/error.hpp>
#include <tryst/rendezvous/inspection.hpp>
#include <tryst/rendezvous/op_options.hpp>
#include <tryst/rendezvous/party.hpp>

namespace tryst {

class condition;
class module;
class worker_threads;

namespace detail {

class bound_proc;
class inspector;
class invocation;
class operation_class;
class proc_gate;

/// The three disciplines of a module (rule M5).
enum class discipline : std::uint8_t {
  active,     ///< procs share the loop of the module's processes
  monitor,    ///< procs run where they are called, one at a time
  concurrent  ///< procs run where they are called, side by side
};

/// Wakes parties when it ends: declared before a lock, so that it ends after it.
class wakes {
public:
  wakes() = default;
  wakes(const wakes&) = delete;
  wakes& operator=(const wakes&) = delete;
  ~wakes() {
    while (job* const woken = parties_.pop()) static_cast<party*>(woken)->wake();
  }
  void add(party& p) noexcept { parties_.push(p); }

private:
  job_queue parties_;
};

/// Whether it says errc::op_closed.
bool ended_by_closing(const std::exception_ptr& failure);

/// One that waits for admission.
class entrant : public party {
public:
  /// After it was woken: why it was not admitted, or errc{}.
  errc refusal() const noexcept { return refusal_; }
  void deny(errc why) noexcept { refusal_ = why; }
  /// The invocation that it is a process for, or null.
  virtual invocation* serviced() noexcept { return nullptr; }
  /// The loop of the coroutine that waits for it, or null: for inspection.hpp.
  virtual const loop* waits_for() const noexcept { return home(); }

protected:
  entrant() = default;
  ~entrant() = default;

private:
  friend class entrant_list;
  friend class bound_proc;
  friend class proc_gate;
  friend class tryst::condition;

  entrant* next_ = nullptr;
  bound_proc* proc_ = nullptr;  // null: it was admitted before, and comes back from a condition
  errc refusal_{};
};

/// Entrants in the order of their arrival.
class entrant_list {
public:
  bool empty() const noexcept { return first_ == nullptr; }
  void append(entrant& e) noexcept {
    e.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &e;
    last_ = &e;
  }
  entrant* pop() noexcept {
    entrant* const e = first_;
    if (e != nullptr) first_ = e->next_;
    if (first_ == nullptr) last_ = nullptr;
    return e;
  }
  /// False: it is not there.
  bool remove(entrant& e) noexcept;
  /// The process for `i`, from where it stands; or null.
  entrant* extract(const invocation& i) noexcept;
  /// Who waits, the oldest first.
  std::vector<const loop*> waiters() const;

private:
  entrant* first_ = nullptr;
  entrant* last_ = nullptr;
};

/// What of a module its gate tells when it opens and closes.
class gate_part {
public:
  gate_part(const gate_part&) = delete;
  gate_part& operator=(const gate_part&) = delete;

protected:
  explicit gate_part(proc_gate& of) noexcept;
  ~gate_part() = default;
  /// For the destructor of what derives from it, first of all.
  void leave_gate() noexcept;

  /// These two run under the gate's mutex.
  virtual void opened(wakes&) noexcept {}
  virtual void closed(wakes& after) noexcept = 0;
  /// The process that queues here for `i`, which does so no more; or null.
  virtual entrant* extract(const invocation& i) noexcept {
    static_cast<void>(i);
    return nullptr;
  }
  /// Under the gate's mutex, too.
  virtual part_inspection inspected() const = 0;

  proc_gate& gate() const noexcept { return gate_; }

private:
  friend class inspector;
  friend class proc_gate;

  proc_gate& gate_;
  gate_part* next_ = nullptr;
  gate_part* previous_ = nullptr;
};

/// Owned by the module, and by callers that may want to be taken back while it ends.
class proc_gate : public std::enable_shared_from_this<proc_gate> {
public:
  proc_gate(operation_class& guards, discipline how) noexcept;
  ~proc_gate();
  proc_gate(const proc_gate&) = delete;
  proc_gate& operator=(const proc_gate&) = delete;

  /// From now on procs run; processes on `home`, or on threads of the module if it is null.
  void open(loop* home) noexcept;
  /// Refuses who waits for admission, and who comes, with errc::op_closed; ends the waits in
  /// conditions and semaphores with it.
  void close() noexcept;
  /// Takes back the process for `i`, which is refused with `why`, unless it was admitted; or the
  /// one that is to come. `i` must be alive.
  void take_back(invocation& i, errc why) noexcept;
  /// Ends the threads of the module.
  void end_threads() noexcept;
  /// Whether no proc runs.
  bool idle() noexcept;
  /// Blocks this thread until no proc runs.
  void wait_until_idle();

  /// Whether a call made on this thread runs its proc there.
  bool runs_here() const noexcept;
  /// Where processes run, once it is open; or null.
  loop* home() const noexcept { return open_.load(std::memory_order_acquire) ? home_ : nullptr; }
  discipline how() const noexcept { return how_; }

  /// Runs `j` on a thread of the module, which may block. Throws std::system_error when the system
  /// has no thread left.
  void run_on_thread(job& j);
  /// So many threads at most.
  void bound_threads(std::uint32_t most) noexcept;

  /// Nobody waits for the proc that ended so. Nothing, if it did because of close().
  void unhandled(std::exception_ptr why) noexcept;
  /// Before open().
  void on_unhandled(std::move_only_function<void(std::exception_ptr)> f) noexcept;
  std::exception_ptr take_failure() noexcept;

private:
  friend class bound_proc;
  friend class gate_part;
  friend class inspector;
  friend class tryst::condition;

  void admit(entrant& e, wakes& after) noexcept;
  void pass_on(wakes& after) noexcept;

  operation_class& guards_;
  const discipline how_;
  std::atomic<bool> open_ = false;  // written under the mutex
  loop* home_ = nullptr;            // before open_ becomes true
  std::mutex mutex_;                // guards what follows
  std::condition_variable idle_;
  bool closed_ = false;
  bool held_ = false;       // the monitor
  loop* holder_ = nullptr;  // on which the one that has it is resumed
  std::size_t running_ = 0;
  entrant_list entry_;  // of the monitor
  gate_part* parts_ = nullptr;
  std::uint32_t most_threads_ = 64;
  std::unique_ptr<worker_threads> threads_;
  std::exception_ptr failure_;
  std::move_only_function<void(std::exception_ptr)> on_unhandled_;  // not guarded
};

/// The proc of an operation, but for its types.
class bound_proc : public gate_part {
public:
  bound_proc(proc_gate& gate, proc_options how) noexcept;
  virtual ~bound_proc();

  enum class admission : std::uint8_t { now, later, refused };
  /// later: `e` will be woken, perhaps at once. `only_now`: refused with errc::not_taken instead.
  admission enter(entrant& e, bool only_now) noexcept;
  /// The body of one that was admitted is over.
  void leave() noexcept;
  /// The same for one who has yet to answer: others go on, but the module is not idle before
  /// answered().
  void make_way() noexcept;
  void answered() noexcept;

  std::size_t pending() const noexcept { return pending_.load(std::memory_order_relaxed); }
  bool blocking() const noexcept { return how_.blocking; }
  using gate_part::gate;

private:
  friend class proc_gate;

  void opened(wakes& after) noexcept override;
  void closed(wakes& after) noexcept override;
  entrant* extract(const invocation& i) noexcept override;
  part_inspection inspected() const override;
  void make_way(wakes& after) noexcept;
  std::shared_ptr<operation_class> stop_counting() noexcept;
  bool has_room_for(entrant& e) const noexcept;
  void admit_queued(wakes& after) noexcept;

  const proc_options how_;
  // Under the gate's mutex.
  std::size_t active_ = 0;
  entrant_list queue_;
  std::atomic<std::size_t> pending_ = 0;
};

}  // namespace detail
}  // namespace tryst
