// Not for ever: every call has a deadline, and a handler that waits is a coroutine.
#include <chrono>
#include <coroutine>
#include <iostream>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "oracle.hpp"

using namespace std::chrono_literals;

// co_await after{loop, 100ms}: a timer of the loop, as something to wait for.
class after final : public tryst::timer {
public:
  after(tryst::loop& loop, tryst::loop::duration time) : loop_{loop}, time_{time} {}

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    loop_.arm(*this, loop_.now() + time_);
  }
  void await_resume() const {}

private:
  void expired() noexcept override { waiting_.resume(); }

  tryst::loop& loop_;
  tryst::loop::duration time_;
  std::coroutine_handle<> waiting_;
};

struct slow_oracle {
  // While one call waits here the server goes on with others.
  tryst::task<std::string> ASK(std::string question) {
    co_await after{*loop, 300ms};
    co_return question + " 42.";
  }

  tryst::loop* loop;
};

int main() {
  tryst::loop_thread loop;
  tryst::rpc::server server{loop};
  server.serve<oracle::ORACLE_V1>(slow_oracle{&loop.get()});
  tryst::rpc::client client{loop, server.listen("tcp://127.0.0.1:0").text()};
  oracle::ORACLE_V1::stub asked{client};

  const auto hasty =
      asked.ASK("What?", tryst::rpc::call_options{.deadline = 50ms}, tryst::rpc::as_result).get();
  std::cout << "after 50 ms: " << hasty.error().code.message() << '\n';
  const bool unknown = hasty.error().code == tryst::outcome::unknown;
  std::cout << "did it run? " << (unknown ? "unknown\n" : "known\n");

  std::cout << asked.ASK("What?", tryst::rpc::call_options{.deadline = 20s}).get() << '\n';
}
