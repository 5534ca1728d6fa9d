// Debian's clients and small servers of ours, in the test itself: each test has a host of its own
// with our binder, where its servers are registered and its clients are run.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <tryst/binder/announcement.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>
#include <vector>

#include "binder_peers/private_host.hpp"

namespace tryst::tests {

class StockClients : public ::testing::Test {
protected:
  /// Registers all that the server has, over UDP and TCP, on every interface.
  void announce() {
    known_.emplace(server,
                   std::vector{server.listen("udp://0.0.0.0:0"), server.listen("tcp://0.0.0.0:0")});
  }

  private_host host;
  inside_network network{host};
  loop_thread loop;
  rpc::server server{loop};

private:
  std::optional<binder::announcement> known_;
};

}  // namespace tryst::tests
