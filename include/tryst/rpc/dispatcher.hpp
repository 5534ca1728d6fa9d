// Which services there are, and which of them a call is for. Every refusal of RFC 5531 §9 that is
// not about arguments is decided here.
//
// Path: session → here → service.hpp
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <tryst/rpc/service.hpp>
#include <tryst/rpc/typed_service.hpp>
#include <tryst/xdr/bytes.hpp>
#include <vector>

namespace tryst::rpc {

struct call_header;
class session;

/// Services are added before the first call comes; from then on it is used by any number of loops.
class dispatcher {
public:
  dispatcher() = default;
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;

  /// Adds a service; one of the same program and version is replaced.
  void add(std::shared_ptr<service> s);

  /// Serves Interface by an ordinary class; see handler.hpp for what its handlers look like.
  template <class Interface, class Implementation>
  void serve(Implementation implementation, service_options options = {}) {
    add(make_service<Interface>(std::move(implementation), std::move(options)));
  }

  const std::vector<std::shared_ptr<service>>& services() const noexcept { return services_; }

private:
  friend class session;

  // For sessions: answers a message whose type is call, through `from`.
  void dispatch(session& from, std::span<const std::byte> message,
                const xdr::buffer_ref& buffer) const;
  /// The index of a service; none, and why.
  std::optional<std::size_t> find(interface_id id, refusal& why) const noexcept;

  std::vector<std::shared_ptr<service>> services_;  // sorted by program and version
  // Of each, so that none is asked with every call.
  std::vector<interface_id> ids_;
  std::vector<const auth_policy*> policies_;
};

}  // namespace tryst::rpc
