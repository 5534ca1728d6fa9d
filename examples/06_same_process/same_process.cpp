// The same without a wire: whoever uses a stub cannot tell how far away the service is.
#include <iostream>
#include <numeric>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/local_caller.hpp>
#include <tryst/rpc/memory_transport.hpp>
#include <tryst/rpc/server.hpp>
#include <utility>
#include <vector>

#include "calc.hpp"

struct calculator {
  std::int64_t SUM(const std::vector<std::int64_t>& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
  }
};

// Any caller will do: a client, or this very process.
template <class Caller>
void use(const char* how, Caller& caller) {
  typename calc::CALC_V1::template stub<Caller> calc{caller};
  std::cout << how << ": " << calc.SUM({1, 2, 3}).get();
  const auto too_many = calc.SUM(std::vector<std::int64_t>(17), tryst::rpc::as_result).get();
  std::cout << ", and 17 numbers: " << too_many.error().code.message() << '\n';
}

int main() {
  tryst::loop_thread loop;

  // The handler is called: arguments are moved, nothing is encoded, bounds hold all the same.
  tryst::rpc::local_caller neighbour{loop.get(),
                                     tryst::rpc::make_service<calc::CALC_V1>(calculator{})};
  use("directly", neighbour);

  // The same bytes as on a wire, without a socket: for tests of both ends at once.
  tryst::rpc::server server{loop};
  server.serve<calc::CALC_V1>(calculator{});
  auto [near, far] = tryst::rpc::memory_pair(loop, loop);
  tryst::run_on(loop, [&] { server.serve_connection(loop, std::move(far)); });
  tryst::rpc::client client{loop, std::move(near)};
  use("through memory", client);
}
