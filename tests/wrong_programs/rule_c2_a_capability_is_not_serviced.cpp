// says within 10 lines: tryst: a capability invokes; the module that owns the operation services it
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>

struct counter : tryst::module {
  tryst::op<void(int)> add{this};

  tryst::task<> server(tryst::cap<void(int)> of_another) {
    co_await in(accept(of_another) >> [](int) {});  // here
  }
};
