// Arrays of operations (rule S10): one for each fork, each priority, each client. An element is an
// operation like any other; a statement services one of them, or whichever is called.
//
//   op_array<void(int)> take{this, 5};
//
//   co_await forks.take[i](me);                                  invoking
//   co_await in(accept(take[2]) >> [&](int who) {...});          one of them
//   co_await in(accept(each(take))                               all, with the index in front
//                   .such_that([&](std::size_t i, int) { return !busy[i]; })
//               >> [&](std::size_t i, int who) { busy[i] = true; });
#pragma once

#include <concepts>
#include <deque>
#include <functional>
#include <tryst/rendezvous/arm.hpp>
#include <tryst/rendezvous/call.hpp>
#include <tryst/rendezvous/operation.hpp>

namespace tryst {

namespace detail {

/// All operations of an array, as statements see them.
class whole_array : public operation {
public:
  explicit whole_array(operation_class& of) noexcept : operation{of, listed_by::array} {}
};

/// A function that gets the index of the operation in front of its parameters; behind the call
/// object, if it takes that.
template <class F>
class indexed {
public:
  indexed(F& f, std::size_t index) noexcept : f_{f}, index_{index} {}

  template <class... A>
    requires std::invocable<F&, std::size_t, A...>
  decltype(auto) operator()(A&&... arguments) const {
    return std::invoke(f_, index_, std::forward<A>(arguments)...);
  }
  template <class Signature, class... A>
    requires std::invocable<F&, call<Signature>&, std::size_t, A...>
  decltype(auto) operator()(call<Signature>& c, A&&... arguments) const {
    return std::invoke(f_, c, index_, std::forward<A>(arguments)...);
  }
  template <class Signature, class... A>
    requires std::invocable<F&, call<Signature>, std::size_t, A...>
  decltype(auto) operator()(call<Signature>&& c, A&&... arguments) const {
    return std::invoke(f_, std::move(c), index_, std::forward<A>(arguments)...);
  }

private:
  F& f_;
  std::size_t index_;
};

/// How the functions of an arm over an array are invoked.
struct with_index {
  template <class F>
  using form = indexed<F>;
  template <class F>
  static indexed<F> made(F& f, const invocation& i) noexcept {
    return {f, operation::index_of(i)};
  }
};

/// each(array).
template <class Signature>
struct every {
  operation& of;
};

}  // namespace detail

/// Operations of one signature, as many as are said when it is made. What is queued for them stands
/// in one order of age, that of an element in its own too, so that a statement over one element
/// does not look at the others.
template <class R, class... A>
class op_array<R(A...)> {
public:
  using signature = R(A...);

  /// `each_one`: how each of them is.
  op_array(module* of, std::size_t size, op_options each_one = {}) : all_{of->class_} {
    for (std::size_t i = 0; i < size; ++i) {
      elements_.emplace_back(detail::array_place{all_, i}, each_one);
    }
  }

  /// An operation, which lives as long as the array. `index` must be less than size().
  op<R(A...)>& operator[](std::size_t index) noexcept { return elements_[index]; }
  std::size_t size() const noexcept { return elements_.size(); }

  /// How many invocations are queued for all of them: see op::pending().
  std::size_t pending() const noexcept { return all_.pending(); }

  /// For a statement that services whichever of them is called.
  friend detail::every<R(A...)> each(op_array& of) noexcept { return {of.all_}; }

private:
  detail::whole_array all_;
  std::deque<op<R(A...)>> elements_;
};

/// An arm for all operations of an array. What functions it has get the index first: guards and
/// `by` in front of the arguments, the body in front of them and behind its call<...>.
template <class Signature>
auto accept(detail::every<Signature> all) {
  return detail::offer<Signature, detail::absent, detail::absent, detail::absent,
                       detail::with_index>{all.of, true, {}, {}, {}};
}

}  // namespace tryst
