// says within 20 lines: tryst: an operation that is called from elsewhere has parameters and a
// result
#include <map>
#include <tryst/bridge/cap_exchange.hpp>

struct shop : tryst::module {
  tryst::op<void(std::map<int, int>)> order{this};
};

void give_away(tryst::cap_exchange& caps, shop& s) {
  caps.give(s.order);  // here
}
