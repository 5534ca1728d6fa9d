// Processes, as far as capabilities see them: each a server with an exchange of its own.
#pragma once

#include <string_view>
#include <thread>
#include <tryst/bridge/cap_exchange.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

namespace tryst::bridge_test {

struct exchanging {
  explicit exchanging(std::string_view at = "tcp://127.0.0.1:0", exchange_options options = {})
      : caps{home.get(), server, std::move(options)}, where{server.listen(at)} {
    caps.reachable_at(where);
  }

  loop_thread home;
  rpc::server server{home};
  cap_exchange caps;
  rpc::address where;
};

/// A module with a process on a loop of its own.
struct desk : module {
  op<int(int)> square{this};
  op<void(std::string)> note{this};
  op<void(int, cap<void(int)>)> errand{this};

  std::atomic<int> noted = 0;

  task<> server() {
    for (;;) {
      co_await in(
          accept(square) >> [](int n) { return n < 0 ? throw std::domain_error{"below"} : n * n; },
          accept(note) >> [&](const std::string&) { ++noted; },
          accept(errand) >>
              [](int n, const cap<void(int)>& answer) {
                if (answer) answer.send(n + 1);
              });
    }
  }
};

class open_desk {
public:
  open_desk() { desk_.start(home_.get(), desk_.server()); }
  open_desk(const open_desk&) = delete;
  open_desk& operator=(const open_desk&) = delete;
  ~open_desk() {
    desk_.close();
    desk_.join();
  }

  desk& operator*() noexcept { return desk_; }
  desk* operator->() noexcept { return &desk_; }

private:
  desk desk_;
  loop_thread home_;
};

}  // namespace tryst::bridge_test
