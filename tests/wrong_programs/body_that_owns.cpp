// says within 10 lines: tryst: a closure that owns something must have a name
#include <string>
#include <tryst/rendezvous/in.hpp>

struct counter : tryst::module {
  tryst::op<std::string()> name{this};

  tryst::task<> server() {
    const std::string text = "a counter of things";
    co_await in(accept(name) >> [text] { return text; });  // here
  }
};
