// bench.x called through tryst's typed stub: a closed loop of coroutines on one loop, each with one
// call outstanding. They all share the connection, or have one each.
//
//   --connect ADDRESS --connections N --outstanding N --payload BYTES (0: ADD) --counter FILE
#include <cstdio>
#include <deque>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "bench.hpp"
#include "sockets.hpp"

namespace {

using stub = bench::BENCH_V1::stub<tryst::rpc::client>;

[[noreturn]] void wrong() {
  std::fputs("a result is wrong\n", stderr);
  std::exit(1);
}

tryst::task<> add_for_ever(stub calls, bench::shared_counter& made) {
  for (std::uint32_t i = 0;; ++i) {
    if (co_await calls.ADD({i, 7}) != i + 7) wrong();
    made.add(1);
  }
}

tryst::task<> echo_for_ever(stub calls, std::size_t size, bench::shared_counter& made) {
  bench::payload bytes(size, std::byte{0x5a});
  for (;;) {
    // The bytes go out and come back, and go out again: nobody copies them here.
    bytes = co_await calls.ECHO(std::move(bytes));
    if (bytes.size() != size || bytes.front() != std::byte{0x5a}) wrong();
    made.add(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::options given{argc, argv};
  bench::shared_counter made{given.text("--counter")};
  const std::size_t payload = given.number("--payload", 0);
  tryst::epoll_loop loop;
  std::deque<tryst::rpc::client> clients;
  for (std::size_t i = 0; i < given.number("--connections", 1); ++i) {
    clients.emplace_back(loop, given.text("--connect"));
    for (std::size_t j = 0; j < given.number("--outstanding", 1); ++j) {
      stub calls{clients.back()};
      tryst::spawn(loop,
                   payload == 0 ? add_for_ever(calls, made) : echo_for_ever(calls, payload, made),
                   [](std::exception_ptr why) {
                     try {
                       std::rethrow_exception(why);
                     } catch (const std::exception& failed) {
                       std::fprintf(stderr, "%s\n", failed.what());
                       std::exit(1);
                     }
                   });
    }
  }
  bench::announce_ready();
  loop.run();
}
