#include "support/tshark.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "support/peer_process.hpp"

namespace tryst::test {
namespace {

constexpr std::size_t largest_packet = 256 * 1024;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error{errno, std::generic_category(), what};
  return result;
}

template <class T>
void set_option(int socket, int level, int option, const T& value) {
  checked(::setsockopt(socket, level, option, &value, sizeof value), "setsockopt");
}

/// Lets the TCP packets of a port pass, of IPv4 and IPv6: `tcp port N`.
void attach_filter(int socket, std::uint16_t port) {
  constexpr std::uint8_t accept = 19;
  constexpr std::uint8_t reject = 20;
  std::array<sock_filter, 21> code{};
  const auto at = [&code](std::uint8_t where, std::uint16_t what, std::uint32_t value,
                          int if_true = -1, int if_false = -1) {
    const auto skip = [where](int to) {
      return static_cast<std::uint8_t>(to < 0 ? 0 : to - where - 1);
    };
    code[where] = {what, skip(if_true), skip(if_false), value};
  };
  at(0, BPF_LD | BPF_B | BPF_ABS, 0);
  at(1, BPF_ALU | BPF_AND | BPF_K, 0xf0);
  at(2, BPF_JMP | BPF_JEQ | BPF_K, 0x40, 3, 10);
  at(3, BPF_LD | BPF_B | BPF_ABS, 9);
  at(4, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 5, reject);
  at(5, BPF_LDX | BPF_B | BPF_MSH, 0);
  at(6, BPF_LD | BPF_H | BPF_IND, 0);
  at(7, BPF_JMP | BPF_JEQ | BPF_K, port, accept, 8);
  at(8, BPF_LD | BPF_H | BPF_IND, 2);
  at(9, BPF_JMP | BPF_JEQ | BPF_K, port, accept, reject);
  at(10, BPF_JMP | BPF_JEQ | BPF_K, 0x60, 11, reject);
  at(11, BPF_LD | BPF_B | BPF_ABS, 6);
  at(12, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 13, reject);
  at(13, BPF_LD | BPF_H | BPF_ABS, 40);
  at(14, BPF_JMP | BPF_JEQ | BPF_K, port, accept, 15);
  at(15, BPF_LD | BPF_H | BPF_ABS, 42);
  at(16, BPF_JMP | BPF_JEQ | BPF_K, port, accept, reject);
  at(17, BPF_RET | BPF_K, 0);
  at(18, BPF_RET | BPF_K, 0);
  at(accept, BPF_RET | BPF_K, largest_packet);
  at(reject, BPF_RET | BPF_K, 0);
  const sock_fprog program{.len = static_cast<unsigned short>(code.size()), .filter = code.data()};
  set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, program);
}

