// The input statement: waits for an invocation that one of its arms admits, takes the oldest (rule
// S3), and runs the body.
//
//   co_await in(accept(deposit).when(!slots.full()) >> [&](item x) { slots.push(x); },
//               accept(fetch).when(!slots.empty()) >> [&] { return slots.pop(); });
//
//   in(...).wait();                          a thread as the servicer, with bodies that do not wait
//   co_await in(..., otherwise([&] {...}));  when nothing is acceptable now
//   co_await in_order(...)                   the first arm in the text instead of the oldest call
//   auto [x] = co_await receive(work);       takes the arguments, and goes on
#pragma once

#include <array>
#include <optional>
#include <tryst/rendezvous/acceptor.hpp>
#include <tryst/rendezvous/alternative.hpp>
#include <tryst/rendezvous/arm.hpp>
#include <tryst/rendezvous/limited_call.hpp>

namespace tryst {

namespace detail {

template <std::size_t Arms>
struct arm_states {
  std::array<arm_state, Arms> states;
};

/// See the head of this file. Neither copied nor moved: the queues point into it.
template <class Otherwise, class... Arms>
class [[nodiscard]] statement final : arm_states<sizeof...(Arms)>, acceptor {
  static_assert(sizeof...(Arms) > 0, "tryst: an input statement needs an arm");
  static constexpr bool timed = Otherwise::kind == fallback::at_a_time;
  static constexpr bool any_task = Otherwise::is_task || (Arms::is_task || ...);

public:
  statement(order by, Otherwise&& otherwise, Arms&&... arms)
      : arm_states<sizeof...(Arms)>{{arms.state()...}},
        acceptor{this->states, by, Otherwise::kind},
        otherwise_{std::move(otherwise)},
        arms_{std::move(arms)...} {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> servicer) {
    this->wait_as(servicer);
    if constexpr (timed) {
      static_assert(std::derived_from<Promise, task_promise_base>,
                    "tryst: after() and until() are for a tryst::task, whose loop has the time");
      loop& home = this->home_with_time();
      if (this->begin()) return !begin_body();
      // Whoever decides resumes us on this thread, after this.
      deadline_.begin(*this, home, otherwise_.time(home.now()));
    } else if (this->begin()) {
      return !begin_body();
    }
    return true;
  }
  /// Throws what a guard or the body threw, or call_error with errc::op_closed.
  void await_resume() {
    if (this->failure()) std::rethrow_exception(this->failure());
    if constexpr (any_task) {
      if (coroutine_body_) return running_->await_resume();
    }
    run_plain_body();
  }

  /// Blocks this thread until an arm was taken and its body has ended.
  void wait() {
    static_assert(!any_task, "tryst: a thread services with bodies that are no coroutines");
    if constexpr (timed) {
      this->wait_here(otherwise_.time(loop::clock::now()));
    } else {
      this->wait_here();
    }
    await_resume();
  }

private:
  using awaiter = decltype(std::declval<task<>>().operator co_await());

  // Begins a body that is a coroutine, whose end resumes ours. True: go on at once.
  bool begin_body() noexcept {
    if constexpr (any_task) {
      if (this->failure()) return true;
      visit([this](auto& chosen) {
        if constexpr (std::remove_reference_t<decltype(chosen)>::is_task) {
          coroutine_body_.emplace(chosen.run_task(this->operations(), this->taken()));
        }
      });
      if (!coroutine_body_) return true;
      running_.emplace(std::move(*coroutine_body_).operator co_await());
      running_->frame.promise().set_home(this->home());
      return !running_->await_suspend(this->coroutine());
    } else {
      return true;
    }
  }

  void run_plain_body() {
    visit([this](auto& chosen) {
      if constexpr (!std::remove_reference_t<decltype(chosen)>::is_task) {
        chosen.run(this->operations(), this->taken());
      }
    });
  }

  template <class F>
  void visit(F f) {
    if (this->chosen() == acceptor::none) return f(otherwise_);
    visit_arm(this->chosen(), f);
  }

  template <class F>
  void visit_arm(std::size_t which, F& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((I == which ? f(std::get<I>(arms_)) : void()), ...);
    }(std::index_sequence_for<Arms...>{});
  }

  bool admits(std::size_t which, const invocation& i) override {
    bool admitted = false;
    auto ask = [&](auto& chosen) { admitted = chosen.admits(i); };
    visit_arm(which, ask);
    return admitted;
  }

