// Problem 1, the bounded buffer: one checker for an input statement, one whose callers run the
// bodies, a monitor and semaphores.
#include "bounded_buffer.hpp"

#include <deque>
#include <map>
#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <tryst/rendezvous/serve.hpp>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using bounded_buffer::BOUNDED_BUFFER_V1;
using bounded_buffer::item;

constexpr std::size_t capacity = 3;
constexpr int producers = 3;
constexpr int consumers = 2;

enum class did { deposit, fetch };

/// The slots that all variants share; whoever uses them has them for himself.
struct slots {
  std::deque<item> items;
  event_log<did> log;

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

  task<> server() {
    for (;;) {
      co_await in(
          accept(deposit).when(!held.full()) >> [&](item x) { held.put(x); },
          accept(fetch).when(!held.empty()) >> [&] { return held.get(); });
    }
  }
};

struct passive_buffer : module {
  op<void(item)> deposit{this};
  op<item()> fetch{this};
  slots held;

  passive_buffer() {
    serve(
        *this,
        accept(deposit).when([this] { return !held.full(); }) >> [this](item x) { held.put(x); },
        accept(fetch).when([this] { return !held.empty(); }) >> [this] { return held.get(); });
  }
};

struct monitor_buffer : monitor_module {
  op<void(item)> deposit{this, &monitor_buffer::do_deposit};
  op<item()> fetch{this, &monitor_buffer::do_fetch};
  condition not_full{this};
  condition not_empty{this};
  slots held;

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

struct far_buffer : remote_module<BOUNDED_BUFFER_V1> {
  using remote_module::remote_module;
  remote_op<BOUNDED_BUFFER_V1::DEPOSIT> deposit{this};
  remote_op<BOUNDED_BUFFER_V1::FETCH> fetch{this};
};

void check_bounded_buffer(const std::vector<event<did>>& events, int items_each) {
  std::deque<item> model;
  std::map<int, int> next_of;
  for (const auto& e : events) {
    if (e.kind == did::deposit) {
      require(e.value == next_of[e.who]++, "the order of each producer is kept");
      model.push_back({e.who, e.value});
      require(model.size() <= capacity, "no more is in the buffer than it holds");
    } else {
      require(!model.empty(), "nothing is fetched that was not deposited");
      require(model.front() == item{e.who, e.value}, "items are fetched in order");
      model.pop_front();
    }
  }
  require(model.empty(), "all items are fetched");
  require(std::cmp_equal(events.size(), 2 * producers * items_each), "each item passes once");
}

template <class Buffer>
void play_bounded_buffer(stage& s, staged<Buffer, far_buffer>& buffer) {
  const int items_each = consumers * s.scaled(200);
  std::mutex mutex;
  std::map<int, std::vector<int>> fetched;
  buffer.publish(&Buffer::deposit, &Buffer::fetch);
  for (int p = 0; p < producers; ++p) {
    s.add(
        "producer " + std::to_string(p),
        [&, p](auto& b) -> task<> {
          for (int n = 0; n < items_each; ++n) co_await s.call(b.deposit, item{p, n});
        },
        buffer);
  }
  for (int c = 0; c < consumers; ++c) {
    s.add(
        "consumer " + std::to_string(c),
        [&](auto& b) -> task<> {
          for (int n = 0; n < producers * items_each / consumers; ++n) {
            const item x = co_await s.call(b.fetch);
            const std::lock_guard lock{mutex};
            fetched[x.producer].push_back(x.number);
          }
        },
        buffer);
  }
  s.play();
  check_bounded_buffer(buffer->held.log.events(), items_each);
  for (int p = 0; p < producers; ++p) {
    std::ranges::sort(fetched[p]);
    for (int n = 0; n < items_each; ++n) {
      require(fetched[p].at(static_cast<std::size_t>(n)) == n, "consumers get what was deposited");
    }
  }
}

class BoundedBuffer : public ::testing::TestWithParam<setting> {};

TEST_P(BoundedBuffer, HandsOnAllItemsInOrderByAnInputStatement) {
  perform(GetParam(), [](stage& s) {
    staged<active_buffer, far_buffer> buffer{s};
    buffer.start(buffer->server());
    play_bounded_buffer(s, buffer);
  });
}

TEST_P(BoundedBuffer, HandsOnAllItemsInOrderByItsCallers) {
  perform(GetParam(), [](stage& s) {
    staged<passive_buffer, far_buffer> buffer{s};
    play_bounded_buffer(s, buffer);
  });
}

TEST_P(BoundedBuffer, HandsOnAllItemsInOrderAsAMonitor) {
  perform(GetParam(), [](stage& s) {
    staged<monitor_buffer, far_buffer> buffer{s};
    buffer.start();
    play_bounded_buffer(s, buffer);
  });
}

TEST_P(BoundedBuffer, HandsOnAllItemsInOrderWithSemaphores) {
  perform(GetParam(), [](stage& s) {
    staged<semaphore_buffer, far_buffer> buffer{s};
    buffer.start();
    play_bounded_buffer(s, buffer);
  });
}

INSTANTIATE_TEST_SUITE_P(In, BoundedBuffer, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
