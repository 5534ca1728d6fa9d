// The operations of one module as their input statements see them: one set of queues with one owner
// at a time (D2), and the processes that wait for invocations. Any thread may use it, and the
// thread of the loop that a module is confined to takes its lock without atomic instructions (D8):
// see queue_lock.hpp. It knows no types.
//
// A statement whose guards are values is decided under the mutex. One with guard functions takes
// possession: it then looks through a list that stands still, without the mutex, while arrivals
// wait in the inbox (D9). An arrival wakes one waiting statement at most; what a statement has
// refused it does not see again (judged_to), until a body of another process of the module has
// ended (rule S2).
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <tryst/loop.hpp>
#include <tryst/rendezvous/invocation.hpp>
#include <tryst/rendezvous/op_link.hpp>
#include <tryst/rendezvous/op_options.hpp>
#include <tryst/rendezvous/queue_lock.hpp>

namespace tryst {
class take_observer;

}  // namespace tryst

namespace tryst::detail {

class acceptor;
struct arm_state;
class inspector;
class operation_class;
class passive_server;
class proc_gate;

/// What the engine knows of an operation.
class operation {
public:
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  /// How many invocations are queued and not taken (rule S11). Any thread: a moment's number. In a
  /// guard: those that the statement can see, which stays the same while it judges.
  std::size_t pending() const noexcept;

  /// Whether callers with a limit leave what is serviced.
  bool abandonable() const noexcept { return abandonable_; }

  /// Of those that `i` stands among, the next one that came.
  invocation* next(const invocation& i) const noexcept { return list_.next(i); }
  /// The place of the operation of `i` in its array (rule S10).
  static std::size_t index_of(const invocation& i) noexcept { return i.operation_->index_; }

protected:
  /// `by_proc`: no statement may service it (rule I1).
  operation(operation_class& of, bool by_proc, op_options how) noexcept;
  /// All operations of an array: what is queued for one of them is queued here too.
  operation(operation_class& of, listed_by what) noexcept;
  /// One of them.
  operation(operation& array, std::size_t index, op_options how) noexcept;
  ~operation();

  /// Queues `i`, or binds it to a statement that waits for it; it may be gone when this returns.
  /// Otherwise nothing happened, and this is why.
  [[nodiscard]] errc arrive(invocation& i) noexcept;
  /// The same for one that wants a statement that waits for it already, or else errc::not_taken.
  [[nodiscard]] errc arrive_if_wanted(invocation& i) noexcept;
  /// Who services it without a process, or null.
  passive_server* served() const noexcept { return served_.load(std::memory_order_acquire); }
  /// What holds its queues, which may be kept longer than the module exists.
  std::shared_ptr<operation_class> queues() const noexcept;
  /// What capabilities hold of it.
  std::shared_ptr<op_link> link();
  /// Ends its capabilities: the first that its destructor does.
  void sever() noexcept;

private:
  friend class acceptor;
  friend class inspector;
  friend class operation_class;
  friend class passive_server;

  // The first of what is listed whose stamp is greater.
  invocation* first_after(std::uint64_t stamp) const noexcept;
  bool has_room_for(const invocation& i) const noexcept {
    if (pending_.load(std::memory_order_relaxed) < max_pending_) return true;
    return when_full_ == full_queue::waits && i.patient_;
  }

  operation_class& class_;
  std::atomic<passive_server*> served_ = nullptr;  // set once, under the class's mutex
  // The class, while statements may service it; null: a proc does, or serve().
  std::atomic<const operation_class*> stated_in_;
  const bool by_proc_ = false;
  const std::size_t max_pending_ = std::numeric_limits<std::size_t>::max();
  const full_queue when_full_ = full_queue::fails;
  const bool abandonable_ = false;
  operation* const array_ = nullptr;
  const std::size_t index_ = 0;
  operation* next_ = nullptr;
  operation* previous_ = nullptr;
  std::uint64_t bit_ = 0;  // shared with the 64th operation before it: says that a look is worth it
  invocation_list list_;
  std::size_t listed_ = 0;
  // With possession: what stands for a guard, and up to which stamp it has refused all. See
  // acceptor::lasting_guard().
  const void* refused_by_ = nullptr;
  std::uint64_t refused_to_ = 0;
  std::weak_ptr<op_link> link_;  // made when it is asked for, under the class's mutex
  // What follows the bit is written under the class's mutex, or with possession of who serves it.
  std::atomic<std::size_t> pending_ = 0;
};

/// Owned by the module, and by callers that may want to be taken back while it ends.
class operation_class : public std::enable_shared_from_this<operation_class> {
public:
  /// `home`: the loop that the module is confined to, or null.
  explicit operation_class(loop* home) noexcept;
  ~operation_class();
  operation_class(const operation_class&) = delete;
  operation_class& operator=(const operation_class&) = delete;

