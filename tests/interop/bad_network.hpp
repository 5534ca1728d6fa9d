// Networks that lose, double and reorder the datagrams between a client and a server, each way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/lossy_proxy.hpp"
#include "support/private_network.hpp"

namespace tryst::interop {

/// While it lives, the sockets that this thread opens, and those of the threads that it starts, are
/// in it.
class bad_network {
public:
  enum class made_by {
    proxy,    ///< a relay of the tests, on the system's loopback
    nftables  ///< the kernel, in a network of its own: needs root
  };

  /// It loses so many of a hundred.
  bad_network(made_by how, unsigned lost) : lost_{lost} {
    if (how == made_by::nftables) inside_.emplace(own_.emplace(rules(lost)));
  }

  /// The port at 127.0.0.1 that leads to the server at `port`, badly.
  std::uint16_t to(std::uint16_t port) {
    if (own_) return port;
    constexpr unsigned seed = 7;
    return relay_.emplace(port, test::lossy_proxy::faults{lost_, doubled, late}, seed).port();
  }

  std::unique_ptr<test::peer_process> start(std::vector<std::string> argv) const {
    if (own_) return own_->start(std::move(argv));
    return std::make_unique<test::peer_process>(std::move(argv));
  }

private:
  // Of a hundred.
  static constexpr unsigned doubled = 5;
  static constexpr unsigned late = 2;

  static std::string rules(unsigned lost);

  unsigned lost_;
  std::optional<test::private_network> own_;
  std::optional<test::inside_network> inside_;
  std::optional<test::lossy_proxy> relay_;
};

}  // namespace tryst::interop
