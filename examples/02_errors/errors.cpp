// What can go wrong: results that are no success, and calls that have no result.
#include <asio/use_future.hpp>
#include <future>
#include <iostream>
#include <optional>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "calc.hpp"

struct calculator {
  calc::quotient DIVIDE(std::int32_t a, std::int32_t b) {
    calc::quotient result;
    if (b == 0) {
      result.set_reason("division by zero");
    } else {
      result.set_value(a / b);
    }
    return result;
  }
  std::int32_t LENGTH(const std::string& word) { return static_cast<std::int32_t>(word.size()); }
  // Takes the call and owes the answer.
  void PONDER(tryst::rpc::reply<std::int32_t> answer) {
    owed->emplace(std::move(answer));
    pondering->set_value();
  }

  std::optional<tryst::rpc::reply<std::int32_t>>* owed;
  std::promise<void>* pondering;
};

void tell(const char* what, const std::error_code& error) {
  const bool refused = error == tryst::outcome::refused;
  const bool not_executed = error == tryst::outcome::not_executed;
  std::cout << what << ": "
            << (refused        ? "refused"
                : not_executed ? "not executed"
                               : "unknown")
            << " (" << error.message() << ")\n";
}

int main() {
  tryst::loop_thread loop;  // an epoll_loop and the thread that runs it
  std::optional<tryst::rpc::reply<std::int32_t>> owed;
  std::promise<void> pondering;
  auto server = std::make_optional<tryst::rpc::server>(loop.get());
  server->serve<calc::CALC_V1>(calculator{&owed, &pondering});
  tryst::rpc::client client{loop, server->listen("tcp://127.0.0.1:0").text()};
  calc::CALC_V1::stub calc{client};

  // A result as the interface sees it. The accessor of the other arm returns null.
  const calc::quotient none = calc.DIVIDE(7, 0).get();
  std::cout << "7 / 0: " << *none.reason() << '\n';

  // The server said no. as_result gives an expected instead of an exception, with the detail.
  calc::CALC_V2::stub newer{client};
  const auto root = newer.ROOT(9, tryst::rpc::as_result).get();
  tell("version 2", root.error().code);
  std::cout << "  it has versions " << root.error().low << " to " << root.error().high << '\n';

  // Nothing left this machine: a bound of the .x does not hold, and nobody listens.
  try {
    calc.LENGTH("a word of more than eight letters").get();
  } catch (const tryst::call_error& failed) {
    tell("long word", failed.code());
  }
  tryst::rpc::client lonely{loop, "unix:@tryst.example.nobody"};
  tell("nobody", calc::CALC_V1::stub{lonely}.LENGTH("x", tryst::rpc::as_result).get().error().code);

  // The server got the call and went away. Whether it ran, nobody can say.
  auto pondered = calc.PONDER(asio::use_future);
  pondering.get_future().wait();
  tryst::run_on(loop, [&] { server.reset(); });
  try {
    pondered.get();
  } catch (const std::system_error& failed) {
    tell("lost server", failed.code());
  }
}
