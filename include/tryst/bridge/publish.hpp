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

#include <memory>
#include <stdexcept>
#include <tryst/bridge/exported.hpp>
#include <tryst/bridge/typed_published_call.hpp>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rpc/server.hpp>

namespace tryst {

namespace detail {

template <class Signature>
std::shared_ptr<op_link> link_of(op<Signature>& of) {
  return cap<Signature>{of}.link();
}

/// The service that publish() makes; each export names its procedure.
template <class Interface, class Module, class... Exports>
class published_module final : public published {
public:
  published_module(std::shared_ptr<Module> of, publish_options options, Exports... exports)
      : published{std::move(options), {link_of((*of).*exports.operation)...}},
        module_{std::move(of)},
        exports_{exports...} {}

  /// Its operations travel under the numbers of their procedures. Throws std::invalid_argument when
  /// some have to do with capabilities and there is no exchange of them.
  void name_operations() {
    std::apply([this](const auto&... each) { (this->name_operation(each), ...); }, exports_);
  }

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
  template <class P, class Owner, class Signature>
  void name_operation(const exported_operation<P, Owner, Signature>& what) {
    if (options().caps != nullptr) {
      const cap<Signature> named{(*module_).*what.operation};
      travels_as_procedure(*options().caps, named.link(), typeid(Signature), Interface::id,
                           P::number);
    } else if (wire_signature<Signature>::any_cap) {
      throw std::invalid_argument("operations with capabilities need publish_options::caps");
    }
  }

  template <class Visit>
  bool with(std::uint32_t procedure, Visit visit) const {
    const auto visit_if = [&]<class E>(const E& what) {
      if (E::procedure::number != procedure) return false;
      visit(what);
      return true;
    };
    return std::apply([&](const auto&... what) { return (visit_if(what) || ...); }, exports_);
  }

  // Owner is the module, or what it derives from.
  template <class P, class Owner, class Signature>
  void invoke(const exported_operation<P, Owner, Signature>& what, rpc::incoming_call& call) {
    typename P::arguments arguments;
    xdr::reader in{call.arguments(), {.lenient = options().service.lenient}};
    rpc::detail::decode_tuple<typename P::argument_descriptions>(in, arguments);
    if (!in.ok() || (in.remaining() > 0 && !options().service.lenient)) {
      return call.refuse({.code = errc::garbage_args});
    }
    op<Signature>& of = (*module_).*what.operation;
    if (of.pending() >= max_pending(P::annotations, what.how)) return turn_away(call);
    if constexpr (wire_signature<Signature>::any_cap) {
      typename wire_signature<Signature>::values values;
      const std::error_code why =
          all_from_wire(options().caps, call.info().peer->where, std::move(arguments), values);
      if (why) return call.refuse(refusal_of(why));
      invoke_with(what, of, call, values);
    } else {
      invoke_with(what, of, call, arguments);
    }
  }

  template <class P, class Owner, class Signature, class Values>
  void invoke_with(const exported_operation<P, Owner, Signature>& what, op<Signature>& of,
                   rpc::incoming_call& call, Values& all) {
    std::apply(
        [&](auto&... values) {
          if constexpr (fit<P, Signature>::has_caller) {
            this->queue<P>(what, of, call, caller_of(call.info()), std::move(values)...);
          } else {
            this->queue<P>(what, of, call, std::move(values)...);
          }
        },
        all);
  }

  template <class P, class Owner, class Signature, class... Values>
  void queue(const exported_operation<P, Owner, Signature>& what, op<Signature>& of,
             rpc::incoming_call& call, Values&&... values) {
    auto self = std::static_pointer_cast<published>(shared_from_this());
    if constexpr (std::is_void_v<typename P::result>) {
      if (what.how.sent || P::annotations.acknowledged || P::annotations.oneway) {
        auto sent = std::make_unique<published_send<Signature>>(call.info(), std::move(self), of,
                                                                std::forward<Values>(values)...);
        const errc why = sent->arrive();
        if (why == errc::op_full) return turn_away(call);
        if (why != errc{}) return call.refuse(closed());
        static_cast<void>(sent.release());  // it ends itself, and has perhaps
        if (P::annotations.oneway) return call.drop();
        call.reply(rpc::detail::void_result{});
        return;
      }
    }
    auto* const queued = new typed_published_call<P, Signature>{
        std::move(call), std::move(self), what.answers, of, std::forward<Values>(values)...};
    const bool once = recall_of(P::number, false) == rpc::recall::once;
    queued->begin(max_wait(P::annotations, what.how),
                  once ? options().grace : std::chrono::milliseconds{0});
  }

  std::shared_ptr<Module> module_;
  std::tuple<Exports...> exports_;
};

template <class Interface, class Module, class... Exports>
std::shared_ptr<published> publish_named(rpc::server& on, std::shared_ptr<Module> of,
                                         publish_options options, Exports... exports) {
  if (((exports.how.sent && !std::is_void_v<typename Exports::procedure::result>) || ...)) {
    throw std::invalid_argument("a procedure with a result cannot be exported as a send");
  }
  auto made = std::make_shared<published_module<Interface, Module, Exports...>>(
      std::move(of), std::move(options), exports...);
  made->name_operations();
  on.serve(made);
  return made;
}

template <class Interface, class Module, class... Operations>
std::shared_ptr<published> publish_checked(rpc::server& on, std::shared_ptr<Module> of,
                                           publish_options options,
                                           const Operations&... operations) {
  return std::apply(
      [&](const auto&... exports) {
        return publish_named<Interface>(on, std::move(of), std::move(options), exports...);
      },
      name_procedures<Interface>(operations...));
}

template <class Module>
std::shared_ptr<Module> not_owned(Module& of) {
  return {std::shared_ptr<void>{}, &of};
}

}  // namespace detail

/// Serves operations of `of` as the procedures of Interface; those that are not exported are
/// PROC_UNAVAIL. To be done before the server listens. Throws std::invalid_argument when one with a
/// result is to be sent.
template <class Interface, class Module, class... Operations>
std::shared_ptr<published> publish(rpc::server& on, std::shared_ptr<Module> of,
                                   publish_options options, Operations... operations) {
  if constexpr (detail::check_operations<Interface, Operations...>()) {
    return detail::publish_checked<Interface>(on, std::move(of), std::move(options), operations...);
  }
}

/// The same with options that are the default.
template <class Interface, class Module, detail::exportable... Operations>
std::shared_ptr<published> publish(rpc::server& on, std::shared_ptr<Module> of,
                                   Operations... operations) {
  if constexpr (detail::check_operations<Interface, Operations...>()) {
    return detail::publish_checked<Interface>(on, std::move(of), {}, operations...);
  }
}

/// The same of a module that outlives the server. In the end close() and join() the module, then
/// destroy the server and the loops, and the module last.
template <class Interface, std::derived_from<module> Module, class... Operations>
std::shared_ptr<published> publish(rpc::server& on, Module& of, publish_options options,
                                   Operations... operations) {
  if constexpr (detail::check_operations<Interface, Operations...>()) {
    return detail::publish_checked<Interface>(on, detail::not_owned(of), std::move(options),
                                              operations...);
  }
}
template <class Interface, std::derived_from<module> Module, detail::exportable... Operations>
std::shared_ptr<published> publish(rpc::server& on, Module& of, Operations... operations) {
  if constexpr (detail::check_operations<Interface, Operations...>()) {
    return detail::publish_checked<Interface>(on, detail::not_owned(of), {}, operations...);
  }
}

}  // namespace tryst
