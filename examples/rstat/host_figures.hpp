// What Linux counts about its host, as far as rstat tells of it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace rstat_example {

/// Counters run from the start of the host.
struct host_figures {
  struct {
    std::uint64_t user = 0;
    std::uint64_t nice = 0;
    std::uint64_t system = 0;  ///< with interrupts, and what a hypervisor took
    std::uint64_t idle = 0;    ///< with waiting for disks
  } ticks;
  std::vector<std::uint64_t> transfers;  ///< of each disk: reads and writes
  std::uint64_t pages_in = 0;
  std::uint64_t pages_out = 0;
  std::uint64_t swapped_in = 0;
  std::uint64_t swapped_out = 0;
  std::uint64_t interrupts = 0;
  std::uint64_t context_switches = 0;
  struct {
    std::uint64_t received = 0;
    std::uint64_t receive_errors = 0;
    std::uint64_t sent = 0;
    std::uint64_t send_errors = 0;
    std::uint64_t collisions = 0;
  } packets;  ///< of all interfaces but loopback
  std::array<double, 3> load{};
  std::uint64_t boot_time = 0;  ///< in seconds since 1970
};

/// Reads them from a mounted /proc; what cannot be read stays 0.
host_figures read_host_figures(const std::filesystem::path& proc);

}  // namespace rstat_example
