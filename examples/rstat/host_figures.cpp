#include "host_figures.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace rstat_example {
namespace {

// Calls visit(first word, the rest) for each line.
template <class Visit>
void each_line(const std::filesystem::path& file, Visit visit) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    std::istringstream rest{line};
    std::string word;
    rest >> word;
    visit(word, rest);
  }
}

// The numbers that follow, as many as there are.
template <std::size_t Count>
std::array<std::uint64_t, Count> numbers(std::istream& in) {
  std::array<std::uint64_t, Count> all{};
  for (auto& each : all) in >> each;
  return all;
}

void read_stat(const std::filesystem::path& proc, host_figures& f) {
  each_line(proc / "stat", [&](const std::string& word, std::istream& rest) {
    if (word == "cpu") {
      const auto [user, nice, system, idle, waiting, hard, soft, stolen] = numbers<8>(rest);
      f.ticks = {user, nice, system + hard + soft + stolen, idle + waiting};
    } else if (word == "intr") {
      rest >> f.interrupts;
    } else if (word == "ctxt") {
      rest >> f.context_switches;
    } else if (word == "btime") {
      rest >> f.boot_time;
    }
  });
}

void read_vmstat(const std::filesystem::path& proc, host_figures& f) {
  const auto kib_of_page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
  each_line(proc / "vmstat", [&](const std::string& word, std::istream& rest) {
    if (word == "pgpgin") {
      f.pages_in = numbers<1>(rest)[0] / kib_of_page;
    } else if (word == "pgpgout") {
      f.pages_out = numbers<1>(rest)[0] / kib_of_page;
    } else if (word == "pswpin") {
      rest >> f.swapped_in;
    } else if (word == "pswpout") {
      rest >> f.swapped_out;
    }
  });
}

// A disk is what ends in a letter, or has a namespace and no partition: not sda1, not nvme0n1p1.
bool is_disk(const std::string& name) {
  if (name.starts_with("nvme") || name.starts_with("mmcblk")) return name.find('p') == name.npos;
  return (name.starts_with("sd") || name.starts_with("hd") || name.starts_with("vd") ||
          name.starts_with("xvd")) &&
         (name.back() < '0' || name.back() > '9');
}

void read_disks(const std::filesystem::path& proc, host_figures& f) {
  each_line(proc / "diskstats", [&](const std::string&, std::istream& rest) {
    std::uint64_t minor = 0;
    std::string name;
    rest >> minor >> name;
    const auto [reads, reads_merged, sectors_read, reading, writes] = numbers<5>(rest);
    if (is_disk(name)) f.transfers.push_back(reads + writes);
  });
}

void read_interfaces(const std::filesystem::path& proc, host_figures& f) {
  std::ifstream in{proc / "net/dev"};
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon == line.npos) continue;  // the two lines of headings
    const auto begin = line.find_first_not_of(' ');
    if (line.substr(begin, colon - begin) == "lo") continue;
    std::istringstream rest{line.substr(colon + 1)};
    const auto n = numbers<16>(rest);
    f.packets.received += n[1];
    f.packets.receive_errors += n[2];
    f.packets.sent += n[9];
    f.packets.send_errors += n[10];
    f.packets.collisions += n[13];
  }
}

}  // namespace

host_figures read_host_figures(const std::filesystem::path& proc) {
  host_figures f;
  read_stat(proc, f);
  read_vmstat(proc, f);
  read_disks(proc, f);
  read_interfaces(proc, f);
  std::ifstream load{proc / "loadavg"};
  for (auto& each : f.load) load >> each;
  return f;
}

}  // namespace rstat_example
