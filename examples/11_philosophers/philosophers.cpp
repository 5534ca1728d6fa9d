// Five philosophers and a waiter: who is hungry gets both forks at once, when neither neighbour has
// one of them. The guard looks at who asks, so that the others are served past one who must wait.
#include <array>
#include <atomic>
#include <cstddef>
#include <iostream>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <vector>

constexpr std::size_t seats = 5;
constexpr int meals = 1000;

constexpr std::size_t left_of(std::size_t seat) { return (seat + seats - 1) % seats; }
constexpr std::size_t right_of(std::size_t seat) { return (seat + 1) % seats; }

struct waiter : tryst::module {
  tryst::op<void(std::size_t)> get_forks{this};
  tryst::op<void(std::size_t)> put_forks{this};

  tryst::task<> server() {
    std::array<bool, seats> eats{};
    const auto neighbours_think = [&](std::size_t seat) {
      return !eats[left_of(seat)] && !eats[right_of(seat)];
    };
    for (;;) {
      co_await in(
          accept(get_forks).such_that(neighbours_think) >>
              [&](std::size_t seat) { eats[seat] = true; },
          accept(put_forks) >> [&](std::size_t seat) { eats[seat] = false; });
    }
  }
};

int main() {
  tryst::loop_thread loop;
  waiter table;
  table.start(loop.get(), table.server());

  std::array<std::atomic<bool>, seats> eats{};
  std::atomic<int> together = 0;
  const auto philosopher = [&](std::size_t seat) {
    for (int i = 0; i < meals; ++i) {
      table.get_forks(seat).wait();
      eats[seat] = true;
      if (eats[left_of(seat)] || eats[right_of(seat)]) ++together;
      eats[seat] = false;
      table.put_forks(seat).wait();
    }
  };
  {
    std::vector<std::jthread> philosophers;
    for (std::size_t seat = 0; seat < seats; ++seat) philosophers.emplace_back(philosopher, seat);
  }
  std::cout << seats << " philosophers ate " << meals << " times each, beside a neighbour "
            << together << " times\n";

  table.close();
  table.join();
}
