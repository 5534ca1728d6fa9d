// The bounded buffer: producers wait while it is full and consumers while it is empty, and nothing
// in it says wait, lock or notify. Two threads produce, a coroutine consumes.
#include <cstddef>
#include <deque>
#include <iostream>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

template <class Item>
struct bounded_buffer : tryst::module {
  tryst::op<void(Item)> deposit{this};
  tryst::op<Item()> fetch{this};

  tryst::task<> server(std::size_t size) {
    std::deque<Item> items;
    for (;;) {
      co_await in(
          accept(deposit).when(items.size() < size) >>
              [&](Item item) { items.push_back(std::move(item)); },
          accept(fetch).when(!items.empty()) >>
              [&] {
                Item oldest = std::move(items.front());
                items.pop_front();
                return oldest;
              });
    }
  }
};

constexpr int each = 1000;

void produce(bounded_buffer<int>& to, int first) {
  for (int i = 0; i < each; ++i) to.deposit(first + i).wait();
}

// Of each producer in the order in which it deposited.
tryst::task<bool> consume(bounded_buffer<int>& from) {
  bool in_order = true;
  int next[] = {0, each};
  for (int i = 0; i < 2 * each; ++i) {
    const int item = co_await from.fetch();
    in_order = in_order && item == next[item / each]++;
  }
  co_return in_order;
}

int main() {
  tryst::loop_thread loop;
  bounded_buffer<int> buffer;
  buffer.start(loop.get(), buffer.server(8));

  std::jthread one{[&] { produce(buffer, 0); }};
  std::jthread two{[&] { produce(buffer, each); }};
  const bool in_order = run(loop.get(), consume(buffer));
  std::cout << 2 * each << " items, " << (in_order ? "in" : "out of") << " order\n";

  buffer.close();
  buffer.join();
}
