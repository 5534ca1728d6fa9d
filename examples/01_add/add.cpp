// A call: an interface, a class that serves it, and a client, in one program over TCP.
#include <iostream>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "calc.hpp"

struct calculator {
  std::int32_t ADD(calc::pair p) { return p.a + p.b; }
};

int main() {
  tryst::epoll_loop loop;
  tryst::rpc::server server{loop};
  server.serve<calc::CALC_V1>(calculator{});
  const auto address = server.listen("tcp://127.0.0.1:0");  // any free port
  std::jthread running{[&] { loop.run(); }};

  tryst::rpc::client client{loop, address.text()};
  calc::CALC_V1::stub calc{client};
  std::cout << "2 + 3 = " << calc.ADD({2, 3}).get() << '\n';

  loop.stop();
}