  /// Begins a statement. True: it is decided. False: it will be woken, perhaps at once.
  [[nodiscard]] bool enter(acceptor& a);
  /// Goes on with one that was woken with possession, to judge. True: it is decided.
  [[nodiscard]] bool judge(acceptor& a) noexcept;
  /// A body has ended, so that guards may have changed: statements with guard functions that wait
  /// judge once more what they have refused.
  void changed() noexcept;
  /// Refuses what is queued and what will come with errc::op_closed, and ends the statements that
  /// wait with it. What was taken is finished.
  void close() noexcept;
  bool closed() const noexcept;
  /// With possession: the stamp of the last that was listed.
  std::uint64_t newest_listed() const noexcept { return newest_; }
  /// The operations that it names are from now on serviced by `s`, and by nobody else. Throws
  /// std::logic_error when somebody does already.
  void serve(std::unique_ptr<passive_server> s);
  /// Capabilities made from now on do not leave the process.
  void keep_to_itself() noexcept {
    const std::lock_guard lock{mutex_};
    keeps_to_itself_ = true;
  }
  /// Takes `i` back, which is refused with `why`, if it is queued, or yet to arrive: not if it was
  /// taken or refused before. It must be alive.
  void give_up(invocation& i, errc why) noexcept;
  /// What or_terminate() looks at (rule F5). A process of the module begins, and has ended.
  void process_began() noexcept;
  void process_ended() noexcept;
  /// No capability of one of the operations is left.
  void link_ended() noexcept;
  /// The procs of the module, which are closed with it.
  void has_procs(proc_gate& gate) noexcept { gate_ = &gate; }
  /// Whether the end of the last proc may be the end of the module.
  bool may_terminate() const noexcept { return terminating_.load(std::memory_order_relaxed) != 0; }
  void look_for_end() noexcept;
  /// A body threw `why`, of which nobody else is told (rule I2).
  void unhandled(std::exception_ptr why) noexcept;

  /// The time of a statement has come. If it waits it is decided, and woken; if it judges, or is
  /// about to, it does not wait afterwards.
  void expire(acceptor& a) noexcept;

private:
  friend class acceptor;
  friend class inspector;
  friend class operation;
  friend class passive_server;
  class consequences;
  struct queue_of_statements {
    acceptor* first = nullptr;
    acceptor* last = nullptr;
  };

  errc arrive(invocation& i, bool only_now) noexcept;
  errc arrive_and_wait(invocation& i, std::unique_lock<queue_lock> lock) noexcept;
  void guard_failed(invocation& i, std::exception_ptr why) noexcept;
  void join(operation& o) noexcept;
  void leave(operation& o) noexcept;
  void list(invocation& i) noexcept;
  void watch(invocation& i) noexcept;
  static void list_last(invocation& i) noexcept;
  static void unlist(invocation& i) noexcept;
  /// Rule S3: of the arms that look at an invocation the one whose invocation is the oldest, of
  /// several for it the first in the text. Null: none looks at any.
  static arm_state* oldest_of(std::span<arm_state> arms) noexcept;
  std::uint64_t version_now() const noexcept;
  void judge_again() noexcept;
  static void count(const invocation& i, int by) noexcept;
  acceptor* take_on_arrival(invocation& i) noexcept;
  void queue(invocation& i, consequences& after) noexcept;
  void bind(acceptor& a, std::size_t arm, invocation& i) noexcept;
  void take(acceptor& a, std::size_t arm, invocation& i) noexcept;
  void forget_watched(invocation& i) noexcept;
  bool take_directly(acceptor& a) noexcept;
  bool settle(acceptor& a) noexcept;
  void release(consequences& after) noexcept;
  void serve_waiters(consequences& after, std::uint64_t bits) noexcept;
  void drop_watched(consequences& after, bool unwanted_too) noexcept;
  void close_all(consequences& after) noexcept;
  void end_if_needless(consequences& after) noexcept;
  bool has_unjudged(acceptor& a) noexcept;
  void wait(acceptor& a) noexcept;
  void end_wait(acceptor& a) noexcept;
  static void append(queue_of_statements& q, acceptor& a) noexcept;
  static void remove(queue_of_statements& q, acceptor& a) noexcept;

  static constexpr std::uint64_t any_operation = ~std::uint64_t{0};

  mutable queue_lock mutex_;
  bool possessed_ = false;
  bool closed_ = false;
  bool keeps_to_itself_ = false;
  std::uint64_t newest_ = 0;  // the stamp given last
  operation* operations_ = nullptr;
  std::size_t operations_made_ = 0;
  std::size_t processes_ = 0;
  std::size_t links_ = 0;
  std::atomic<std::size_t> terminating_ = 0;  // statements at or_terminate(); written by us
  proc_gate* gate_ = nullptr;
  invocation_list inbox_;          // what arrived during possession
  invocation* watched_ = nullptr;  // see invocation::next_watched_
  queue_of_statements waiting_;    // for an arrival
  queue_of_statements entering_;   // for possession, for the first time
  take_observer* observer_ = nullptr;
  // Moves when a body ends. Read after a statement was counted below, which is read after this
  // moved: one of the two sides sees the other. Of a confined module both move under the mutex.
  std::atomic<std::uint64_t> version_ = 1;
  std::atomic<std::size_t> guarded_waiters_ = 0;
  std::unique_ptr<passive_server> passive_owned_;
  std::atomic<passive_server*> passive_ = nullptr;  // set once, under the mutex
};

}  // namespace tryst::detail
