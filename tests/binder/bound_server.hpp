// A binder in a server of the test's own, at an abstract UNIX socket and at loopback TCP of both
// families, and callers of it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <string>
#include <tryst/binder/binder.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "pmap_prot.hpp"
#include "rpcb_prot.hpp"

namespace tryst::tests {

inline std::string fresh_abstract_name() {
  static std::atomic<int> number = 0;
  return "unix:@tryst.test.binder." + std::to_string(::getpid()) + "." + std::to_string(++number);
}

struct bound_server {
  explicit bound_server(binder::binder_options options = {}) : book{std::move(options)} {
    book.serve_in(served.services());
    local = served.listen(fresh_abstract_name());
    tcp = served.listen("tcp://127.0.0.1:0");
    tcp6 = served.listen("tcp://[::1]:0");
  }

  rpc::client connect(const rpc::address& where) { return rpc::client{client_loop, where.text()}; }

  loop_thread server_loop;
  loop_thread client_loop;
  binder::binder book;
  rpc::server served{server_loop};
  rpc::address local;
  rpc::address tcp;
  rpc::address tcp6;
};

inline rpcb_prot::rpcb map_of(std::uint32_t program, std::uint32_t version, std::string netid,
                              std::string address = {}, std::string owner = {}) {
  return {.r_prog = program,
          .r_vers = version,
          .r_netid = std::move(netid),
          .r_addr = std::move(address),
          .r_owner = std::move(owner)};
}

}  // namespace tryst::tests
