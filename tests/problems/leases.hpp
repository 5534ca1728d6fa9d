// Blocks of a file that clients keep copies of, by leases: who writes writes through to the server,
// and is answered when nobody can have an old copy any more, because what others were allowed has
// run out.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <tryst/bridge/remote_operation.hpp>
#include <tryst/rendezvous/in.hpp>

#include "file_cache.hpp"
#include "problems/cache_log.hpp"
#include "problems/stage.hpp"

namespace tryst::problems {

using file_cache::leased;
using file_cache::LEASES_V1;

/// Knows no clients, only until when their copies may be used. While somebody waits to write no
/// more leases are given.
struct lease_server : module {
  op<leased(std::int32_t, block)> read{this};
  op<void(std::int32_t, block, std::int32_t)> write{this};

  lease_server(cache_log& log, loop::duration term) : log_{log}, term_{term} {}

  task<> server(loop& home) {
    const auto free = [&](std::int32_t who, block b, std::int32_t) {
      return end_of_others(who, b) <= home.clock_now();
    };
    for (;;) {
      co_await in(
          accept(read) >>
              [&](std::int32_t who, block b) {
                const auto term = write.pending() > 0 ? loop::duration{} : term_;
                loop::time_point& end = ends_[b][who];
                end = std::max(end, home.clock_now() + term);
                return leased{.contents = contents_[b], .term = nanoseconds(term)};
              },
          accept(write).such_that(free) >>
              [&](std::int32_t, block b, std::int32_t value) {
                contents_[b] = value;
                log_.note(cached::apply, b, value);
              },
          until(next_end(home.clock_now()), [] {}));
    }
  }

private:
  static std::int64_t nanoseconds(loop::duration d) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(d).count();
  }

  loop::time_point end_of_others(std::int32_t who, block b) {
    loop::time_point latest{};
    for (const auto& [client, end] : ends_[b]) {
      if (client != who) latest = std::max(latest, end);
    }
    return latest;
  }
  loop::time_point next_end(loop::time_point now) {
    loop::time_point first = now + std::chrono::hours{1};
    for (const auto& [b, ends] : ends_) {
      for (const auto& [client, end] : ends) {
        if (end > now) first = std::min(first, end);
      }
    }
    return first;
  }

  cache_log& log_;
  loop::duration term_;
  std::map<block, std::map<std::int32_t, loop::time_point>> ends_;
  std::map<block, std::int32_t> contents_;
};

struct far_leases : remote_module<LEASES_V1> {
  using remote_module::remote_module;
  remote_op<LEASES_V1::READ> read{this};
  remote_op<LEASES_V1::WRITE> write{this};
};

/// A client's cache, for one process. `Server` is near or far.
template <class Server>
class lease_cache {
public:
  lease_cache(stage& on, Server& server, cache_log& log, std::int32_t self)
      : on_{on}, server_{server}, log_{log}, self_{self} {}

  task<std::int32_t> read(block b) {
    const loop::time_point asked = on_.home().clock_now();
    if (const auto kept = kept_.find(b); kept != kept_.end() && asked < kept->second.end) {
      log_.note(cached::hit, self_, b);
      co_return kept->second.contents;
    }
    // The server counts from later on.
    const leased l = co_await on_.call(server_.read, self_, b);
    kept_[b] = {l.contents, asked + std::chrono::nanoseconds{l.term}};
    co_return l.contents;
  }
  task<> write(block b, std::int32_t value) {
    kept_.erase(b);
    co_await on_.call(server_.write, self_, b, value);
  }

private:
  struct copy {
    std::int32_t contents;
    loop::time_point end;
  };

  stage& on_;
  Server& server_;
  cache_log& log_;
  std::int32_t self_;
  std::map<block, copy> kept_;
};

}  // namespace tryst::problems
