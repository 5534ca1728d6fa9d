// Versions 3 and 4 of rstat, of one host's figures.
#pragma once

#include <filesystem>
#include <utility>

#include "rstat.hpp"

namespace rstat_example {

/// Version 3: four kinds of time, and four disks.
class rstat3_service {
public:
  explicit rstat3_service(std::filesystem::path proc) : proc_{std::move(proc)} {}
  rstat::statstime RSTATPROC_STATS() const;
  std::uint32_t RSTATPROC_HAVEDISK() const;

private:
  std::filesystem::path proc_;
};

/// Version 4: as many disks as there are.
class rstat4_service {
public:
  explicit rstat4_service(std::filesystem::path proc) : proc_{std::move(proc)} {}
  rstat::statsvar RSTATPROC_STATS() const;
  std::uint32_t RSTATPROC_HAVEDISK() const;

private:
  std::filesystem::path proc_;
};

}  // namespace rstat_example
