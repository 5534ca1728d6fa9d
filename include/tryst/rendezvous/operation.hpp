// An operation: declared once, invoked by call or send, serviced by input statements of its module
// or by a proc (rule I1). A call does nothing until it is awaited or waited for.
//
//   item x = co_await buffer.fetch();          in a coroutine
//   item y = buffer.fetch().wait();            blocks this thread, which must run no loop
//   buffer.deposit.send(x);                    ends when it is queued
//   auto z = co_await buffer.fetch.try_call(); std::optional: taken at once or not at all
//
// limited_call.hpp has the calls that give up while they are queued; in.hpp includes it.
//
// Path: here → operation_class.hpp → in.hpp in the process that services it → here
#pragma once

#include <concepts>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <tryst/rendezvous/invocation.hpp>
#include <tryst/rendezvous/local_call.hpp>
#include <tryst/rendezvous/module.hpp>
#include <tryst/rendezvous/typed_proc.hpp>
#include <tryst/rendezvous/withdrawal.hpp>

namespace tryst {

template <class Signature>
class call;
template <class Signature>
class cap;
template <class Signature>
class op_array;
template <class Signature>
class outside_call;

namespace detail {

/// Which operation of an array it is to be.
struct array_place {
  operation& array;
  std::size_t index;
};

/// Where the failure of a send ends whose sender has a handler. It owns itself.
template <class R, class Handler>
class send_handler final : public reply_place<R> {
public:
  explicit send_handler(Handler told) : handler_{std::move(told)} {}
  ~send_handler() = default;

private:
  void told() noexcept override {
    try {
      static_cast<void>(this->take());
    } catch (...) {
      handler_(std::current_exception());
    }
    delete this;
  }

  Handler handler_;
};

/// A call that gives up when it is not taken within a limit: see limited_call.hpp.
template <class Signature, class Limit>
class limited_call;
class time_limit;
class stop_limit;

}  // namespace detail

/// An operation of a module. Any thread may invoke it, as long as it exists; one that is destroyed
/// refuses what it has queued with errc::op_closed.
///
/// Arguments are moved into the invocation and handed to the body as rvalues; guards see them as
/// const. Reference parameters refer to what the caller has, and can be called but not sent (rule
/// I4).
template <class R, class... A>
class op<R(A...)> : public detail::operation {
  static_assert(!std::is_reference_v<R>, "tryst: an operation returns a value or nothing");

  static constexpr bool by_value = (!std::is_reference_v<A> && ...);

public:
  using signature = R(A...);
  using result = R;

  /// Throws std::logic_error when it has reference parameters and is to be abandonable.
  explicit op(module* of, op_options how = {}) noexcept(by_value) : op{of, false, how} {}
  /// For op_array.
  op(detail::array_place at, op_options how) : operation{at.array, at.index, checked(how)} {}

  /// One that a member function of the module services: proc.hpp has the forms. Include it.
  template <class M, class Member>
    requires std::derived_from<M, module> && std::is_member_function_pointer_v<Member>
  op(M* of, Member proc, proc_options how = {});

  ~op() {
    this->sever();
    delete proc_;
  }

  /// A call, which ends when the body has ended or replied.
  detail::local_call<R(A...), detail::patience::waits> operator()(A... arguments) {
    return detail::local_call<R(A...), detail::patience::waits>{*this,
                                                                std::forward<A>(arguments)...};
  }

  /// A call that is taken by a statement which waits for it now, or not at all (rule F1): then the
  /// result is empty, or false for an operation without one. A taken one is waited for.
  detail::local_call<R(A...), detail::patience::only_now> try_call(A... arguments) {
    return detail::local_call<R(A...), detail::patience::only_now>{*this,
                                                                   std::forward<A>(arguments)...};
  }

