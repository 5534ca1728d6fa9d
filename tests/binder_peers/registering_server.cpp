// Registers CALC with the binder of its host, and serves it until it is ended.
#include <iostream>
#include <tryst/binder/announcement.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"

int main() {
  tryst::epoll_loop loop;
  tryst::rpc::server server{loop};
  server.serve<calc::CALC_V1>(tryst::tests::calculator{});
  std::vector<tryst::rpc::address> where;
  for (const char* text : {"tcp://0.0.0.0:0", "udp://0.0.0.0:0", "tcp://[::]:0", "udp://[::]:0"}) {
    where.push_back(server.listen(text));
  }
  const tryst::binder::announcement known{server, where};
  std::cout << "registered" << std::endl;
  loop.run();
}
