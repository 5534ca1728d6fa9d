// A server and a client of it in one program, over a TCP connection to itself.
#include "greeter.hpp"

#include <iostream>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

struct doorman {
  std::uint32_t guests = 0;

  greeter::greeting GREET(const greeter::guest& g) {
    return {(g.morning ? "Good morning, " : "Good evening, ") + g.name + ".", ++guests};
  }
};

int main() {
  tryst::epoll_loop loop;
  tryst::rpc::server server{loop};
  server.serve<greeter::GREETER_V1>(doorman{});
  const auto address = server.listen("tcp://127.0.0.1:0");
  std::jthread running{[&] { loop.run(); }};

  tryst::rpc::client client{loop, address.text()};
  const auto answer = greeter::GREETER_V1::stub{client}.GREET({"Ada", true}).get();
  std::cout << answer.text << ' ' << answer.guests << " guest so far.\n";
  loop.stop();
}
