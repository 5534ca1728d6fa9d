// A lock server for programs in any language: a process that waits in an input statement, whose
// operations are procedures. With an address it serves until it is killed: client.c is for that.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <stop_token>
#include <tryst/bridge/publish.hpp>
#include <tryst/bridge/remote_operation.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

#include "locks.hpp"

struct lock_server : tryst::module {
  tryst::op<std::uint32_t(tryst::caller, std::string)> acquire{this};
  tryst::op<void(std::uint32_t)> release{this};

  struct holder {
    holder(std::string lock, const tryst::caller& who, std::function<void()> give_back)
        : name{std::move(lock)}, gone{who.connection_lost, std::move(give_back)} {}

    std::string name;
    std::stop_callback<std::function<void()>> gone;  // with its connection: then it holds nothing
  };

  tryst::task<> run() {
    std::map<std::uint32_t, holder> held;
    std::uint32_t last = 0;
    const auto is_free = [&](const tryst::caller&, const std::string& name) {
      return std::ranges::none_of(held, [&](const auto& h) { return h.second.name == name; });
    };
    const auto grant = [&](const tryst::caller& who, const std::string& name) {
      const std::uint32_t ticket = ++last;
      held.try_emplace(ticket, name, who, [this, ticket] { release.send_if_open(ticket); });
      return ticket;
    };
    for (;;) {
      co_await in(
          accept(acquire).such_that(is_free) >> grant,
          accept(release) >> [&](std::uint32_t ticket) { held.erase(ticket); });
    }
  }
};

// The same seen from another program: who calls cannot tell how far away it is.
struct far_locks : tryst::remote_module<locks::LOCKS_V1> {
  using remote_module::remote_module;
  tryst::remote_op<locks::LOCKS_V1::ACQUIRE> acquire{this};
  tryst::remote_op<locks::LOCKS_V1::RELEASE> release{this};
};

void use(tryst::loop& loop, const std::string& where) {
  tryst::rpc::client one{loop, where};
  far_locks of_one{one};
  const std::uint32_t ticket = of_one.acquire("door").wait();
  {
    tryst::rpc::client two{loop, where};
    of_one.release.send(ticket);
    std::cout << "two has ticket " << far_locks{two}.acquire("door").wait() << '\n';
  }  // and is gone
  std::cout << "one has ticket " << of_one.acquire("door").wait() << '\n';
}

int main(int argc, char** argv) {
  lock_server desk;
  tryst::loop_thread loop;
  tryst::rpc::server server{loop};
  tryst::publish<locks::LOCKS_V1>(server, desk, &lock_server::acquire, &lock_server::release);
  desk.start(loop.get(), desk.run());
  const auto where = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:0").text();
  if (argc > 1) {
    std::cout << where << std::endl;
  } else {
    use(loop, where);
    desk.close();
  }
  desk.join();
}
