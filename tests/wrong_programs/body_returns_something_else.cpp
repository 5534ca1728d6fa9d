// says within 10 lines: tryst: body does not fit the operation: it returns something else
#include <string>
#include <tryst/rendezvous/in.hpp>

struct counter : tryst::module {
  tryst::op<int()> total{this};

  tryst::task<> server() {
    co_await in(accept(total) >> [] { return std::string{"many"}; });  // here
  }
};
