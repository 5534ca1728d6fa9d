// A host of a test's own: a network with nothing but loopback and one more address, and a /run that
// nobody else sees. So port 111 and /run/rpcbind.sock are free there, whatever runs outside.
// Needs root.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/private_network.hpp"

namespace tryst::tests {

using test::inside_network;

class private_host : public test::private_network {
public:
  /// Its addresses besides loopback: not loopback's, so that who calls by them is a stranger.
  static constexpr const char* outer_v4 = "192.0.2.1";
  static constexpr const char* outer_v6 = "2001:db8::1";

  private_host();
  /// Starts tryst-rpcbind, and waits until it is ready.
  std::unique_ptr<test::peer_process> start_ours(std::vector<std::string> options = {}) const;
  /// Starts Debian's rpcbind, and waits until it answers.
  std::unique_ptr<test::peer_process> start_debians(std::vector<std::string> options = {}) const;
  /// Runs a line of shell there to its end: what it writes, and the status if that is not 0.
  /// binder_tool is in its PATH.
  std::string run(const std::string& line) const;
  /// Gives its network an address to call everybody by, and waits until IPv6 can be called from.
  void allow_broadcast() const;
  /// Waits until a program's number is in the binder's list. Throws if that never happens.
  void wait_until_registered(const std::string& program) const;
};

}  // namespace tryst::tests
