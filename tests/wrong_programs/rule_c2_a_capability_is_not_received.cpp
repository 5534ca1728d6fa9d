// says within 10 lines: tryst: a capability invokes; the module that owns the operation services it
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>

tryst::task<> server(tryst::cap<void(int)> of_another) {
  auto [n] = co_await receive(of_another);  // here
  static_cast<void>(n);
}
