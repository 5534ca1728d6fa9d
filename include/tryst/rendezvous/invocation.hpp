// An invocation: one call or send of an operation, from its arrival until its servicer has done
// with its arguments; and the place where its result is awaited, which outlives it when the duty to
// reply is forwarded or kept for later.
//
// That of a call made by a coroutine lies in the caller's frame, that of a thread on its stack;
// that of a send comes from the pool of coroutine frames.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <stop_token>
#include <tryst/error.hpp>
#include <tryst/task.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace tryst::detail {

class operation;

/// What the queues see of an invocation.
class invocation {
public:
  invocation(const invocation&) = delete;
  invocation& operator=(const invocation&) = delete;

  /// It was not taken and never will be. The last that anybody does with it.
  virtual void refuse(errc why) noexcept = 0;
  /// The servicer needs the arguments no more. For a call the caller keeps them until the reply.
  virtual void arguments_used() noexcept {}
  /// Its caller is outside the program: what its guards and its body throw goes there alone.
  virtual bool from_outside() const noexcept = 0;
  /// A guard threw on it, which is from outside; it is refused next.
  virtual void guard_failed(std::exception_ptr why) noexcept = 0;
  /// True: it stays until it is let go. False: its caller's frame holds it.
  virtual bool keep() noexcept { return false; }
  virtual void let_go() noexcept {}
  /// The loop on which a coroutine waits for its end, or null: for inspection.hpp.
  virtual const loop* waited_for_on() const noexcept = 0;

  /// Its caller has given up: not to be taken (D5).
  bool given_up() const noexcept {
    return state_.load(std::memory_order_acquire) == state::given_up;
  }

  /// A statement has it. A moment's truth for who does not hold the queues.
  bool taken() const noexcept { return state_.load(std::memory_order_relaxed) == state::taken; }

protected:
  explicit invocation(operation& of) noexcept : operation_{&of} {}
  /// It is a call, whose caller waits: it may queue where there is no room (full_queue::waits).
  void is_patient() noexcept { patient_ = true; }
  ~invocation() = default;

private:
  friend class invocation_list;
  friend class operation;
  friend class operation_class;
  friend class acceptor;
  friend class inspector;
  friend class bound_proc;
  friend class proc_gate;
  friend class passive_server;
  enum class state : std::uint8_t { fresh, queued, taken, given_up };

  struct links {
    invocation* next = nullptr;
    invocation* previous = nullptr;
  };

  links links_[2];  // in the lists of its operation, and of its array
  // Of those that only wait for a taker at hand, or gave up; or of those left to a passive server.
  invocation* next_watched_ = nullptr;
  operation* operation_;
  std::uint64_t stamp_ = 0;  // the order of arrival in the class
  std::atomic<state> state_ = state::fresh;
  bool only_now_ = false;
  bool patient_ = false;
  errc why_{};
};

/// What an invocation is in a list for: it is in two, if its operation is the element of an array.
enum class listed_by : std::uint8_t { operation, array };

/// Invocations in the order of their arrival, each removable from where it stands.
class invocation_list {
public:
  explicit invocation_list(listed_by what = listed_by::operation) noexcept
      : which_{static_cast<std::uint8_t>(what)} {}

  invocation* first() const noexcept { return first_; }
  invocation* last() const noexcept { return last_; }
  invocation* next(const invocation& i) const noexcept { return i.links_[which_].next; }
  invocation* previous(const invocation& i) const noexcept { return i.links_[which_].previous; }

  void append(invocation& i) noexcept {
    i.links_[which_] = {.next = nullptr, .previous = last_};
    (last_ != nullptr ? last_->links_[which_].next : first_) = &i;
    last_ = &i;
  }

  void remove(invocation& i) noexcept {
    const invocation::links& at = i.links_[which_];
    (at.previous != nullptr ? at.previous->links_[which_].next : first_) = at.next;
    (at.next != nullptr ? at.next->links_[which_].previous : last_) = at.previous;
  }

  invocation* pop() noexcept {
    invocation* const i = first_;
    if (i != nullptr) remove(*i);
    return i;
  }

private:
  invocation* first_ = nullptr;
  invocation* last_ = nullptr;
  std::uint8_t which_;
};

/// The result of an operation without one.
struct done {};

class withdrawal;

