// says within 10 lines: tryst: a body of serve() is no coroutine
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/serve.hpp>

struct relay : tryst::module {
  tryst::op<void(int)> put{this};
  tryst::op<void(int)> on{this};

  relay() {
    serve(*this, accept(put) >> [this](int n) -> tryst::task<> { co_await on(n); });  // here
  }
};
