// says within 10 lines: tryst: when() takes a bool
#include <tryst/rendezvous/in.hpp>

struct counter : tryst::module {
  tryst::op<void(int)> add{this};
  tryst::op<void()> stop{this};

  tryst::task<> server() {
    int sum = 0;
    co_await in(accept(add).when(stop.pending()) >> [&](int n) { sum += n; });  // here
  }
};
