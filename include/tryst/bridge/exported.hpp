// Which operation is which procedure, and what must be true of them: the compiler says so in the
// first lines of what it says, with the user's line.
//
//   exported<LOCK_V1::ACQUIRE>(&lock_server::acquire, {.max_wait = 5s})
//
// Path: publish.hpp → here
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <tryst/bridge/exception_answers.hpp>
#include <tryst/bridge/fit.hpp>
#include <tryst/bridge/published.hpp>
#include <tryst/rendezvous/operation.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tryst {

/// An operation to publish, with the procedure that it is, if that is named.
template <class Procedure, class Module, class Signature>
struct exported_operation {
  using procedure = Procedure;
  using signature = Signature;
  using result = typename op<Signature>::result;

  op<Signature> Module::* operation;
  export_options how;
  detail::exception_answers<result> answers{};

  /// What its caller is told instead of SYSTEM_ERR when an Exception, or what derives from it, ends
  /// the call: `make(const Exception&)` is a result, or a rpc::refusal. The first that fits is
  /// asked, on the thread that answers. As a call_error it learns also that max_wait is over
  /// (errc::not_taken). Callers within the process see the exception.
  ///
  ///   exported<BANK_V1::WITHDRAW>(&bank::withdraw)
  ///       .on_throw<overdrawn>([](const overdrawn& e) { return withdrawn{SHORT, e.by}; })
  template <class Exception, class F>
  exported_operation on_throw(F make) && {
    using made = std::invoke_result_t<const F&, const Exception&>;
    static_assert(std::same_as<made, rpc::refusal> || std::is_convertible_v<made, result>,
                  "tryst: on_throw() makes a result of the operation, or a rpc::refusal");
    answers.template add<Exception>(std::move(make));
    return std::move(*this);
  }
};

/// See the head of this file.
template <class Procedure = void, class Module, class Signature>
exported_operation<Procedure, Module, Signature> exported(op<Signature> Module::* operation,
                                                          export_options how = {}) {
  return {.operation = operation, .how = how};
}

namespace detail {

template <class Procedure, class Module, class Signature>
auto as_exported(const exported_operation<Procedure, Module, Signature>& o) {
  return o;
}
template <class Module, class Signature>
auto as_exported(op<Signature> Module::* operation) {
  return exported(operation);
}
template <class T>
concept exportable = requires(const T& operation) { as_exported(operation); };
template <class T>
using exported_as = decltype(as_exported(std::declval<T>()));

/// The procedures that are to have operations: all but procedure 0, if that takes and returns
/// nothing.
template <class List>
struct operable;
template <class... P>
struct operable<rpc::procedure_list<P...>> {
  template <class Q>
  static constexpr bool is_ping = Q::number == 0 && std::is_void_v<typename Q::result> &&
                                  std::tuple_size_v<typename Q::arguments> == 0;
  using type = decltype(std::tuple_cat(
      std::declval<
          std::conditional_t<is_ping<P>, std::tuple<>, std::tuple<std::type_identity<P>>>>()...));
  static constexpr std::size_t size = std::tuple_size_v<type>;
};

/// Names the procedure of an export that does not name one: the one at the same place.
template <class Interface, std::size_t Index, class Procedure, class Module, class Signature>
auto name_procedure(const exported_operation<Procedure, Module, Signature>& what) {
  using all = operable<typename Interface::procedures>;
  if constexpr (!std::is_void_v<Procedure>) {
    return what;
  } else {
    using P = typename std::tuple_element_t<Index, typename all::type>::type;
    return exported_operation<P, Module, Signature>{what.operation, what.how, what.answers};
  }
}

/// The exports as they are once each names its procedure; only if there is one for each.
template <class Interface, class... Operations>
auto name_procedures(const Operations&... operations) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::tuple{name_procedure<Interface, I>(as_exported(operations))...};
  }(std::index_sequence_for<Operations...>{});
}

/// What is to be true of the operations that publish() is given, one by one.
template <class Interface, class Exports>
struct export_rules;
template <class Interface, class... E>
struct export_rules<Interface, std::tuple<E...>> {
  static constexpr bool of_interface =
      (std::same_as<typename E::procedure::version, Interface> && ...);
  static constexpr bool by_value =
      (fit<typename E::procedure, typename E::signature>::by_value && ...);
  static constexpr bool fits = (fit<typename E::procedure, typename E::signature>::fits && ...);
  static constexpr bool once_each = [] {
    std::array numbers{E::procedure::number...};
    std::ranges::sort(numbers);
    return std::ranges::adjacent_find(numbers) == numbers.end();
  }();
};

/// All that a compiler may have to say about a call of publish(), directly below it: so its first
/// lines have our sentence and the user's line. Deduced, so that it comes before anything else.
template <class Interface, class... Operations>
constexpr auto check_operations() {
  constexpr bool named = (!std::is_void_v<typename exported_as<Operations>::procedure> && ...);
  constexpr bool unnamed = (std::is_void_v<typename exported_as<Operations>::procedure> && ...);
  constexpr bool enough = sizeof...(Operations) == operable<typename Interface::procedures>::size;
  static_assert(
      named || unnamed,
      "tryst: name the procedures of all operations, exported<PROCEDURE>(...), or of none");
  static_assert(named || !unnamed || enough,
                "tryst: publish() takes an operation for each procedure, in the order of the .x; "
                "or name those that there are: exported<PROCEDURE>(&module::operation)");
  if constexpr (named || (unnamed && enough)) {
    using rules = export_rules<Interface,
                               decltype(name_procedures<Interface>(std::declval<Operations>()...))>;
    static_assert(rules::of_interface,
                  "tryst: exported<PROCEDURE>() names a procedure of another interface");
    static_assert(rules::by_value,
                  "tryst: an operation with reference parameters cannot be published");
    static_assert(!rules::by_value || rules::fits,
                  "tryst: the operation does not fit the procedure: its parameters (behind a "
                  "caller, if it has one) and its result are to be the types that the .x has");
    static_assert(rules::once_each, "tryst: a procedure has one operation");
    return rules::of_interface && rules::by_value && rules::fits && rules::once_each;
  } else {
    return false;
  }
}

}  // namespace detail
}  // namespace tryst
