// What a foreign decoder makes of the traffic: the packets of a port as they pass the loopback
// device, and tshark's reading of them. Needs the right to open packet sockets (root has it); a
// test that may not, fails with that reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace tryst::test {

/// A file of IP packets in pcap's format, readable when it is complete. Any thread.
class pcap_file {
public:
  /// Throws std::ios_base::failure when it cannot be written.
  explicit pcap_file(const std::filesystem::path& file);
  /// Adds a packet, which begins with its IP header.
  void add(std::span<const std::byte> packet);
  void close();

private:
  void put(std::span<const std::uint32_t> numbers);

  std::mutex mutex_;
  std::ofstream out_;
  std::uint32_t packets_ = 0;
};

/// Writes the packets from and to a TCP port of 127.0.0.1 or ::1 to a file in pcap's format, from
/// its construction on. A packet that one side of a connection has received has been seen.
class packet_capture {
public:
  /// Throws std::system_error when the system refuses.
  packet_capture(std::uint16_t port, const std::filesystem::path& file);
  ~packet_capture();
  packet_capture(const packet_capture&) = delete;
  packet_capture& operator=(const packet_capture&) = delete;

  /// Ends the capture and completes the file. Throws std::runtime_error if a packet was missed.
  void finish();

private:
  void write_all();

  int socket_;
  int stop_;
  pcap_file file_;
  std::string failure_;
  std::thread writer_;
};

/// An RPC message as tshark sees it.
struct decoded_message {
  std::uint64_t frame = 0;  ///< in which the message ends
  bool is_reply = false;
  std::uint32_t xid = 0;
  std::uint32_t program = 0;
  std::uint32_t version = 0;
  std::uint32_t procedure = 0;
};

/// A packet with data, of the server or to it.
struct decoded_segment {
  std::uint64_t frame = 0;
  bool from_server = false;
  std::uint32_t length = 0;
  std::uint32_t messages = 0;  ///< that end in it
};

struct decoded_traffic {
  std::vector<decoded_message> messages;
  std::vector<decoded_segment> segments;
  /// What tshark calls malformed, or gives up: a line a frame.
  std::string complaints;
};

/// Decodes the traffic of a port as RPC. Throws, as output_of() does, when tshark does not run.
decoded_traffic decode(const std::filesystem::path& file, std::uint16_t port);

}  // namespace tryst::test
