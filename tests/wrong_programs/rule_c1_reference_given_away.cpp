// says within 20 lines: tryst: an operation with reference parameters cannot be called from
// elsewhere
#include <string>
#include <tryst/bridge/cap_exchange.hpp>

struct shop : tryst::module {
  tryst::op<void(std::string&)> order{this};
};

void give_away(tryst::cap_exchange& caps, shop& s) {
  caps.give(s.order);  // here
}
