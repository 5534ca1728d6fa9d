// says within 20 lines: tryst: a capability invokes; only the module that owns an operation
// services it
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>

void serve(const tryst::cap<void(int)>& elsewhere) {
  tryst::accept(elsewhere);  // here
}
