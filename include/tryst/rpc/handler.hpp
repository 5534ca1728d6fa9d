// What a service's handler may look like, found out at compile time. For a procedure R P(A, B) of
// the .x a service class has one of
//
//   R        P(A, B)                           answers when it returns
//   task<R>  P(A, B)                           answers when it ends
//   void     P(reply<R>, A, B)                 answers when, and where, it likes
//   R or task<R>  P(xdr::borrowed<view::A>)    reads its one argument in place
//
// and each of them may take a const call_info& first (behind a reply<R>).
#pragma once

#include <concepts>
#include <memory>
#include <tryst/rpc/call_info.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/rpc/program.hpp>
#include <tryst/task.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace tryst::xdr {
template <class View>
class borrowed;
}

namespace tryst::rpc {

namespace detail {

/// R as something that can be handed on: void is a monostate.
template <class R>
using value_of = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

/// Where a reply<R> goes: over the wire, or to a caller in this process.
template <class R>
class result_sink {
public:
  virtual ~result_sink() = default;
  virtual void result(value_of<R> value) = 0;
  virtual void refuse(const refusal& why) = 0;
  virtual void drop() = 0;
};

}  // namespace detail

/// The answer that a handler owes: given exactly once, at any time, on any thread. Destroyed
/// without an answer it refuses with SYSTEM_ERR.
template <class R>
class reply {
public:
  explicit reply(std::unique_ptr<detail::result_sink<R>> to) : to_{std::move(to)} {}
  reply(reply&&) noexcept = default;
  reply& operator=(reply&&) = delete;
  ~reply() {
    if (to_) to_->refuse({.code = errc::system_err});
  }

  /// Answers with the result; nothing is given for void.
  void operator()(detail::value_of<R> value = {}) {
    std::exchange(to_, nullptr)->result(std::move(value));
  }
  void refuse(const refusal& why) { std::exchange(to_, nullptr)->refuse(why); }
  /// Ends the call without an answer: for protocols that want silence (RFC 1833 §2.2.1, CALLIT).
  /// A caller within the process is told timed_out at once.
  void drop() { std::exchange(to_, nullptr)->drop(); }

private:
  std::unique_ptr<detail::result_sink<R>> to_;
};

namespace detail {

template <class T>
struct task_value {
  using type = T;
  static constexpr bool is_task = false;
};
template <class T>
struct task_value<task<T>> {
  using type = T;
  static constexpr bool is_task = true;
};

/// The view of a procedure's only argument, if its type has one.
template <class Arguments>
struct view_argument {
  static constexpr bool exists = false;
};
template <class A>
  requires requires { typename A::xdr_view; }
struct view_argument<std::tuple<A>> {
  static constexpr bool exists = true;
  using view = typename A::xdr_view;
  using type = xdr::borrowed<view>;
};

template <class P, class Service, class... A>
concept invocable = requires(Service& service, A... arguments) {
  P::invoke(service, std::forward<A>(arguments)...);
};

/// How Service serves P, whose arguments are A...
template <class P, class Service, class Arguments>
struct handler_traits;

template <class P, class Service, class... A>
struct handler_traits<P, Service, std::tuple<A...>> {
  using owed = rpc::reply<typename P::result>;
  static constexpr bool plain = invocable<P, Service, A&&...>;
  static constexpr bool informed = invocable<P, Service, const call_info&, A&&...>;
  static constexpr bool deferred = invocable<P, Service, owed&&, A&&...>;
  static constexpr bool deferred_informed = invocable<P, Service, owed&&, const call_info&, A&&...>;
  static constexpr bool later = deferred || deferred_informed;
  static constexpr bool owning = plain || informed || later;

  static constexpr bool viewing = [] {
    if constexpr (!owning && view_argument<std::tuple<A...>>::exists) {
      using view = typename view_argument<std::tuple<A...>>::type;
      return invocable<P, Service, view&&> || invocable<P, Service, const call_info&, view&&>;
    } else {
      return false;
    }
  }();
  static constexpr bool exists = owning || viewing;

  /// Calls a handler that answers by returning.
  template <class... B>
  static auto invoke(Service& service, const call_info& info, B&&... arguments) {
    if constexpr (invocable<P, Service, const call_info&, B&&...>) {
      return P::invoke(service, info, std::forward<B>(arguments)...);
    } else {
      return P::invoke(service, std::forward<B>(arguments)...);
    }
  }

  /// Calls a handler that answers later.
  static void invoke_later(Service& service, owed to, const call_info& info, A&&... arguments) {
    if constexpr (deferred_informed) {
      P::invoke(service, std::move(to), info, std::move(arguments)...);
    } else {
      P::invoke(service, std::move(to), std::move(arguments)...);
    }
  }
};

template <class P, class Service>
using handler_of = handler_traits<P, Service, typename P::arguments>;

/// Procedure 0 takes nothing, returns nothing, and works without a handler (RFC 5531 §12.1).
template <class P>
inline constexpr bool is_null_procedure = P::number == 0 && std::is_void_v<typename P::result> &&
                                          std::tuple_size_v<typename P::arguments> == 0;

template <class P, class Service>
concept served = is_null_procedure<P> || handler_of<P, Service>::exists;

template <class Service, class List>
inline constexpr bool serves_all = false;
template <class Service, class... P>
inline constexpr bool serves_all<Service, procedure_list<P...>> = (served<P, Service> && ...);

}  // namespace detail

/// A class that has a handler for every procedure of Interface.
template <class Service, class Interface>
concept service_for = detail::serves_all<Service, typename Interface::procedures>;

}  // namespace tryst::rpc
