// bench.x served by tryst, as anybody would: a class, a loop, a server.
//
//   --listen ADDRESS   --allocations FILE (where heap allocations are counted)
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>
#include <tryst/rpc/service.hpp>

#include "bench.hpp"
#include "count_allocations.hpp"
#include "sockets.hpp"

namespace {

struct service {
  std::uint32_t ADD(bench::pair p) { return p.a + p.b; }
  bench::payload ECHO(bench::payload bytes) { return bytes; }
};

}  // namespace

int main(int argc, char** argv) {
  bench::options given{argc, argv};
  bench::shared_counter allocations{given.text("--allocations")};
  bench::count_allocations_in(allocations);
  tryst::epoll_loop loop;
  tryst::rpc::server server{loop};
  server.serve<bench::BENCH_V1>(service{}, {.policy = tryst::rpc::inline_});
  const auto bound = server.listen(given.text("--listen", "tcp://127.0.0.1:0"));
  bench::announce_ready(bound.text());
  loop.run();
}
