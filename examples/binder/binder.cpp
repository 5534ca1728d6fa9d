// Where a server is: it is told to a binder, and asked of it. Nobody names a port.
#include <unistd.h>

#include <iostream>
#include <string>
#include <tryst/binder/announcement.hpp>
#include <tryst/binder/binder.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "calc.hpp"

struct calculator {
  int ADD(int a, int b) { return a + b; }
};

int main() {
  tryst::loop_thread loop;

  // A binder of our own, so that the example needs neither root nor a daemon. A program that leaves
  // `at` out is known to the binder of its host.
  tryst::binder::binder book;
  tryst::rpc::server binder_server{loop};
  book.serve_in(binder_server.services());
  const auto at =
      binder_server.listen("unix:@tryst.example.binder." + std::to_string(::getpid())).text();

  tryst::binder::binder_client asked{loop, at};
  const auto find = [&] {
    return tryst::run(loop, asked.find(calc::CALC_V1::id, tryst::binder::netid::tcp));
  };
  {
    tryst::rpc::server server{loop};
    server.serve<calc::CALC_V1>(calculator{});
    const auto tcp = server.listen("tcp://127.0.0.1:0");
    const tryst::binder::announcement known{server, {tcp}, {.registration = {.at = at}}};

    tryst::rpc::client client{loop, find().value().text()};
    std::cout << "2 + 3 = " << calc::CALC_V1::stub{client}.ADD(2, 3).get() << '\n';
  }
  // The server has ended, and its entry with it; what we remember of it is of no more use.
  asked.forget(calc::CALC_V1::id);
  std::cout << "later: " << find().error().text() << '\n';
}
