// A proc as the operations of its signature see it: something that is begun in the frame of a
// caller (rule I5), or in a process of its own.
//
// Path: operation.hpp → here → proc_gate.hpp → proc.hpp, the proc → here
#pragma once

#include <coroutine>
#include <optional>
#include <tryst/rendezvous/invocation.hpp>
#include <tryst/rendezvous/proc_gate.hpp>
#include <tuple>
#include <utility>

namespace tryst::detail {

template <class Signature>
class typed_proc;

/// How a process is asked for.
struct process_wish {
  loop* callers = nullptr;  ///< where it runs if the module has no loop
  bool apart = false;       ///< never on the stack of who asks
  bool only_now = false;    ///< not at all if it would have to queue
};

/// A process of a proc until it is admitted and has come to its place. It owns itself.
class proc_process : public entrant {
protected:
  proc_process(bound_proc& of, process_wish how) noexcept : of_{of}, how_{how}, thread_{*this} {}
  ~proc_process() = default;

  errc launch() noexcept;

  /// Runs the body. These end the object.
  virtual void begin() noexcept = 0;
  virtual void fail(std::exception_ptr why) noexcept = 0;
  virtual void turn_away(errc why) noexcept = 0;
  /// Only the object: nothing has happened.
  virtual void dismiss() noexcept = 0;

private:
  // A party of its own kind, since what blocks must not hold up the parties that its thread wakes.
  class thread_job final : public job {
  public:
    explicit thread_job(proc_process& of) noexcept : of_{of} {}
    void run() noexcept override { of_.begin(); }

  private:
    proc_process& of_;
  };

  void woken() noexcept override;
  void abandoned() noexcept override;
  void go_to_place() noexcept;
  loop* place() const noexcept;

  bound_proc& of_;
  process_wish how_;
  bool at_place_ = false;
  thread_job thread_;
};

/// One that a caller can run in its own frame.
template <class Signature>
class direct_proc;

template <class R, class... A>
class direct_proc<R(A...)> {
public:
  /// Runs it, or begins it if it is a coroutine. Throws what it throws.
  virtual std::optional<task<R>> begin(std::optional<typename reply_place<R>::stored>& result,
                                       A&&... arguments) = 0;

protected:
  ~direct_proc() = default;
};

template <class R, class... A>
class typed_proc<R(A...)> : public bound_proc {
public:
  using bound_proc::bound_proc;

  /// For a caller on this thread; null: it needs a process. A thread that is no loop's has no place
  /// where a coroutine could go on.
  virtual direct_proc<R(A...)>* direct(bool thread) noexcept = 0;

  /// Services `i` in a process of its own. errc{}: done, and `i` may be gone. Otherwise nothing
  /// happened.
  errc launch(typed_invocation<R(A...)>& i, process_wish how) {
    return (new process{*this, i, how})->launch();
  }

protected:
  /// Runs the proc for one that was admitted, leaves, and answers.
  virtual task<> service(typed_invocation<R(A...)>& i) = 0;

private:
  class process final : public proc_process {
  public:
    process(typed_proc& of, typed_invocation<R(A...)>& i, process_wish how) noexcept
        : proc_process{of, how}, of_{of}, i_{i} {}
    using proc_process::launch;

    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* block, std::size_t size) noexcept { free_frame(block, size); }

    invocation* serviced() noexcept override { return &i_; }
    const loop* waits_for() const noexcept override { return i_.waited_for_on(); }

  private:
    void begin() noexcept override {
      try {
        spawn_here(home(), of_.service(i_), {});
        delete this;
      } catch (...) {  // there was no memory for it
        fail(std::current_exception());
      }
    }
    void fail(std::exception_ptr why) noexcept override {
      of_.end(i_, std::nullopt, std::move(why));
      delete this;
    }
    void turn_away(errc why) noexcept override {
      i_.refuse(why);
      delete this;
    }
    void dismiss() noexcept override { delete this; }

    typed_proc& of_;
    typed_invocation<R(A...)>& i_;
  };

protected:
  /// The end of a service: who waits for it sees that the proc has left, and join() that the answer
  /// is on its way.
  void end(typed_invocation<R(A...)>& i, std::optional<typename reply_place<R>::stored> result,
           std::exception_ptr failure) noexcept {
    reply_place<R>* const place = i.place;
    i.arguments_used();
    if (failure && place == nullptr) gate().unhandled(failure);
    if (place == nullptr) return leave();
    make_way();
    if (failure) {
      place->fail(std::move(failure));
    } else {
      place->give(std::move(*result));
    }
    answered();
  }
};

}  // namespace tryst::detail
