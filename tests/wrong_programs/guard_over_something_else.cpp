// says within 10 lines: tryst: such_that() does not fit the operation
#include <string>
#include <tryst/rendezvous/in.hpp>

struct counter : tryst::module {
  tryst::op<void(int)> add{this};

  tryst::task<> server() {
    int sum = 0;
    co_await in(accept(add).such_that([](const std::string& n) { return n.empty(); }) >>  // here
                [&](int n) { sum += n; });
  }
};
