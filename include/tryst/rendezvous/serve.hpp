// The passive form of an input statement: it is repeated for ever, and no process does it. Whoever
// calls runs the body, if a guard admits the call, and what others were waiting for meanwhile.
//
//   struct buffer : tryst::module {
//     op<void(item)> deposit{this};
//     op<item()> fetch{this};
//
//     buffer() {
//       serve(*this,
//             accept(deposit).when([this] { return !slots.full(); }) >>
//                 [this](item x) { slots.push(x); },
//             accept(fetch).when([this] { return !slots.empty(); }) >>
//                 [this] { return slots.pop(); });
//     }
//     ring<item> slots{n};
//   };
//
// It is `for (;;) co_await in(...)` of a process: the same order, the same guards, one body at a
// time, and an exception that leaves a body ends the module, if the arm is not caller_only(). Only
// bodies that wait for nothing can be run so.
#pragma once

#include <array>
#include <tryst/rendezvous/arm.hpp>
#include <tryst/rendezvous/passive_server.hpp>
#include <tuple>

namespace tryst {

namespace detail {

template <std::size_t Arms>
struct served_states {
  std::array<arm_state, Arms> states;
};

template <class... Arms>
class served_statement final : served_states<sizeof...(Arms)>, public passive_server {
public:
  explicit served_statement(module& of, Arms&&... arms)
      : served_states<sizeof...(Arms)>{{arms.state()...}},
        passive_server{of, this->states},
        arms_{std::move(arms)...} {}

private:
  own serve_own(invocation& i, std::exception_ptr& failure) noexcept override {
    own result = own::refused;
    std::size_t index = 0;
    auto offer_to = [&](auto& arm) {
      if (!this->names(index++, i)) return false;
      try {
        if (!arm.admits(i)) return false;
      } catch (...) {
        failure = std::current_exception();
        return true;
      }
      taken(i);
      result = arm.run_at_once(this->operations(), i, failure) ? own::answered : own::told;
      return true;
    };
    std::apply([&](auto&... arm) { static_cast<void>((offer_to(arm) || ...)); }, arms_);
    return result;
  }

  bool admits(std::size_t which, const invocation& i) override {
    bool admitted = false;
    visit(which, [&](auto& arm) { admitted = arm.admits(i); });
    return admitted;
  }
  invocation* least(std::size_t which, invocation& first, invocation*& judged) override {
    invocation* best = &first;
    visit(which, [&](auto& arm) { best = arm.least(first, judged); });
    return best;
  }
  void run(std::size_t which, invocation& i) override {
    visit(which, [&](auto& arm) { arm.run(this->operations(), &i); });
  }

  template <class F>
  void visit(std::size_t which, F f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((I == which ? f(std::get<I>(arms_)) : void()), ...);
    }(std::index_sequence_for<Arms...>{});
  }

  std::tuple<Arms...> arms_;
};

}  // namespace detail

/// Services the operations that the arms name, from now on and until the module is closed: once in
/// the life of a module, and no other statement may name them. Throws std::logic_error otherwise.
///
/// Bodies and guards run on the threads of the callers, one at a time. What they capture must live
/// as long as the module: `[this]`. A body that calls its own module and blocks, waits for ever.
template <class... Arms>
void serve(module& of, Arms... arms) {
  static_assert((std::derived_from<Arms, statement_part> && ...) && sizeof...(Arms) > 0,
                "tryst: serve() takes arms, and no otherwise(), after(), until(), on_close() or "
                "or_terminate()");
  static_assert((!Arms::is_task && ...),
                "tryst: a body of serve() is no coroutine: it is run by whoever calls. A process "
                "that repeats in() can wait");
  static_assert((!Arms::judged_once && ...),
                "tryst: a guard of serve() is a function: when([this] { return ...; })");
  static_assert((!Arms::refers && ...),
                "tryst: serve() keeps its functions: write them where the arm stands");
  detail::passive_server::serve(
      std::make_unique<detail::served_statement<Arms...>>(of, std::move(arms)...));
}

}  // namespace tryst
