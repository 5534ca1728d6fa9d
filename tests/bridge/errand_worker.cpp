// A process of its own that does errands: `errand_worker ADDRESS` serves them there, says where
// that is, and goes on until it is killed.
#include <unistd.h>

#include <iostream>
#include <optional>
#include <tryst/bridge/cap_exchange.hpp>
#include <tryst/bridge/publish.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

#include "errands.hpp"

namespace {

using errands::ERRANDS_V1;
using tryst::cap;

struct worker : tryst::module {
  tryst::op<void(std::int32_t, cap<void(std::int32_t)>)> square{this};
  tryst::op<void(tryst::caller, errands::errands)> run{this};
  tryst::op<cap<std::int32_t(std::int32_t)>()> counter{this};
  tryst::op<void()> close_counter{this};
  tryst::op<cap<void(std::int32_t)>(cap<void(std::int32_t)>)> echo{this};
  tryst::op<std::int32_t(cap<std::int32_t(std::int32_t)>, std::int32_t)> ask{this};
  tryst::op<std::int32_t(cap<std::int32_t(std::int32_t)>, std::int32_t)> relay{this};

  tryst::task<> server(tryst::cap_exchange& caps) {
    using adder = std::int32_t(std::int32_t);
    for (;;) {
      co_await in(
          accept(square) >>
              [](std::int32_t n, const cap<void(std::int32_t)>& answer) { answer.send(n * n); },
          accept(run) >>
              [&](const tryst::caller& from, const errands::errands& all) {
                for (const errands::errand& each : all) {
                  caps.take<void(std::int32_t)>(each.answer, from.where)
                      .value()
                      .send(each.number * each.number);
                }
              },
          accept(counter) >> [&] { return cap<adder>{*add}; },
          accept(close_counter) >> [&] { add.reset(); },
          accept(echo) >> [](cap<void(std::int32_t)> back) { return back; },
          accept(ask) >> [](cap<adder> whom, std::int32_t n) -> tryst::task<std::int32_t> {
            try {
              co_return co_await whom(n);
            } catch (const tryst::call_error& error) {
              co_return -error.code().value();
            }
          },
          accept(relay) >> [](tryst::call<std::int32_t(cap<adder>, std::int32_t)>& c,
                              const cap<adder>& whom, std::int32_t n) { c.forward(whom, n); });
    }
  }

  tryst::task<> count() {
    for (std::int32_t sum = 0; add;) {
      co_await in(accept(*add) >> [&](std::int32_t n) { return sum += n; });
    }
  }

  std::optional<tryst::op<std::int32_t(std::int32_t)>> add{this};
};

}  // namespace

int main(int, char** argv) {
  worker w;
  tryst::loop_thread home;
  tryst::rpc::server server{home};
  tryst::cap_exchange caps{home.get(), server};
  tryst::publish<ERRANDS_V1>(server, w, tryst::publish_options{.caps = caps}, &worker::square,
                             &worker::run, &worker::counter, &worker::close_counter, &worker::echo,
                             &worker::ask, &worker::relay);
  const tryst::rpc::address where = server.listen(argv[1]);
  caps.reachable_at(where);
  w.start(home.get(), w.server(caps));
  w.start(home.get(), w.count());
  std::cout << "at " << where.text() << std::endl;
  for (;;) ::pause();
}
