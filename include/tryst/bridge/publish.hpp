// The operations of a module as the procedures of an interface:
//
//   publish<BUFFER_V1>(server, buffer, &bounded_buffer::deposit, &bounded_buffer::fetch);
//
// one for each procedure, in the order of the .x; or, with names and with options:
//
//   publish<LOCK_V1>(server, locks, publish_options{...},
//                    exported<LOCK_V1::ACQUIRE>(&lock_server::acquire, {.max_wait = 5s}),
//                    exported<LOCK_V1::RELEASE>(&lock_server::release));
//
// A call becomes an invocation like any other. Who invokes, and from where, its servicer sees only
// if the operation takes a `caller`. docs/rendezvous.md has what happens to it when.
//
// Path: rpc/dispatcher.hpp → published.hpp → here → published_call.hpp
#pragma once

#include <algorithm>
#include <array>
#include <stdexcept>
#include <tryst/bridge/typed_published_call.hpp>
#include <tryst/rpc/server.hpp>

namespace tryst {

/// An operation to publish, with the procedure that it is, if that is named.
template <class Procedure, class Module, class Signature>
struct exported_operation {
  using procedure = Procedure;
  using signature = Signature;
  op<Signature> Module::* operation;
  export_options how;
};

/// See the head of this file.
template <class Procedure = void, class Module, class Signature>
exported_operation<Procedure, Module, Signature> exported(op<Signature> Module::* operation,
                                                          export_options how = {}) {
  return {operation, how};
}

namespace detail {

template <class Procedure, class Module, class Signature>
auto as_exported(exported_operation<Procedure, Module, Signature> o) {
  return o;
}
template <class Module, class Signature>
auto as_exported(op<Signature> Module::* operation) {
  return exported(operation);
}
template <class T>
using exported_as = decltype(as_exported(std::declval<T>()));

/// The service that publish() makes; each export names its procedure.
template <class Interface, class Module, class... Exports>
class published_module final : public published {
public:
  published_module(std::shared_ptr<Module> of, publish_options options, Exports... exports)
      : published{std::move(options)}, module_{std::move(of)}, exports_{exports...} {}

  rpc::interface_id id() const noexcept override { return Interface::id; }
  std::string_view name() const noexcept override { return Interface::name; }

  rpc::recall recall_of(std::uint32_t procedure, bool datagram) const noexcept override {
    rpc::recall how = rpc::recall::off;
    with(procedure, [&]<class E>(const E&) {
      how = published::how_remembered(procedure, E::procedure::annotations, datagram);
    });
    return how;
  }

  void serve(rpc::incoming_call& call) override {
    const std::uint32_t procedure = call.info().procedure;
    if (withdrawn()) return call.refuse({.code = errc::proc_unavail});
    if (with(procedure, [&](const auto& what) { this->invoke(what, call); })) return;
    // Procedure 0 is there in any case (RFC 5531 §12.1).
    if (procedure != 0) return call.refuse({.code = errc::proc_unavail});
    call.reply(rpc::detail::void_result{});
  }

private:
  template <class Visit>
  bool with(std::uint32_t procedure, Visit visit) const {
    const auto visit_if = [&]<class E>(const E& what) {
      if (E::procedure::number != procedure) return false;
      visit(what);
      return true;
    };
    return std::apply([&](const auto&... what) { return (visit_if(what) || ...); }, exports_);
  }

  template <class P, class Signature>
  void invoke(const exported_operation<P, Module, Signature>& what, rpc::incoming_call& call) {
    typename P::arguments arguments;
    xdr::reader in{call.arguments(), {.lenient = options().service.lenient}};
    rpc::detail::decode_tuple<typename P::argument_descriptions>(in, arguments);
    if (!in.ok() || (in.remaining() > 0 && !options().service.lenient)) {
      return call.refuse({.code = errc::garbage_args});
    }
    op<Signature>& of = (*module_).*what.operation;
    if (of.pending() >= what.how.max_pending) return turn_away(call);
    std::apply(
        [&](auto&... values) {
          if constexpr (fit<P, Signature>::has_caller) {
            this->queue<P>(what, of, call, caller_of(call.info()), std::move(values)...);
          } else {
            this->queue<P>(what, of, call, std::move(values)...);
          }
        },
        arguments);
  }

