// A network of a test's own, and mounts that nobody else sees, for as long as the object lives:
// what happens there disturbs nobody outside. Needs root.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/peer_process.hpp"

namespace tryst::test {

class private_network {
public:
  /// Runs `setup` there first, a line of shell or more; `argument` is its $0.
  explicit private_network(const std::string& setup, std::string argument = "setup");
  /// Ends every program there, also those that went into the background.
  ~private_network();
  private_network(const private_network&) = delete;
  private_network& operator=(const private_network&) = delete;

  /// How a program is run there.
  std::vector<std::string> inside(std::vector<std::string> argv) const;
  /// Starts a program there, which runs until the object is destroyed.
  std::unique_ptr<peer_process> start(std::vector<std::string> argv) const;

private:
  friend class inside_network;

  peer_process namespace_;
};

/// For as long as it lives, the sockets that this thread opens, and those of the threads that it
/// starts meanwhile, are in that network. Files are those outside.
class inside_network {
public:
  explicit inside_network(const private_network& network);
  ~inside_network();
  inside_network(const inside_network&) = delete;
  inside_network& operator=(const inside_network&) = delete;

private:
  int outside_;
};

}  // namespace tryst::test
