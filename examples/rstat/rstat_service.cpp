#include "rstat_service.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "host_figures.hpp"

namespace rstat_example {
namespace {

// Counters wrap around, as they always have: who reads them subtracts.
std::int32_t wrapped(std::uint64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

// Whole seconds: rup, where it was compiled for 64 bits, takes the microseconds for their upper
// half.
rstat::rstat_timeval now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_1970);
  return {static_cast<std::uint32_t>(seconds.count()), 0};
}

// The fields that both versions have, under the same names.
template <class Statistics>
Statistics common(const host_figures& f) {
  constexpr double scale = 256;
  Statistics s{};
  s.v_pgpgin = static_cast<std::uint32_t>(f.pages_in);
  s.v_pgpgout = static_cast<std::uint32_t>(f.pages_out);
  s.v_pswpin = static_cast<std::uint32_t>(f.swapped_in);
  s.v_pswpout = static_cast<std::uint32_t>(f.swapped_out);
  s.v_intr = static_cast<std::uint32_t>(f.interrupts);
  s.v_swtch = static_cast<std::uint32_t>(f.context_switches);
  s.if_ipackets = wrapped(f.packets.received);
  s.if_ierrors = wrapped(f.packets.receive_errors);
  s.if_opackets = wrapped(f.packets.sent);
  s.if_oerrors = wrapped(f.packets.send_errors);
  s.if_collisions = wrapped(f.packets.collisions);
  for (std::size_t i = 0; i < f.load.size(); ++i) {
    s.avenrun[i] = static_cast<std::int32_t>(std::lround(f.load[i] * scale));
  }
  s.boottime.tv_sec = static_cast<std::uint32_t>(f.boot_time);
  s.curtime = now();
  return s;
}

}  // namespace

rstat::statstime rstat3_service::RSTATPROC_STATS() const {
  const auto f = read_host_figures(proc_);
  auto s = common<rstat::statstime>(f);
  s.cp_time = {wrapped(f.ticks.user), wrapped(f.ticks.nice), wrapped(f.ticks.system),
               wrapped(f.ticks.idle)};
  const auto disks = std::min(f.transfers.size(), s.dk_xfer.size());
  for (std::size_t i = 0; i < disks; ++i) s.dk_xfer[i] = wrapped(f.transfers[i]);
  return s;
}

std::uint32_t rstat3_service::RSTATPROC_HAVEDISK() const {
  return read_host_figures(proc_).transfers.empty() ? 0 : 1;
}

rstat::statsvar rstat4_service::RSTATPROC_STATS() const {
  const auto f = read_host_figures(proc_);
  auto s = common<rstat::statsvar>(f);
  s.cp_time = {wrapped(f.ticks.user), wrapped(f.ticks.nice), wrapped(f.ticks.system),
               wrapped(f.ticks.idle)};
  for (const auto each : f.transfers) s.dk_xfer.push_back(wrapped(each));
  return s;
}

std::uint32_t rstat4_service::RSTATPROC_HAVEDISK() const {
  return read_host_figures(proc_).transfers.empty() ? 0 : 1;
}

}  // namespace rstat_example
