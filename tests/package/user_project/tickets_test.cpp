// A capability that a server gives its caller, by an interface of one's own that includes tryst's.
#include "tickets.hpp"

#include <tryst/bridge/cap_exchange.hpp>
#include <tryst/bridge/publish.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <tryst/rpc/client.hpp>

using tickets::TICKETS_V1;

struct box_office : tryst::module {
  tryst::op<tryst::cap<std::uint32_t()>()> seller{this, &box_office::do_seller};
  tryst::op<std::uint32_t()> sell{this, &box_office::do_sell};
  std::uint32_t sold = 0;

  tryst::cap<std::uint32_t()> do_seller() { return sell; }
  std::uint32_t do_sell() { return ++sold; }
};

int main() {
  tryst::loop_thread home;
  box_office office;
  tryst::rpc::server server{home};
  tryst::cap_exchange caps{home.get(), server};
  tryst::publish<TICKETS_V1>(server, office, tryst::publish_options{.caps = caps},
                             &box_office::seller);
  const auto where = server.listen("tcp://127.0.0.1:0");
  caps.reachable_at(where);
  office.start(home.get());

  tryst::loop_thread elsewhere;
  tryst::rpc::client client{elsewhere.get(), where.text()};
  tryst::cap_exchange theirs{elsewhere.get()};
  const auto named = TICKETS_V1::stub{client}.SELLER().get();
  const auto sell = theirs.take<std::uint32_t()>(named, where).value();
  const bool in_turn = sell().wait() == 1 && sell().wait() == 2;
  office.close();
  office.join();
  return in_turn ? 0 : 1;
}
