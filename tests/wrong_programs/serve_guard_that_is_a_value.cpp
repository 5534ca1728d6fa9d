// says within 10 lines: tryst: a guard of serve() is a function
#include <tryst/rendezvous/serve.hpp>

struct counter : tryst::module {
  tryst::op<void(int)> add{this};
  int sum = 0;

  counter() {
    serve(*this, accept(add).when(sum < 10) >> [this](int n) { sum += n; });  // here
  }
};
