// Two ways to invoke and two ways to service make four, of one declaration: who invokes `put`
// cannot tell how it is serviced, and who services it not how it was invoked.
//
//                 a proc               an input statement
//   call          procedure call       rendezvous
//   send          a new process        a message
#include <iostream>
#include <string>
#include <string_view>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>

struct by_proc : tryst::module {
  tryst::op<void(std::string)> put{this, &by_proc::do_put};

  tryst::task<> do_put(std::string what) {
    std::cout << "  a process for " << what << '\n';
    co_return;
  }
};

struct by_statement : tryst::module {
  tryst::op<void(std::string)> put{this};

  tryst::task<> server() {
    for (;;) {
      co_await in(accept(put) >> [](const std::string& what) {
        std::cout << "  the process takes " << what << '\n';
      });
    }
  }
};

// Whatever `put` is serviced by.
tryst::task<> use(tryst::op<void(std::string)>& put) {
  co_await put("a call");
  std::cout << "  and its caller goes on behind it\n";
  put.send("a send");
  std::cout << "  the sender goes on at once\n";
  co_await put("another call");  // services have taken the send before
}

int main() {
  tryst::loop_thread loop;
  const auto play = [&](std::string_view what, auto& module) {
    std::cout << what << '\n';
    run(loop.get(), use(module.put));
    module.close();
    module.join();
  };

  by_proc procs;
  procs.start(loop.get());
  play("a proc:", procs);

  by_statement statements;
  statements.start(loop.get(), statements.server());
  play("an input statement:", statements);
}
