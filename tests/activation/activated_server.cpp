// Serves CALC on whatever sockets systemd passes, and says nothing.

#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>

#include "support/calculator.hpp"

int main() {
  tryst::epoll_loop loop;
  tryst::rpc::server server{loop};
  server.serve<calc::CALC_V1>(tryst::tests::calculator{});
  if (server.listen_activated().empty()) return 1;
  loop.run();
}
