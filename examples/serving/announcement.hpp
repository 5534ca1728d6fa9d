// How a server's clients find it: by the binder of this host, or, where there is none, by one of
// the server's own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tryst/binder/binder.hpp>
#include <tryst/binder/registration.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

namespace serving {

struct announcement_options {
  /// Whether to be this host's binder if there is none.
  bool own_binder = false;
  /// The numeric addresses where a binder of its own listens, at port 111: that takes root, or
  /// CAP_NET_BIND_SERVICE.
  std::vector<std::string> hosts;
};

/// Lasts as long as the object; made before its loop runs, and destroyed when it no longer does.
class announcement {
public:
  /// Throws call_error when there is no binder, or it refuses, and none of its own was asked for;
  /// std::system_error when an address is in use.
  announcement(tryst::loop& home, const std::vector<tryst::rpc::interface_id>& interfaces,
               const std::vector<tryst::rpc::address>& where, announcement_options options);

  bool has_own_binder() const { return server_.has_value(); }

private:
  void bind(tryst::loop& home, const std::vector<tryst::rpc::interface_id>& interfaces,
            const std::vector<tryst::rpc::address>& where, const std::vector<std::string>& hosts);

  std::optional<tryst::binder::registration> registered_;
  tryst::binder::binder book_;
  std::optional<tryst::rpc::server> server_;
};

/// transport://host:port, with the brackets that IPv6 needs.
std::string address_text(const std::string& transport, const std::string& host, unsigned port);

}  // namespace serving
