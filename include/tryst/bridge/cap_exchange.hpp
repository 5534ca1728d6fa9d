// Capabilities across processes (rule C1): here they become names, which travel in calls, and names
// become capabilities, with the surface that they have at home.
//
//   rpc::server server{loop};
//   cap_exchange caps{loop, server};                       // before the server listens
//   caps.reachable_at(server.listen("tcp://192.0.2.1:0"));
//
//   capability c = caps.give(cap{answer});                 // what goes into a message
//   cap<void(result)> to = caps.take<void(result)>(c, from).value();
//   to.send(found);
//
// Path: here → far_operation.hpp, exported_cap.hpp → exchange_core.hpp
#pragma once

#include <tryst/bridge/exported_cap.hpp>
#include <tryst/bridge/far_operation.hpp>
#include <tryst/rpc/server.hpp>

namespace tryst {

/// One for a process, as a rule. Any thread may give and take. To be destroyed before its loop, and
/// not while another thread invokes a capability that came through it; from then on such
/// capabilities fail with errc::closed.
///
/// An operation that is given away is exported as long as it exists, and no longer: whoever
/// invokes it then gets errc::op_closed. That those who hold a capability have gone, nobody
/// notices.
class cap_exchange {
public:
  /// For a process that only takes.
  explicit cap_exchange(loop& home, exchange_options options = {})
      : core_{std::make_shared<detail::exchange_core>(home, std::move(options))} {}
  /// Operations that are given away are served by `by`, which does not listen yet.
  cap_exchange(loop& home, rpc::server& by, exchange_options options = {})
      : cap_exchange{home, std::move(options)} {
    by.serve(core_);
  }
  cap_exchange(const cap_exchange&) = delete;
  cap_exchange& operator=(const cap_exchange&) = delete;
  ~cap_exchange() { core_->close(); }

  /// Where others reach the server. Throws std::invalid_argument when it is no address that can be
  /// passed on: one of all interfaces, of no port, or a host's name.
  void reachable_at(const rpc::address& where) { core_->reachable_at(where); }

  /// The name under which `of` travels. One of an operation of this process exports it. Throws
  /// export_refused when nobody knows where this process is reachable, when too many operations
  /// exist that were given away, and when its module keeps its operations to itself.
  template <class Signature>
  capability give(const cap<Signature>& of) {
    return detail::give_cap(core_, of);
  }
  template <class Signature>
  capability give(op<Signature>& of) {
    return give(cap<Signature>{of});
  }

  /// The capability that a name stands for, which came from `from`: that of an operation here, if
  /// it was given away by this exchange, and otherwise of one elsewhere, which is connected to when
  /// it is invoked. Nobody can tell whether it exists there, and is of this signature, before.
  /// Fails with errc::address_invalid when the name makes no sense, with errc::auth_too_weak when
  /// exchange_options::allow says no, and with errc::garbage_args when it is of an operation here
  /// and of another signature.
  template <class Signature>
  std::expected<cap<Signature>, std::error_code> take(const capability& named,
                                                      const rpc::address& from) {
    return detail::take_cap<Signature>(core_, named, from);
  }

  /// For publish_options::caps.
  operator std::shared_ptr<detail::exchange_core>() const noexcept { return core_; }

private:
  std::shared_ptr<detail::exchange_core> core_;
};

namespace detail {

template <class Signature>
capability give_cap(const std::shared_ptr<exchange_core>& by, const cap<Signature>& of) {
  check_travels<Signature>();
  if (of.is_noop()) return capability::noop();
  if (const auto& far = of.elsewhere()) {
    return dynamic_cast<const far_operation<Signature>&>(*far).name();
  }
  if (of.link() == nullptr) return {};
  return by->name_of(std::make_shared<typed_exported_op<Signature>>(of.link()));
}

template <class Signature>
std::expected<cap<Signature>, std::error_code> take_cap(const std::shared_ptr<exchange_core>& by,
                                                        const capability& named,
                                                        const rpc::address& from) {
  check_travels<Signature>();
  using wanted = cap<Signature>;
  if (named.kind() == capability_kind::null) return wanted{};
  if (named.kind() == capability_kind::noop) {
    if constexpr (requires { wanted::noop(); }) return wanted::noop();
    return std::unexpected{make_error_code(errc::garbage_args)};
  }
  auto found = by->find(*named.operation(), typeid(Signature), from);
  if (!found) return std::unexpected{found.error()};
  if (found->here != nullptr) return wanted{std::move(found->here)};
  return wanted{typename wanted::distant{
      std::make_shared<far_operation<Signature>>(by, std::move(found->there), *named.operation())}};
}

}  // namespace detail

}  // namespace tryst
