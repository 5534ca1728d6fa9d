// The types of an operation as they travel: capabilities become names, and names capabilities; all
// else is what XDR makes of it.
//
// Path: exported_cap.hpp, far_operation.hpp → here → cap_exchange.hpp
#pragma once

#include <expected>
#include <memory>
#include <system_error>
#include <tryst/bridge/caller.hpp>
#include <tryst/bridge/capability.hpp>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/rpc/program.hpp>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace tryst::detail {

class exchange_core;

template <class T>
struct wire_form {
  using type = T;
  static constexpr bool travels =
      std::is_void_v<T> || requires { sizeof(xdr::codec<T, xdr::plain>); };
};
template <class Signature>
struct wire_form<cap<Signature>> {
  using type = capability;
  static constexpr bool travels = true;
};
template <class T>
using wire_t = typename wire_form<T>::type;

/// Several values in one, as a structure of them.
template <class... T>
struct wire_fields {
  std::tuple<T...> each;

  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    std::apply([&](auto&... field) { (visit("", field), ...); }, self.each);
  }
};
template <class... T>
struct wire_form<std::tuple<T...>> {
  using type = wire_fields<wire_t<T>...>;
  static constexpr bool travels = (wire_form<T>::travels && ...);
};

template <class T>
inline constexpr bool is_cap = false;
template <class Signature>
inline constexpr bool is_cap<cap<Signature>> = true;
template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;

/// What a signature is over the wire: a `caller` in front is filled in by whoever serves it.
template <class Signature>
struct wire_signature;
template <class R, class... A>
struct wire_signature<R(A...)> {
  static constexpr bool has_caller = false;
  static constexpr bool any_cap = is_cap<R> || (is_cap<A> || ...);
  static constexpr bool by_value = (!std::is_reference_v<A> && ...);
  static constexpr bool travels =
      by_value && wire_form<R>::travels && (wire_form<std::remove_reference_t<A>>::travels && ...);
  using stripped = R(A...);  ///< without the caller
  using arguments = std::tuple<wire_t<A>...>;
  using values = std::tuple<A...>;
};
template <class R, class... A>
struct wire_signature<R(caller, A...)> : wire_signature<R(A...)> {
  static constexpr bool has_caller = true;
};

template <class Signature>
consteval void check_travels() {
  static_assert(wire_signature<Signature>::by_value,
                "tryst: an operation with reference parameters cannot be called from elsewhere");
  static_assert(
      !wire_signature<Signature>::by_value || wire_signature<Signature>::travels,
      "tryst: an operation that is called from elsewhere has parameters and a result that "
      "XDR can carry: types of a .x, numbers, strings, capabilities");
}

/// What a caller is told that gave a capability which is not accepted.
inline rpc::refusal refusal_of(std::error_code why) noexcept {
  const bool forbidden = why == errc::auth_too_weak;
  return {.code = forbidden ? errc::auth_too_weak : errc::garbage_args};
}

/// Says that an operation of this process is a procedure, under whose numbers it travels then.
void travels_as_procedure(exchange_core& by, std::shared_ptr<op_link> of,
                          const std::type_info& signature, rpc::interface_id id,
                          std::uint32_t procedure);

/// The name under which `of` travels. Throws export_refused.
template <class Signature>
capability give_cap(const std::shared_ptr<exchange_core>& by, const cap<Signature>& of);
/// The capability that a name from `from` stands for: see cap_exchange::take().
template <class Signature>
std::expected<cap<Signature>, std::error_code> take_cap(const std::shared_ptr<exchange_core>& by,
                                                        const capability& named,
                                                        const rpc::address& from);

template <class T>
wire_t<T> to_wire(const std::shared_ptr<exchange_core>& by, T&& value) {
  if constexpr (is_cap<T>) {
    return give_cap(by, value);
  } else if constexpr (is_tuple<T>) {
    return {all_to_wire(by, std::move(value))};
  } else {
    return std::forward<T>(value);
  }
}

/// False, and `why` says it: the name of a capability is not accepted.
template <class T>
bool from_wire(const std::shared_ptr<exchange_core>& by, const rpc::address& from, wire_t<T>&& wire,
               T& value, std::error_code& why) {
  if constexpr (is_cap<T>) {
    auto taken = take_cap<typename T::signature>(by, wire, from);
    if (!taken) {
      why = taken.error();
      return false;
    }
    value = *std::move(taken);
  } else if constexpr (is_tuple<T>) {
    why = all_from_wire(by, from, std::move(wire.each), value);
    return !why;
  } else {
    value = std::move(wire);
  }
  return true;
}

template <class... A>
std::tuple<wire_t<A>...> all_to_wire(const std::shared_ptr<exchange_core>& by,
                                     std::tuple<A...>&& values) {
  return std::apply(
      [&](auto&... each) { return std::tuple<wire_t<A>...>{to_wire(by, std::move(each))...}; },
      values);
}

/// Empty, and `why` says it: a capability among them is not accepted.
template <class... A>
std::error_code all_from_wire(const std::shared_ptr<exchange_core>& by, const rpc::address& from,
                              std::tuple<wire_t<A>...>&& wire, std::tuple<A...>& values) {
  std::error_code why;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    static_cast<void>(
        (from_wire<A>(by, from, std::move(std::get<I>(wire)), std::get<I>(values), why) && ...));
  }(std::index_sequence_for<A...>{});
  return why;
}

}  // namespace tryst::detail