/// In what callers differ: one outside the program, or of an abandonable operation, may be gone
/// before the reply.
class caller_link {
public:
  virtual bool is_outside() const noexcept { return false; }
  virtual void refused_by_guard(std::exception_ptr why) noexcept { static_cast<void>(why); }
  /// Requested when nobody waits for the reply any more.
  virtual std::stop_token stop_token() const { return {}; }
  /// By which a caller with a limit takes its call back while it is queued; null: it cannot.
  virtual withdrawal* limit() noexcept { return nullptr; }
  /// Does `undo` if the reply does not reach the caller.
  virtual void on_undelivered(std::move_only_function<void()> undo) { static_cast<void>(undo); }
  /// The loop of a coroutine that waits here, or null.
  virtual const loop* waits_on() const noexcept { return nullptr; }

protected:
  ~caller_link() = default;
};

/// Where a caller waits for its result, or for the reason why there is none.
template <class R>
class reply_place : public caller_link {
public:
  using stored = std::conditional_t<std::is_void_v<R>, done, R>;

  /// Each of these ends the wait, and is the last that anybody but the caller does with the place.
  template <class... Value>
  void give(Value&&... value) noexcept {
    try {
      result_.template emplace<1>(std::forward<Value>(value)...);
    } catch (...) {
      result_.template emplace<2>(std::current_exception());
    }
    told();
  }
  void fail(std::exception_ptr why) noexcept {
    result_.template emplace<2>(std::move(why));
    told();
  }
  void fail(errc why) noexcept {
    result_.template emplace<3>(why);
    told();
  }

  /// The same before the caller has begun to wait, who is not told.
  void refuse_at_once(errc why) noexcept { result_.template emplace<3>(why); }
  void fail_at_once(std::exception_ptr why) noexcept {
    result_.template emplace<2>(std::move(why));
  }
  void give_at_once(stored value) { result_.template emplace<1>(std::move(value)); }

protected:
  reply_place() = default;
  ~reply_place() = default;
  virtual void told() noexcept = 0;

  /// Whether there is a result, and no failure.
  bool given() const noexcept { return result_.index() == 1; }
  bool failed_with(errc why) const noexcept { return failure() == why; }
  /// Why there is no result, if the library says so; otherwise errc{}.
  errc failure() const noexcept {
    const errc* const code = std::get_if<3>(&result_);
    return code != nullptr ? *code : errc{};
  }
  R take() {
    if (result_.index() == 2) std::rethrow_exception(std::get<2>(std::move(result_)));
    if (result_.index() == 3) throw call_error{make_error_code(std::get<3>(result_))};
    if constexpr (!std::is_void_v<R>) return std::get<1>(std::move(result_));
  }

private:
  std::variant<std::monostate, stored, std::exception_ptr, errc> result_;
};

template <class Signature>
class typed_invocation;

template <class R, class... A>
class typed_invocation<R(A...)> : public invocation {
public:
  void refuse(errc why) noexcept final {
    reply_place<R>* const waiting = place;
    arguments_used();
    if (waiting != nullptr) waiting->fail(why);
  }

  bool from_outside() const noexcept final { return place != nullptr && place->is_outside(); }
  void guard_failed(std::exception_ptr why) noexcept final {
    place->refused_by_guard(std::move(why));
  }
  const loop* waited_for_on() const noexcept final {
    return place != nullptr ? place->waits_on() : nullptr;
  }

  std::tuple<A...> arguments;
  reply_place<R>* place;  // null: nobody waits for a result

protected:
  template <class... Values>
  typed_invocation(operation& of, reply_place<R>* to, Values&&... values)
      : invocation{of}, arguments{std::forward<Values>(values)...}, place{to} {}
  ~typed_invocation() = default;
};

/// One that nobody's frame holds: sent, or forwarded. It owns itself.
template <class Signature>
class free_invocation;

template <class R, class... A>
class free_invocation<R(A...)> final : public typed_invocation<R(A...)> {
  static_assert((!std::is_reference_v<A> && ...),
                "tryst: an operation with reference parameters can be called, not sent");

public:
  template <class... Values>
  free_invocation(operation& of, reply_place<R>* to, Values&&... values)
      : typed_invocation<R(A...)>{of, to, std::forward<Values>(values)...} {}

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* block, std::size_t size) noexcept { free_frame(block, size); }

  void arguments_used() noexcept override { let_go(); }
  bool keep() noexcept override {
    kept_by_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  void let_go() noexcept override {
    if (kept_by_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

private:
  ~free_invocation() = default;

  std::atomic<std::uint8_t> kept_by_ = 1;  // who services it, and perhaps a withdrawal
};

}  // namespace tryst::detail
