// Stands between the two ends of a UNIX socket and writes what passes as if it were TCP, so that
// tshark can read it.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "support/tshark.hpp"

namespace tryst::interop {

class unix_relay {
public:
  /// The port that the traffic is written with.
  static constexpr std::uint16_t port = 1;

  /// Listens at `path`, and passes each connection, one after the other, on to `to`.
  unix_relay(std::string path, std::string to, const std::filesystem::path& file);
  ~unix_relay();
  unix_relay(const unix_relay&) = delete;
  unix_relay& operator=(const unix_relay&) = delete;

  /// Ends and completes the file. The connections have ended, or are cut off.
  void finish();

private:
  struct direction {
    int from = -1;
    int to = -1;
    std::uint16_t source_port = 0;
    std::uint16_t target_port = 0;
    std::uint32_t position = 1;  // TCP's sequence number
  };

  void run();
  void pass_on(int client, int server, std::uint16_t client_port);
  bool move_some(direction& d);
  void record(direction& d, std::span<const std::byte> data);
  bool wait_readable(int one, int other);

  std::string to_;
  int listener_;
  int stop_;
  test::pcap_file file_;
  std::thread thread_;
};

}  // namespace tryst::interop
