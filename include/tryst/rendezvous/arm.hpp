// The arms of an input statement: accept(operation) with its guards and its scheduling expression,
// and >> for the book's arrow to the body.
//
//   accept(fetch).when(!slots.empty()) >> [&] { return slots.pop(); }
//   accept(request).when([&] { return writers.pending() == 0; })
//                  .such_that([&](int units) { return units <= free; })
//                  .by([](int units) { return units; }) >> [&](int units) { free -= units; }
#pragma once

#include <concepts>
#include <functional>
#include <tryst/rendezvous/acceptor.hpp>
#include <tryst/rendezvous/arguments_only.hpp>
#include <tryst/rendezvous/body.hpp>
#include <tryst/rendezvous/operation.hpp>

namespace tryst {

/// Every arm is one, so that in() is found in a statement outside of this namespace.
struct statement_part {};

namespace detail {

struct absent {};

/// In the place of a guard whose value was judged when the arm was made.
struct judged_already {};

template <class F>
inline constexpr bool is_function = !std::same_as<F, absent> && !std::same_as<F, judged_already>;

/// A closure that is named outlives the statement and is referred to; a temporary is moved in.
template <class F>
using kept = std::conditional_t<std::is_lvalue_reference_v<F>, F, std::remove_cvref_t<F>>;

// g++ 12 destroys such a temporary twice (decision 17).
template <class F>
constexpr void check_temporary() {
  static_assert(
      std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<std::remove_cvref_t<F>>,
      "tryst: a closure that owns something must have a name: write `auto body = [s] {...};` "
      "before "
      "the statement and `>> body` in it, or capture by reference");
}

template <class F, class... A>
concept guard_over = std::predicate<F&, const std::remove_reference_t<A>&...>;

/// The functions of an arm over one operation are invoked as they are.
struct plainly {
  template <class F>
  using form = F;
  template <class F>
  static F& made(F& f, const invocation&) noexcept {
    return f;
  }
};

/// accept(o).when(...)...: an arm without its body. `Manner`: how its functions are invoked.
template <class Signature, class When, class SuchThat, class By, class Manner = plainly,
          failure_reaches Failure = failure_reaches::both>
class offer;

/// An arm of a statement.
template <class Signature, class When, class SuchThat, class By, class Body, class Manner,
          failure_reaches Failure>
class arm;

// An offer is never moved, and an arm member by member: a struct that is copied as a whole is read
// with loads that are wider than the stores which have just written it, and they wait for those.
template <class R, class... A, class When, class SuchThat, class By, class Manner,
          failure_reaches Failure>
class offer<R(A...), When, SuchThat, By, Manner, Failure> {
public:
  offer(operation& of, bool open, When when, SuchThat such_that, By by)
      : of_{of},
        open_{open},
        when_{std::forward<When>(when)},
        such_that_{std::forward<SuchThat>(such_that)},
        by_{std::forward<By>(by)} {}
  offer(const offer&) = delete;
  offer& operator=(const offer&) = delete;

  /// A guard without arguments. A value is judged once (rule S2, level 1), a function for each
  /// candidate and again when a body has ended. What depends on pending() must be a function.
  template <class Guard>
  auto when(Guard&& guard) && {
    static_assert(std::same_as<When, absent>, "tryst: an arm has one when()");
    if constexpr (std::predicate<Guard&> || std::predicate<form<Guard>&>) {
      check_temporary<Guard>();
      return offer<R(A...), kept<Guard>, SuchThat, By, Manner, Failure>{
          of_, open_, std::forward<Guard>(guard), std::forward<SuchThat>(such_that_),
          std::forward<By>(by_)};
    } else {
      static_assert(
          std::same_as<std::remove_cvref_t<Guard>, bool>,
          "tryst: when() takes a bool, or a function without parameters that returns one");
      return offer<R(A...), judged_already, SuchThat, By, Manner, Failure>{
          of_, open_ && guard, {}, std::forward<SuchThat>(such_that_), std::forward<By>(by_)};
    }
  }

  /// A guard over the arguments, which it sees as const.
  template <class Guard>
  auto such_that(Guard&& guard) && {
    static_assert(std::same_as<SuchThat, absent>, "tryst: an arm has one such_that()");
    static_assert(guard_over<form<Guard>, A...>,
                  "tryst: such_that() does not fit the operation: it takes the operation's "
                  "parameters, as const, and returns a bool");
    static_assert(!is_of_arguments<std::remove_cvref_t<Guard>> ||
                      (!std::is_reference_v<Guard> && !(std::is_reference_v<A> || ...)),
                  "tryst: arguments_only() stands in the arm, and is for arguments by value");
    check_temporary<Guard>();
    return offer<R(A...), When, kept<Guard>, By, Manner, Failure>{
        of_, open_, std::forward<When>(when_), std::forward<Guard>(guard), std::forward<By>(by_)};
  }

  /// Of the acceptable invocations of this operation the one with the least key, of equal ones the
  /// oldest (rule S4). Not called when there is one only.
  template <class Key>
  auto by(Key&& key) && {
    static_assert(std::same_as<By, absent>, "tryst: an arm has one by()");
    static_assert(std::invocable<form<Key>&, const std::remove_reference_t<A>&...>,
                  "tryst: by() does not fit the operation: it takes the operation's parameters, as "
                  "const, and returns a key");
    check_temporary<Key>();
    return offer<R(A...), When, SuchThat, kept<Key>, Manner, Failure>{
        of_, open_, std::forward<When>(when_), std::forward<SuchThat>(such_that_),
        std::forward<Key>(key)};
  }

