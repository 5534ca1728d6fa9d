// says within 10 lines: tryst: body does not fit the operation: its parameters
#include <string>
#include <tryst/rendezvous/in.hpp>

struct counter : tryst::module {
  tryst::op<void(int)> add{this};

  tryst::task<> server() {
    int sum = 0;
    co_await in(accept(add) >> [&](std::string n) { sum += static_cast<int>(n.size()); });  // here
  }
};
