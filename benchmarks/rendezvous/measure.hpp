// What the programs of this folder have in common: PROGRAM ROW MILLISECONDS runs a row for about so
// long, and prints how many nanoseconds one of its operations took.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace tryst::bench {

/// Does the operation so many times.
using row = void (*)(long times);

inline double nanoseconds_each(row operation, std::chrono::milliseconds at_least) {
  using clock = std::chrono::steady_clock;
  for (long times = 1000;; times *= 2) {
    const clock::time_point begin = clock::now();
    operation(times);
    const std::chrono::duration<double, std::nano> took = clock::now() - begin;
    if (took >= at_least) return took.count() / static_cast<double>(times);
  }
}

/// The program's main.
inline int run_row(const std::map<std::string, row>& rows, int count, char** arguments) {
  const auto found = count == 3 ? rows.find(arguments[1]) : rows.end();
  if (found == rows.end()) {
    std::fprintf(stderr, "usage: %s ROW MILLISECONDS\nrows:", arguments[0]);
    for (const auto& [name, operation] : rows) std::fprintf(stderr, " %s", name.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  const std::chrono::milliseconds at_least{std::atoi(arguments[2])};
  std::printf("%.1f\n", nanoseconds_each(found->second, at_least));
  return 0;
}

}  // namespace tryst::bench
