#include "serving/announcement.hpp"

#include <tryst/binder/netid.hpp>
#include <tryst/binder/universal_address.hpp>
#include <tryst/error.hpp>

namespace serving {

namespace binder = tryst::binder;
namespace rpc = tryst::rpc;

announcement::announcement(tryst::loop& home, const std::vector<rpc::interface_id>& interfaces,
                           const std::vector<rpc::address>& where, announcement_options options) {
  try {
    registered_.emplace(interfaces, where);
  } catch (const tryst::call_error&) {
    if (!options.own_binder) throw;
    bind(home, interfaces, where, options.hosts);
  }
}

void announcement::bind(tryst::loop& home, const std::vector<rpc::interface_id>& interfaces,
                        const std::vector<rpc::address>& where,
                        const std::vector<std::string>& hosts) {
  constexpr unsigned port_of_binders = 111;
  server_.emplace(home);
  book_.serve_in(server_->services());
  for (const auto& host : hosts) {
    for (const char* transport : {"tcp", "udp"}) {
      book_.add_own(server_->listen(address_text(transport, host, port_of_binders)));
    }
  }
  for (const auto interface : interfaces) {
    for (const auto& address : where) {
      book_.set({.interface = interface,
                 .netid = std::string{binder::name_of(binder::netid_of(address))},
                 .address = binder::universal_address::of(address).value().text(),
                 .owner = std::string{binder::superuser}});
    }
  }
}

std::string address_text(const std::string& transport, const std::string& host, unsigned port) {
  const bool is_ipv6 = host.find(':') != host.npos;
  return transport + "://" + (is_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

}  // namespace serving
