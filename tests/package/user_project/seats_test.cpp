// A module of one's own, and its test with tryst::testing.
#include <tryst/rendezvous/in.hpp>
#include <tryst/testing/explore.hpp>
#include <tryst/testing/quiescence.hpp>

struct seats : tryst::module {
  tryst::op<int()> take{this};
  int taken = 0;

  tryst::task<> attendant() {
    for (;;) {
      co_await in(accept(take) >> [this] { return ++taken; });
    }
  }
};

int main() {
  const auto outcome = tryst::testing::explore({}, [](tryst::testing::seeded_loop& l) {
    seats house;
    tryst::testing::quiescence end{l};
    end.name(house, "house");
    house.start(l.as("attendant"), house.attendant());
    int sum = 0;
    for (const char* guest : {"Ann", "Bob"}) {
      l.begin(guest, [&]() -> tryst::task<> { sum += co_await house.take(); });
    }
    l.run();
    end.check();
    tryst::testing::require(sum == 3, "each guest has a seat of their own");
  });
  return outcome ? 0 : 1;
}