  /// A call that is taken back if it is still queued after `within`, counted from when it is
  /// awaited (rule F1). A taken one is waited for. Yields std::expected<R, std::error_code>, with
  /// errc::not_taken.
  detail::limited_call<R(A...), detail::time_limit> call_for(loop::duration within,
                                                             A... arguments) {
    return {within, *this, std::forward<A>(arguments)...};
  }
  /// The same with a time to end it.
  detail::limited_call<R(A...), detail::time_limit> call_until(loop::time_point when,
                                                               A... arguments) {
    return {when, *this, std::forward<A>(arguments)...};
  }
  /// A call that is taken back if a stop is requested while it is queued (rule F2): then it yields
  /// errc::cancelled_unsent. Any thread may request it.
  detail::limited_call<R(A...), detail::stop_limit> call_unless(std::stop_token stop,
                                                                A... arguments) {
    return {std::move(stop), *this, std::forward<A>(arguments)...};
  }

  /// Queues an invocation for whose end nobody waits: its result is dropped, and what its body
  /// throws leaves the servicer's statement, or is told to module::on_unhandled() (rule I2). Throws
  /// call_error with errc::op_closed when the module is closed, and errc::op_full when there is no
  /// room.
  void send(A... arguments) {
    const errc why = forward_to_here(nullptr, nullptr, std::forward<A>(arguments)...);
    if (why != errc{}) throw call_error{make_error_code(why)};
  }
  /// The same with a handler, which is told by an exception_ptr why the invocation failed: what its
  /// body threw, or call_error when it was never taken, or dropped unanswered. On any thread. If
  /// this throws, it is not told.
  template <class Handler>
    requires std::invocable<Handler&, std::exception_ptr>
  void send(A... arguments, Handler on_failure) {
    auto told = std::make_unique<detail::send_handler<R, Handler>>(std::move(on_failure));
    const errc why = forward_to_here(told.get(), nullptr, std::forward<A>(arguments)...);
    if (why != errc{}) throw call_error{make_error_code(why)};
    static_cast<void>(told.release());  // it ends itself, and has perhaps
  }
  /// The same where nobody could catch: false, and nothing happens, when it would throw.
  bool send_if_open(A... arguments) {
    return forward_to_here(nullptr, nullptr, std::forward<A>(arguments)...) == errc{};
  }

  /// How many invocations are queued, and neither taken nor in a proc (rule S11).
  std::size_t pending() const noexcept {
    return proc_ == nullptr ? operation::pending() : proc_->pending();
  }

private:
  template <class, detail::patience>
  friend class detail::local_call;
  template <class, class>
  friend class detail::limited_call;
  template <class>
  friend class cap;
  template <class>
  friend class call;
  template <class>
  friend class outside_call;
  friend class detail::inspector;

  op(module* of, bool by_proc, op_options how) noexcept(by_value)
      : operation{of->class_, by_proc, checked(how)} {}

  // The caller's variables must outlive the body.
  static op_options checked(op_options how) noexcept(by_value) {
    if constexpr (!by_value) {
      if (how.abandonable) {
        throw std::logic_error{"an operation with reference parameters is not abandonable"};
      }
    }
    return how;
  }

  // An invocation that answers to `place`, or to nobody, which `limit` may take back. Otherwise why
  // not, and nobody was told.
  errc forward_to_here(detail::reply_place<R>* place, detail::withdrawal* limit, A... arguments) {
    auto* const i =
        new detail::free_invocation<R(A...)>{*this, place, std::forward<A>(arguments)...};
    try {
      const errc why = arrive_apart(*i, limit);
      if (why != errc{}) i->arguments_used();
      return why;
    } catch (...) {
      i->arguments_used();
      throw;
    }
  }

  // One that nobody's frame waits for: a proc has a process.
  errc arrive_apart(detail::typed_invocation<R(A...)>& i, detail::withdrawal* limit) {
    if (limit != nullptr) {
      const errc late = proc_ == nullptr ? limit->move_to(i, this->queues())
                                         : limit->move_to(i, proc_->gate().shared_from_this());
      if (late != errc{}) return late;
    }
    if (proc_ == nullptr) return this->arrive(i);
    return proc_->launch(i, {.apart = true});
  }

  // Owned. Not a unique_ptr, which would write on destruction, unordered with the last look of a
  // caller whose invocation the destructor of the base refuses.
  detail::typed_proc<R(A...)>* proc_ = nullptr;
};

}  // namespace tryst
