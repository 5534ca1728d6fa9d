// Problem 1, the bounded buffer: one checker for an input statement, a monitor and semaphores.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>

#include "rendezvous/event_log.hpp"
#include "rendezvous/players.hpp"

namespace tryst {
namespace {

using rendezvous_test::players;
using rendezvous_test::setting;

constexpr std::size_t capacity = 3;
constexpr int producers = 3;
constexpr int consumers = 2;
constexpr int items_each = 200;

struct item {
  int producer;
  int number;
};

enum class did { deposit, fetch };

/// The slots that all variants share; whoever uses them has them for himself.
struct slots {
  std::deque<item> items;
  rendezvous_test::event_log<did> log;

  bool full() const { return items.size() == capacity; }
  bool empty() const { return items.empty(); }
  void put(item x) {
    items.push_back(x);
    log.note(did::deposit, x.producer, x.number);
  }
  item get() {
    const item x = items.front();
    items.pop_front();
    log.note(did::fetch, x.producer, x.number);
    return x;
  }
};

struct active_buffer : module {
  op<void(item)> deposit{this};
  op<item()> fetch{this};
  slots held;

  void begin(players& by) { start(by.home(), server()); }
  task<> server() {
    for (;;) {
      co_await in(
          accept(deposit).when(!held.full()) >> [&](item x) { held.put(x); },
          accept(fetch).when(!held.empty()) >> [&] { return held.get(); });
    }
  }
};

struct monitor_buffer : monitor_module {
  op<void(item)> deposit{this, &monitor_buffer::do_deposit};
  op<item()> fetch{this, &monitor_buffer::do_fetch};
  condition not_full{this};
  condition not_empty{this};
  slots held;

  void begin(players& by) { by.start(*this); }
  task<> do_deposit(item x) {
    while (held.full()) co_await not_full.wait();
    held.put(x);
    not_empty.signal();
  }
  task<item> do_fetch() {
    while (held.empty()) co_await not_empty.wait();
    const item x = held.get();
    not_full.signal();
    co_return x;
  }
};

struct semaphore_buffer : concurrent_module {
  op<void(item)> deposit{this, &semaphore_buffer::do_deposit};
  op<item()> fetch{this, &semaphore_buffer::do_fetch};
  semaphore free_slots{this, capacity};
  semaphore filled_slots{this, 0};
  semaphore alone{this, 1};
  slots held;

  void begin(players& by) { by.start(*this); }
  task<> do_deposit(item x) {
    co_await P(free_slots);
    co_await P(alone);
    held.put(x);
    V(alone);
    V(filled_slots);
  }
  task<item> do_fetch() {
    co_await P(filled_slots);
    co_await P(alone);
    const item x = held.get();
    V(alone);
    V(free_slots);
    co_return x;
  }
};

void check_bounded_buffer(const std::vector<rendezvous_test::event<did>>& events) {
  std::deque<item> model;
  std::map<int, int> next_of;
  for (const auto& e : events) {
    if (e.kind == did::deposit) {
      EXPECT_EQ(e.value, next_of[e.who]++) << "the order of producer " << e.who;
      model.push_back({e.who, e.value});
      ASSERT_LE(model.size(), capacity);
    } else {
      ASSERT_FALSE(model.empty());
      EXPECT_EQ(model.front().producer, e.who);
      EXPECT_EQ(model.front().number, e.value);
      model.pop_front();
    }
  }
  EXPECT_TRUE(model.empty());
  EXPECT_EQ(events.size(), 2U * producers * items_each);
}

template <class Buffer>
void play_bounded_buffer(setting where) {
  Buffer buffer;
  players by{where};
  std::atomic<long> fetched = 0;
  buffer.begin(by);
  for (int p = 0; p < producers; ++p) {
    by.add([&, p]() -> task<> {
      for (int n = 0; n < items_each; ++n) co_await by.call(buffer.deposit, item{p, n});
    });
  }
  for (int c = 0; c < consumers; ++c) {
    by.add([&]() -> task<> {
      for (int n = 0; n < producers * items_each / consumers; ++n) {
        const item x = co_await by.call(buffer.fetch);
        fetched += x.number;
      }
    });
  }
  by.play();
  buffer.close();
  buffer.join();
  check_bounded_buffer(buffer.held.log.events());
  EXPECT_EQ(fetched, producers * items_each * (items_each - 1) / 2);
}

class BoundedBuffer : public ::testing::TestWithParam<setting> {};

TEST_P(BoundedBuffer, HandsOnAllItemsInOrderByAnInputStatement) {
  play_bounded_buffer<active_buffer>(GetParam());
}

TEST_P(BoundedBuffer, HandsOnAllItemsInOrderAsAMonitor) {
  play_bounded_buffer<monitor_buffer>(GetParam());
}

TEST_P(BoundedBuffer, HandsOnAllItemsInOrderWithSemaphores) {
  play_bounded_buffer<semaphore_buffer>(GetParam());
}

INSTANTIATE_TEST_SUITE_P(In, BoundedBuffer,
                         ::testing::Values(setting::one_loop, setting::two_loops,
                                           setting::threads));

}  // namespace
}  // namespace tryst