int open_capture(std::uint16_t port) {
  // Nothing arrives before bind() says of what protocol.
  const int made = ::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  checked(made, "a packet socket, for which root's rights are needed");
  attach_filter(made, port);
  set_option(made, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  set_option(made, SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20);
  sockaddr_ll loopback{};
  loopback.sll_family = AF_PACKET;
  loopback.sll_protocol = htons(ETH_P_ALL);
  loopback.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
  checked(::bind(made, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback),
          "bind to lo");
  return made;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in{text};
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::uint32_t number(const std::string& text) {
  constexpr int any_base = 0;
  return static_cast<std::uint32_t>(std::stoul(text, nullptr, any_base));
}

}  // namespace

pcap_file::pcap_file(const std::filesystem::path& file) {
  out_.exceptions(std::ios::failbit | std::ios::badbit);
  out_.open(file, std::ios::binary);
  constexpr std::uint32_t version_2_4 = 0x0004'0002;
  constexpr std::uint32_t ip_packets = 101;
  put(std::array<std::uint32_t, 6>{0xa1b2'c3d4, version_2_4, 0, 0, largest_packet, ip_packets});
}

void pcap_file::put(std::span<const std::uint32_t> numbers) {
  out_.write(reinterpret_cast<const char*>(numbers.data()),
             static_cast<std::streamsize>(numbers.size_bytes()));
}

void pcap_file::add(std::span<const std::byte> packet) {
  const std::lock_guard lock{mutex_};
  const auto size = static_cast<std::uint32_t>(packet.size());
  // The packets' order is all that is known of their time: one a second.
  put(std::array<std::uint32_t, 4>{packets_++, 0, size, size});
  out_.write(reinterpret_cast<const char*>(packet.data()), size);
}

void pcap_file::close() {
  const std::lock_guard lock{mutex_};
  if (out_.is_open()) out_.close();
}

packet_capture::packet_capture(std::uint16_t port, const std::filesystem::path& file)
    : socket_{open_capture(port)},
      stop_{checked(::eventfd(0, EFD_CLOEXEC), "eventfd")},
      file_{file},
      writer_{[this] { write_all(); }} {}

packet_capture::~packet_capture() {
  if (writer_.joinable()) {
    ::eventfd_write(stop_, 1);
    writer_.join();
  }
  ::close(socket_);
  ::close(stop_);
}

void packet_capture::write_all() try {
  std::vector<std::byte> packet(largest_packet);
  for (bool stopping = false; !stopping;) {
    std::array<pollfd, 2> waiting{pollfd{.fd = socket_, .events = POLLIN, .revents = 0},
                                  pollfd{.fd = stop_, .events = POLLIN, .revents = 0}};
    ::poll(waiting.data(), waiting.size(), -1);
    stopping = waiting[1].revents != 0;
    for (;;) {
      const ssize_t n = ::recv(socket_, packet.data(), packet.size(), 0);
      if (n < 0) break;
      file_.add(std::span{packet}.first(static_cast<std::size_t>(n)));
    }
  }
  file_.close();
} catch (const std::exception& e) {
  failure_ = e.what();
}

void packet_capture::finish() {
  ::eventfd_write(stop_, 1);
  writer_.join();
  tpacket_stats statistics{};
  socklen_t size = sizeof statistics;
  checked(::getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &statistics, &size), "getsockopt");
  if (statistics.tp_drops > 0) failure_ = "packets were missed";
  if (!failure_.empty()) throw std::runtime_error{"capture: " + failure_};
}

decoded_traffic decode(const std::filesystem::path& file, std::uint16_t port) {
  const std::string as_rpc = "tcp.port==" + std::to_string(port) + ",rpc";
  // Programs that tshark does not know are RPC to it only if it is told so; more messages in a
  // packet than the depth of a tree are an error to it. Loopback may deliver two packets of a
  // connection out of order when a sender moves to another processor: none is missing (finish()).
  const std::vector<std::string> read{"tshark",
                                      "-o",
                                      "rpc.dissect_unknown_programs:TRUE",
                                      "-o",
                                      "gui.max_tree_depth:10000",
                                      "-o",
                                      "tcp.reassemble_out_of_order:TRUE",
                                      "-d",
                                      as_rpc,
                                      "-r",
                                      file};
  const auto tshark = [&read](std::initializer_list<std::string> more) {
    std::vector<std::string> all = read;
    all.insert(all.end(), more);
    return output_of(std::move(all));
  };
  decoded_traffic found;
  found.complaints = tshark({"-Y", "_ws.malformed || _ws.unreassembled", "-T", "fields", "-e",
                             "frame.number", "-e", "_ws.expert.message"});
  const std::string fields =
      tshark({"-Y", "tcp.len > 0",        "-T", "fields",       "-E", "separator=;",
              "-e", "frame.number",       "-e", "tcp.srcport",  "-e", "tcp.len",
              "-e", "rpc.msgtyp",         "-e", "rpc.xid",      "-e", "rpc.program",
              "-e", "rpc.programversion", "-e", "rpc.procedure"});
  for (const std::string& line : split(fields, '\n')) {
    std::vector<std::string> parts = split(line, ';');
    parts.resize(8);
    const std::uint64_t frame = number(parts[0]);
    const auto types = split(parts[3], ',');
    const auto xids = split(parts[4], ',');
    const auto programs = split(parts[5], ',');
    const auto versions = split(parts[6], ',');
    const auto procedures = split(parts[7], ',');
    found.segments.push_back({.frame = frame,
                              .from_server = number(parts[1]) == port,
                              .length = number(parts[2]),
                              .messages = static_cast<std::uint32_t>(types.size())});
    for (std::size_t i = 0; i < types.size(); ++i) {
      // tshark shows these two twice, in the header and as what it has found out.
      found.messages.push_back({.frame = frame,
                                .is_reply = types[i] == "1",
                                .xid = number(xids.at(i)),
                                .program = number(programs.at(i)),
                                .version = number(versions.at(2 * i)),
                                .procedure = number(procedures.at(2 * i))});
    }
  }
  return found;
}

}  // namespace tryst::test
