// Our client and Debian's servers: each test has a host of its own with our binder, starts servers
// there, and reaches them as any client does, by asking that binder.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <tryst/binder/binder_client.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "binder_peers/private_host.hpp"

namespace tryst::tests {

class StockServers : public ::testing::Test {
protected:
  /// A client of what the binder says is there; the test fails if there is nothing.
  rpc::client client_of(rpc::interface_id interface, binder::netid over = binder::netid::udp,
                        rpc::client_options options = {}) {
    return rpc::client{loop, run(loop, book.find(interface, over)).value().text(),
                       std::move(options)};
  }

  private_host host;
  std::unique_ptr<test::peer_process> binder_daemon = host.start_ours();
  inside_network network{host};
  loop_thread loop;
  binder::binder_client book{loop, "127.0.0.1"};
};

}  // namespace tryst::tests
