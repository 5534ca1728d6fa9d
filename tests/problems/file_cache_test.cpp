// Problem 18, files that clients keep copies of: what is read is what was written last, and a
// client that is lost keeps nobody from writing.
#include "problems/leases.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using namespace std::chrono_literals;

constexpr int clients = 3;
constexpr auto term = 3ms;

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

class FileCache : public ::testing::TestWithParam<setting> {};

TEST_P(FileCache, ReadsWhatWasWrittenLastByLeases) {
  perform(GetParam(), [](stage& s) { play_leases(s, false); });
}

TEST_P(FileCache, IsWrittenWhenTheLeaseOfALostClientHasEnded) {
  perform(GetParam(), [](stage& s) { play_leases(s, true); });
}

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
