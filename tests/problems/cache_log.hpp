// What is noted of clients that cache the blocks of a file, and the checker of all of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "problems/event_log.hpp"
#include "problems/stage.hpp"

namespace tryst::problems {

using block = std::int32_t;
constexpr int blocks = 2;

enum class cached { begin_read, end_read, begin_write, end_write, apply, hit };
/// Who: the client; of `apply`, which the server notes, the block. The value is the block when
/// something begins, and what is in it when it ends.
using cache_log = event_log<cached>;

/// A single copy: who reads sees nothing older than what anybody had read or written before he
/// began. Yields the number of reads that needed no server.
inline int check_single_copy(const std::vector<event<cached>>& events) {
  struct operation {
    block of;
    int newest_before;
  };
  std::map<int, operation> begun;                    // by client
  std::map<block, std::map<std::int32_t, int>> age;  // of contents, in the order of their writing
  std::map<block, int> newest;                       // that somebody knows of
  int hits = 0;
  for (const auto& e : events) {
    if (e.kind == cached::hit) ++hits;
    if (e.kind == cached::apply) {
      age[e.who].try_emplace(0, 0);
      const int writes = static_cast<int>(age[e.who].size());
      require(age[e.who].emplace(e.value, writes).second, "nothing is written twice");
    }
    if (e.kind == cached::begin_read || e.kind == cached::begin_write) {
      begun[e.who] = {e.value, newest[e.value]};
      age[e.value].try_emplace(0, 0);  // empty
    }
    if (e.kind != cached::end_read && e.kind != cached::end_write) continue;
    const operation& o = begun.at(e.who);
    const auto found = age[o.of].find(e.value);
    require(found != age[o.of].end(), "what is read was written");
    require(found->second >= o.newest_before + (e.kind == cached::end_write),
            "nobody reads what was replaced before he began");
    newest[o.of] = std::max(newest[o.of], found->second);
  }
  return hits;
}

/// A client who reads often and writes sometimes.
template <class Read, class Write>
task<> use_cache(stage& s, cache_log& log, int self, int rounds, Read read, Write write) {
  for (int k = 1; k <= rounds; ++k) {
    const std::uint64_t random = s.home().random();
    const block b = static_cast<block>(random % blocks);
    log.note(random / 16 % 4 == 0 ? cached::begin_write : cached::begin_read, self, b);
    if (random / 16 % 4 == 0) {
      const std::int32_t value = self * 1000 + k;
      co_await write(b, value);
      log.note(cached::end_write, self, value);
    } else {
      const std::int32_t value = co_await read(b);
      log.note(cached::end_read, self, value);
    }
  }
}

}  // namespace tryst::problems