  template <class P, class Signature, class... Values>
  void queue(const exported_operation<P, Module, Signature>& what, op<Signature>& of,
             rpc::incoming_call& call, Values&&... values) {
    auto self = std::static_pointer_cast<published>(shared_from_this());
    if constexpr (std::is_void_v<typename P::result>) {
      if (what.how.sent || P::annotations.oneway) {
        auto sent = std::make_unique<published_send<Signature>>(call.info(), std::move(self), of,
                                                                std::forward<Values>(values)...);
        if (!sent->arrive()) return call.refuse(closed());
        static_cast<void>(sent.release());  // it ends itself, and has perhaps
        if (P::annotations.oneway) return call.drop();
        call.reply(rpc::detail::void_result{});
        return;
      }
    }
    auto* const queued = new typed_published_call<P, Signature>{
        std::move(call), std::move(self), of, std::forward<Values>(values)...};
    const bool once = recall_of(P::number, false) == rpc::recall::once;
    queued->begin(max_wait(P::annotations, what.how),
                  once ? options().grace : std::chrono::milliseconds{0});
  }

  std::shared_ptr<Module> module_;
  std::tuple<Exports...> exports_;
};

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
    return exported_operation<P, Module, Signature>{what.operation, what.how};
  }
}

constexpr bool all_differ(auto numbers) {
  std::ranges::sort(numbers);
  return std::ranges::adjacent_find(numbers) == numbers.end();
}

template <class Interface, class E>
constexpr void check_export() {
  using P = typename E::procedure;
  static_assert(std::same_as<typename P::version, Interface>,
                "tryst: exported<PROCEDURE>() names a procedure of another interface");
  static_assert(fit<P, typename E::signature>::by_value,
                "tryst: an operation with reference parameters cannot be published");
  static_assert(!fit<P, typename E::signature>::by_value || fit<P, typename E::signature>::fits,
                "tryst: the operation does not fit the procedure: its parameters (behind a caller, "
                "if it has one) and its result are to be the types that the .x has");
}

template <class Interface, class Module, class... Exports>
std::shared_ptr<published> publish_named(rpc::server& on, std::shared_ptr<Module> of,
                                         publish_options options, Exports... exports) {
  (check_export<Interface, Exports>(), ...);
  static_assert(all_differ(std::array{Exports::procedure::number...}),
                "tryst: a procedure has one operation");
  if (((exports.how.sent && !std::is_void_v<typename Exports::procedure::result>) || ...)) {
    throw std::invalid_argument("a procedure with a result cannot be exported as a send");
  }
  auto made = std::make_shared<published_module<Interface, Module, Exports...>>(
      std::move(of), std::move(options), exports...);
  on.serve(made);
  return made;
}

template <class T>
concept exportable = requires(const T& operation) { as_exported(operation); };

}  // namespace detail

/// Serves operations of `of` as the procedures of Interface; those that are not exported are
/// PROC_UNAVAIL. To be done before the server listens. Throws std::invalid_argument when one with a
/// result is to be sent.
template <class Interface, class Module, class... Operations>
std::shared_ptr<published> publish(rpc::server& on, std::shared_ptr<Module> of,
                                   publish_options options, Operations... operations) {
  constexpr bool named =
      (!std::is_void_v<typename detail::exported_as<Operations>::procedure> && ...);
  constexpr bool unnamed =
      (std::is_void_v<typename detail::exported_as<Operations>::procedure> && ...);
  static_assert(
      named || unnamed,
      "tryst: name the procedures of all operations, exported<PROCEDURE>(...), or of none");
  static_assert(
      named || sizeof...(Operations) == detail::operable<typename Interface::procedures>::size,
      "tryst: publish() takes an operation for each procedure, in the order of the .x; or name "
      "those that there are: exported<PROCEDURE>(&module::operation)");
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return detail::publish_named<Interface>(
        on, std::move(of), std::move(options),
        detail::name_procedure<Interface, I>(detail::as_exported(operations))...);
  }(std::index_sequence_for<Operations...>{});
}

/// The same with options that are the default.
template <class Interface, class Module, class... Operations>
  requires(detail::exportable<Operations> && ...)
std::shared_ptr<published> publish(rpc::server& on, std::shared_ptr<Module> of,
                                   Operations... operations) {
  return publish<Interface>(on, std::move(of), publish_options{}, operations...);
}

/// The same of a module that outlives the server. In the end close() and join() the module, then
/// destroy the server and the loops, and the module last.
template <class Interface, std::derived_from<module> Module, class... More>
std::shared_ptr<published> publish(rpc::server& on, Module& of, More... more) {
  return publish<Interface>(on, std::shared_ptr<Module>{std::shared_ptr<void>{}, &of}, more...);
}

}  // namespace tryst