  /// A failure of the body goes to the caller, and does not leave the statement (rule S13).
  auto caller_only() && {
    return offer<R(A...), When, SuchThat, By, Manner, failure_reaches::caller_only>{
        of_, open_, std::forward<When>(when_), std::forward<SuchThat>(such_that_),
        std::forward<By>(by_)};
  }

  /// The arrow: what is done with an invocation that was taken.
  template <class Body>
  auto operator>>(Body&& body) && {
    check_temporary<Body>();
    body_form<form<Body>, R(A...)>::check();
    return arm<R(A...), When, SuchThat, By, kept<Body>, Manner, Failure>{
        of_,
        open_,
        std::forward<When>(when_),
        std::forward<SuchThat>(such_that_),
        std::forward<By>(by_),
        std::forward<Body>(body)};
  }

private:
  template <class F>
  using form = typename Manner::template form<std::remove_reference_t<F>>;

  operation& of_;
  bool open_;
  [[no_unique_address]] When when_;
  [[no_unique_address]] SuchThat such_that_;
  [[no_unique_address]] By by_;
};

template <class R, class... A, class When, class SuchThat, class By, class Body, class Manner,
          failure_reaches Failure>
class arm<R(A...), When, SuchThat, By, Body, Manner, Failure> : public statement_part {
public:
  using invocation_type = typed_invocation<R(A...)>;
  /// Some function has a name, and lives elsewhere.
  static constexpr bool refers = std::is_reference_v<When> || std::is_reference_v<SuchThat> ||
                                 std::is_reference_v<By> || std::is_reference_v<Body>;
  /// See acceptor::lasting_guard().
  static constexpr const void* lasting_guard =
      is_of_arguments<SuchThat> && !is_function<When> ? &guard_mark<SuchThat> : nullptr;
  static constexpr bool judged_once = std::same_as<When, judged_already>;
  static constexpr bool is_task =
      body_form<typename Manner::template form<std::remove_reference_t<Body>>, R(A...)>::is_task;

  arm(operation& of, bool open, When when, SuchThat such_that, By by, Body body)
      : of_{of},
        open_{open},
        when_{std::forward<When>(when)},
        such_that_{std::forward<SuchThat>(such_that)},
        by_{std::forward<By>(by)},
        body_{std::forward<Body>(body)} {}
  arm(arm&& other)
      : arm{other.of_,
            other.open_,
            std::forward<When>(other.when_),
            std::forward<SuchThat>(other.such_that_),
            std::forward<By>(other.by_),
            std::forward<Body>(other.body_)} {}

  arm_state state() const noexcept {
    return {.of = &of_,
            .open = open_,
            .judged = is_function<When> || is_function<SuchThat>,
            .ordered = !std::same_as<By, absent>};
  }

  bool admits(const invocation& i) {
    if constexpr (is_function<When>) {
      if constexpr (std::predicate<When&>) {
        if (!std::invoke(when_)) return false;
      } else {
        if (!std::invoke(Manner::made(when_, i))) return false;
      }
    }
    if constexpr (!std::same_as<SuchThat, absent>) return over_arguments(such_that_, i);
    return true;
  }

  /// `judged` is the one that the user's functions look at.
  invocation* least(invocation& first, invocation*& judged) {
    invocation* best = &first;
    judged = &first;
    if constexpr (!std::same_as<By, absent>) {
      const operation& of = of_;
      if (of.next(first) == nullptr) return best;
      auto least_key = over_arguments(by_, first);
      for (invocation* i = of.next(first); i != nullptr; i = of.next(*i)) {
        judged = i;
        if (i->given_up() || !admits(*i)) continue;
        auto key = over_arguments(by_, *i);
        if (!(key < least_key)) continue;
        least_key = std::move(key);
        best = i;
      }
    }
    return best;
  }

  void run(operation_class& of, invocation* i) {
    auto&& body = Manner::made(body_, *i);
    run_body<Failure>(of, body, static_cast<invocation_type&>(*i));
  }

  bool run_at_once(operation_class& of, invocation& i, std::exception_ptr& failure) noexcept {
    auto&& body = Manner::made(body_, i);
    return run_body_at_once<Failure>(of, body, static_cast<invocation_type&>(i), failure);
  }

  task<> run_task(operation_class& of, invocation* i) {
    auto&& body = Manner::made(body_, *i);
    co_await run_task_body<Failure>(of, body, static_cast<invocation_type&>(*i));
  }

private:
  template <class F>
  static auto over_arguments(F& f, const invocation& i) {
    return std::apply(
        [&](const auto&... arguments) {
          return std::invoke(Manner::made(f, i),
                             static_cast<const std::remove_reference_t<A>&>(arguments)...);
        },
        static_cast<const invocation_type&>(i).arguments);
  }

  operation& of_;
  bool open_;
  [[no_unique_address]] When when_;
  [[no_unique_address]] SuchThat such_that_;
  [[no_unique_address]] By by_;
  [[no_unique_address]] Body body_;
};

}  // namespace detail

/// An arm that services `o`; it needs a body: `accept(o) >> body`.
template <class Signature>
auto accept(op<Signature>& o) {
  return detail::offer<Signature, detail::absent, detail::absent, detail::absent>{
      o, true, {}, {}, {}};
}

namespace detail {
template <class>
inline constexpr bool is_serviced = false;
}

/// Does not compile: rule C2.
template <class Signature>
auto accept(const cap<Signature>&) {
  static_assert(
      detail::is_serviced<Signature>,
      "tryst: a capability invokes; the module that owns the operation services it (rule C2)");
}

}  // namespace tryst
