// An allocator: who asks for more than there is waits, the most urgent is served first, and whoever
// has waited for too long gives up. A call that gave up leaves the queue: nothing is granted to it.
#include <chrono>
#include <iostream>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

using namespace std::chrono_literals;

struct allocator : tryst::module {
  tryst::op<void(int units, int urgency)> request{this};
  tryst::op<void(int units)> release{this};

  tryst::task<> server(int units) {
    int free = units;
    for (;;) {
      co_await in(
          accept(request)
                  .such_that([&](int wanted, int) { return wanted <= free; })
                  .by([](int, int urgency) { return -urgency; }) >>
              [&](int granted, int) { free -= granted; },
          accept(release) >> [&](int returned) { free += returned; });
    }
  }
};

// `told` is an operation of somebody's own, handed over as a value.
tryst::task<> want(allocator& from, std::string who, int urgency,
                   tryst::op<void(std::string)>& told) {
  co_await from.request(2, urgency);
  co_await told(who + " has two units");
  co_await from.release(2);
}

tryst::task<> play(tryst::loop& on, allocator& memory) {
  co_await memory.request(3, 0);
  std::cout << "one of four units is left\n";
  tryst::op<void(std::string)> told{&memory};
  spawn(on, want(memory, "the patient", 1, told), nullptr);
  spawn(on, want(memory, "the urgent", 9, told), nullptr);
  const auto got = co_await memory.request.call_for(50ms, 2, 5);
  std::cout << "after 50 ms: " << got.error().message() << '\n';
  co_await memory.release(3);
  for (int i = 0; i < 2; ++i) {
    const auto [what] = co_await receive(told);
    std::cout << what << '\n';
  }
  co_await memory.request(4, 0);
  std::cout << "and all four are there again\n";
}

int main() {
  tryst::loop_thread loop;
  allocator memory;
  memory.start(loop.get(), memory.server(4));
  run(loop.get(), play(loop.get(), memory));
  memory.close();
  memory.join();
}
