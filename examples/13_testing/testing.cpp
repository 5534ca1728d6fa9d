// A test of one's own modules: a loop that draws who runs next from a seed, so that a hundred seeds
// are a hundred orders, each of which can be played again. Two philosophers who take their left
// fork first dine well in most orders. The test finds the one in which they starve, makes it as
// short as it goes, and says who waits for whom.
#include <iostream>
#include <sstream>
#include <string>
#include <tryst/rendezvous/in.hpp>
#include <tryst/testing/explore.hpp>
#include <tryst/testing/quiescence.hpp>

struct dinner_fork : tryst::module {
  tryst::op<void()> take{this};
  tryst::op<void()> put{this};

  tryst::task<> server() {
    for (;;) {
      co_await receive(take);
      co_await receive(put);
    }
  }
};

tryst::task<> dine(dinner_fork& first, dinner_fork& second) {
  co_await first.take();
  co_await second.take();
  co_await first.put();
  co_await second.put();
}

void dinner(tryst::testing::seeded_loop& l, bool all_left_handed) {
  dinner_fork ivory;
  dinner_fork silver;
  tryst::testing::quiescence end{l};
  end.name(ivory, "ivory");
  end.name(ivory.take, "take");
  end.name(ivory.put, "put");
  end.name(silver, "silver");
  end.name(silver.take, "take");
  end.name(silver.put, "put");
  ivory.start(l.as("the ivory fork"), ivory.server());
  silver.start(l.as("the silver fork"), silver.server());

  l.begin("Kant", [&] { return dine(ivory, silver); });
  l.begin("Plato", [&] { return all_left_handed ? dine(silver, ivory) : dine(ivory, silver); });
  l.run();      // until nothing is left to do
  end.check();  // throws if somebody waits for ever
}

int main() {
  namespace testing = tryst::testing;
  std::ostringstream told;  // the seed that fails, and the tape that plays it again
  const testing::exploration how{.seeds = {1, 100}, .told = &told};

  const auto both = testing::explore(how, [](auto& l) { dinner(l, true); });
  std::cout << "each takes the left one first: "
            << (both ? "no seed fails" : both.found->failure_of_shrunk) << '\n';

  const auto one = testing::explore(how, [](auto& l) { dinner(l, false); });
  std::cout << "one of them takes the right one first: "
            << (one ? "no seed fails" : one.found->failure_of_shrunk) << '\n';
}
