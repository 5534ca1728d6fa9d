// Problem 18, files that clients keep copies of: what is read is what was written last, and a
// client that is lost keeps nobody from writing.
#include <deque>

#include "problems/callbacks.hpp"
#include "problems/leases.hpp"
#include "problems/lent.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using namespace std::chrono_literals;

constexpr int clients = 3;
constexpr auto term = 3ms;
constexpr auto patience = 10s;  // more than who lives needs

void play_leases(stage& s, bool one_is_lost) {
  const int rounds = s.scaled(40);
  cache_log log;
  staged<lease_server, far_leases> server{s, log, term};
  server.publish(&lease_server::read, &lease_server::write);
  server.start(server->server(s.home()));
  for (int c = 1; c <= clients; ++c) {
    s.add(
        "client " + std::to_string(c),
        [&, c](auto& seen) -> task<> {
          lease_cache cache{s, seen, log, c};
          co_await use_cache(
              s, log, c, rounds, [&](block b) { return cache.read(b); },
              [&](block b, std::int32_t value) { return cache.write(b, value); });
        },
        server);
  }
  if (one_is_lost) {
    s.add(
        "who comes after the lost one",
        [&](auto& seen) -> task<> {
          const auto asked = s.home().clock_now();
          const leased got = co_await s.call(seen.read, clients + 1, 0);
          co_await s.call(seen.write, clients + 2, 0, -1);
          require(s.home().clock_now() >= asked + std::chrono::nanoseconds{got.term},
                  "what a lost client was allowed is kept");
        },
        server);
  }
  s.play();
  check_single_copy(log.events());
}

callbacks shown(lent<callback_server>& server) {
  return {.enlist = server.lend(&callback_server::enlist),
          .read = server.lend(&callback_server::read),
          .write = server.lend(&callback_server::write)};
}

/// Has a copy of block 0, and is never heard of again.
struct lost_client : module {
  op<void(block)> forget{this};
};

task<> get_lost(stage& s, const callbacks& server, lost_client& lost) {
  const std::int32_t self = co_await s.call(server.enlist, cap<void(block)>{lost.forget});
  co_await s.call(server.read, self, 0);
}

void play_callbacks(stage& s, bool some_are_lost) {
  const int rounds = s.scaled(80);
  cache_log log;
  lent<callback_server> server{s, "file server", log, patience};
  server.start(server->server());
  const callbacks seen = shown(server);
  std::deque<lent<callback_cache>> caches;
  lent<lost_client> mute{s, "lost client"};
  auto gone = std::make_unique<lost_client>();
  if (some_are_lost) {
    s.add("who sees two lost", [&]() -> task<> {
      if (s.simulated()) co_await get_lost(s, seen, *mute);
      co_await get_lost(s, seen, *gone);
      gone.reset();
      co_await s.call(seen.write, 0, 0, -1);
    });
  }
  for (int c = 1; c <= clients; ++c) {
    callback_cache& cache = *caches.emplace_back(s, "cache " + std::to_string(c), seen, log);
    cache.start(s.home());
    s.add("client " + std::to_string(c), [&, c]() -> task<> {
      co_await s.call(cap<void()>{cache.enlist});
      co_await use_cache(
          s, log, c, rounds,
          [&](block b) { return s.call(cap<std::int32_t(block)>{cache.read}, b); },
          [&](block b, std::int32_t value) {
            return s.call(cap<void(block, std::int32_t)>{cache.write}, b, value);
          });
    });
  }
  s.play();
  check_single_copy(log.events());
  require(server->clients() == clients, "the lost ones are forgotten");
}

class FileCache : public ::testing::TestWithParam<setting> {};

TEST_P(FileCache, ReadsWhatWasWrittenLastByLeases) {
  perform(GetParam(), [](stage& s) { play_leases(s, false); });
}

TEST_P(FileCache, IsWrittenWhenTheLeaseOfALostClientHasEnded) {
  perform(GetParam(), [](stage& s) { play_leases(s, true); });
}

class FileCacheByCallbacks : public ::testing::TestWithParam<setting> {};

TEST_P(FileCacheByCallbacks, ReadsWhatWasWrittenLast) {
  perform(GetParam(), [](stage& s) { play_callbacks(s, false); });
}

TEST_P(FileCacheByCallbacks, IsWrittenThoughSomeNeverForget) {
  perform(GetParam(), [](stage& s) { play_callbacks(s, true); });
}

INSTANTIATE_TEST_SUITE_P(In, FileCacheByCallbacks, every_setting, name_of_setting);

TEST(FileCacheByLeases, AsksTheServerOnceWhileNobodyWrites) {
  perform(setting::simulated, [](stage& s) {
    cache_log log;
    staged<lease_server, far_leases> server{s, log, term};
    server.publish(&lease_server::read, &lease_server::write);
    server.start(server->server(s.home()));
    s.add("reader", [&]() -> task<> {
      lease_cache cache{s, *server, log, 1};
      for (int i = 0; i < 4; ++i) co_await cache.read(0);
    });
    s.play();
    require(check_single_copy(log.events()) == 3, "the others are answered here");
  });
}

INSTANTIATE_TEST_SUITE_P(In, FileCache, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
