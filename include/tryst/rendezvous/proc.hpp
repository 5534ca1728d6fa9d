// Procs: member functions that service an operation, each invocation in a process of its own, or in
// its caller's frame (rules I1, I5). Whoever invokes the operation cannot tell it from one that an
// input statement services.
//
//   struct printer : tryst::module {
//     op<int(std::string)> print{this, &printer::do_print};          plain, or a task<int>
//     op<void(page)> scan{this, &printer::do_scan, {.max_active = 2, .blocking = true}};
//     ...
//   };
//   printer p;
//   p.start(loop);         from now on its procs run
//
// A call runs the proc where the caller is, if that is the module's loop; in monitors and
// concurrent modules wherever the caller is. A send makes a process.
#pragma once

#include <concepts>
#include <functional>
#include <stdexcept>
#include <tryst/rendezvous/body.hpp>
#include <tryst/rendezvous/operation.hpp>
#include <tryst/rendezvous/typed_proc.hpp>
#include <type_traits>

namespace tryst {

namespace detail {

template <class M, class Member>
struct bound_member {
  M* of;
  Member member;

  template <class... P>
    requires std::invocable<Member, M&, P...>
  decltype(auto) operator()(P&&... arguments) {
    return std::invoke(member, *of, std::forward<P>(arguments)...);
  }
};

template <class Body, class Signature>
class member_proc;

/// A proc that returns its result.
template <class Body, class R, class... A>
class member_proc<Body, R(A...)> final : public typed_proc<R(A...)>, direct_proc<R(A...)> {
  using form = body_form<Body, R(A...)>;
  using stored = typename reply_place<R>::stored;
  static_assert(!form::is_task || std::same_as<typename form::result::type, R>,
                "tryst: a proc that is a coroutine returns a task of the operation's result");

public:
  member_proc(proc_gate& gate, Body body, proc_options how)
      : typed_proc<R(A...)>{gate, how}, body_{body} {
    if (how.blocking && form::is_task) {
      throw std::logic_error{"a proc that blocks its thread is no coroutine"};
    }
  }

private:
  direct_proc<R(A...)>* direct(bool thread) noexcept override {
    const bool here = !this->blocking() && !(thread && form::is_task) && this->gate().runs_here();
    return here ? this : nullptr;
  }

  std::optional<task<R>> begin(std::optional<stored>& result, A&&... arguments) override {
    if constexpr (form::is_task) {
      return body_(std::forward<A>(arguments)...);
    } else if constexpr (std::is_void_v<R>) {
      body_(std::forward<A>(arguments)...);
      result.emplace();
      return std::nullopt;
    } else {
      result.emplace(body_(std::forward<A>(arguments)...));
      return std::nullopt;
    }
  }

  task<> service(typed_invocation<R(A...)>& i) override {
    std::optional<stored> result;
    std::exception_ptr failure;
    try {
      std::optional<task<R>> begun = std::apply(
          [&](auto&... arguments) { return begin(result, std::forward<A>(arguments)...); },
          i.arguments);
      if constexpr (std::is_void_v<R>) {
        if (begun) co_await std::move(*begun);
        result.emplace();
      } else {
        if (begun) result.emplace(co_await std::move(*begun));
      }
    } catch (...) {
      failure = std::current_exception();
    }
    this->end(i, std::move(result), std::move(failure));
  }

  Body body_;
};

/// A proc that takes the call object: its caller may go on before it ends, so that it always has a
/// process.
template <class Body, class Signature>
class answering_proc;

template <class Body, class R, class... A>
class answering_proc<Body, R(A...)> final : public typed_proc<R(A...)> {
  using form = body_form<Body, R(A...)>;

public:
  answering_proc(proc_gate& gate, Body body, proc_options how)
      : typed_proc<R(A...)>{gate, how}, body_{body} {
    if (how.blocking && form::is_task) {
      throw std::logic_error{"a proc that blocks its thread is no coroutine"};
    }
  }

private:
  direct_proc<R(A...)>* direct(bool) noexcept override { return nullptr; }

  task<> service(typed_invocation<R(A...)>& i) override {
    const bool sent = i.place == nullptr;
    call<R(A...)> c{i.place};
    std::exception_ptr failure;
    {
      std::tuple<A...> own = take_arguments(i);
      try {
        if constexpr (form::is_task) {
          co_await apply_with_call<form>(body_, c, own);
        } else {
          apply_with_call<form>(body_, c, own);
        }
      } catch (...) {
        failure = std::current_exception();
      }
    }
    if (failure && (sent || !c.owed())) this->gate().unhandled(failure);
    this->leave();
    if (!c.owed()) co_return;
    if (failure) {
      c.fail(std::move(failure));
    } else if constexpr (std::is_void_v<R>) {
      c.reply();
    }
  }

  Body body_;
};

}  // namespace detail

template <class R, class... A>
template <class M, class Member>
  requires std::derived_from<M, module> && std::is_member_function_pointer_v<Member>
op<R(A...)>::op(M* of, Member proc, proc_options how)
    : op{static_cast<module*>(of), true, {.abandonable = how.abandonable}} {
  using body = detail::bound_member<M, Member>;
  using bound =
      std::conditional_t<detail::body_form<body, R(A...)>::takes_call,
                         detail::answering_proc<body, R(A...)>, detail::member_proc<body, R(A...)>>;
  proc_ = new bound{detail::gate_of(*of), body{of, proc}, how};
}

}  // namespace tryst