  invocation* least(std::size_t which, invocation& first, invocation*& judged) override {
    invocation* best = &first;
    auto ask = [&](auto& chosen) { best = chosen.least(first, judged); };
    visit_arm(which, ask);
    return best;
  }

  const void* lasting_guard(std::size_t which) const noexcept override {
    static constexpr std::array<const void*, sizeof...(Arms)> guards{Arms::lasting_guard...};
    return guards[which];
  }

  void proceed() noexcept override {
    if constexpr (timed) deadline_.end();
    if (begin_body()) this->coroutine().resume();
  }

  [[no_unique_address]] Otherwise otherwise_;
  [[no_unique_address]] std::conditional_t<timed, acceptor::deadline, absent> deadline_;
  std::tuple<Arms...> arms_;
  std::optional<task<>> coroutine_body_;
  std::optional<awaiter> running_;
};

// The arms in their order, and the alternative, which the user writes last.
// They are moved once, to where the statement stands.
template <class Order, std::size_t... I, class... Parts>
auto make_statement(Order by, std::index_sequence<I...>, std::tuple<Parts&&...> parts) {
  using last = std::tuple_element_t<sizeof...(Parts) - 1, std::tuple<Parts...>>;
  static_assert(((is_alternative<Parts> ? 1 : 0) + ... + 0) <= 1,
                "tryst: a statement has one of otherwise(), after(), until(), on_close() and "
                "or_terminate() at "
                "most (S5)");
  if constexpr (is_alternative<last>) {
    return statement<last, std::tuple_element_t<I, std::tuple<Parts...>>...>{
        by, std::get<sizeof...(I)>(std::move(parts)), std::get<I>(std::move(parts))...};
  } else {
    static_assert(
        (!is_alternative<Parts> && ...),
        "tryst: otherwise(), after(), until(), on_close() and or_terminate() stand last in a "
        "statement");
    return statement<no_alternative, std::tuple_element_t<I, std::tuple<Parts...>>...>{
        by, {}, std::get<I>(std::move(parts))...};
  }
}

template <class... Parts>
inline constexpr std::size_t arms_in = (std::size_t{!is_alternative<Parts>} + ... + 0);

/// receive(operation).
template <class... A>
class [[nodiscard]] receiving final : arm_states<1>, acceptor {
public:
  explicit receiving(op<void(A...)>& of)
      : arm_states<1>{{{{.of = &of}}}}, acceptor{this->states, order::of_age, fallback::never} {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> servicer) {
    this->wait_as(servicer);
    return !this->begin();
  }
  /// The arguments. Throws call_error with errc::op_closed.
  std::tuple<A...> await_resume() {
    if (this->failure()) std::rethrow_exception(this->failure());
    auto& i = static_cast<typed_invocation<void(A...)>&>(*this->taken());
    std::tuple<A...> arguments{std::move(i.arguments)};
    answer(this->operations(), i);
    return arguments;
  }

  std::tuple<A...> wait() {
    this->wait_here();
    return await_resume();
  }

private:
  bool admits(std::size_t, const invocation&) override { return true; }
  invocation* least(std::size_t, invocation& first, invocation*&) override { return &first; }
  const void* lasting_guard(std::size_t) const noexcept override { return nullptr; }
  void proceed() noexcept override { this->coroutine().resume(); }
};

}  // namespace detail

/// The input statement: the oldest invocation that an arm admits.
template <class... Parts>
auto in(Parts... parts) {
  return detail::make_statement(detail::order::of_age,
                                std::make_index_sequence<detail::arms_in<Parts...>>{},
                                std::tuple<Parts&&...>{std::move(parts)...});
}

/// The same with the arms tried in the order of the text, each from its oldest invocation on.
template <class... Parts>
auto in_order(Parts... parts) {
  return detail::make_statement(detail::order::of_text,
                                std::make_index_sequence<detail::arms_in<Parts...>>{},
                                std::tuple<Parts&&...>{std::move(parts)...});
}

/// Takes an invocation of `of` and its arguments; the caller, if it is a call, goes on at once
/// (rule S12).
template <class... A>
auto receive(op<void(A...)>& of) {
  return detail::receiving<A...>{of};
}

/// Does not compile: rule C2.
template <class Signature>
auto receive(const cap<Signature>& of) {
  return accept(of);
}

}  // namespace tryst
