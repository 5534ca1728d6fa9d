// A bounded buffer whose operations are called and sent, and serviced by input statements or by
// procs, in each of the three disciplines (rules I1, M5). Whoever invokes them cannot tell.
#pragma once

#include <deque>
#include <mutex>
#include <tryst/bridge/publish.hpp>
#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>

#include "bridge_peers/slow_once.hpp"
#include "store.hpp"

namespace tryst::bridge_test {

using fetching = call<std::int32_t(caller)>;

inline constexpr std::size_t store_size = 4;

/// What a fetch does when it has its number: one that does not arrive is put back.
inline void hand_out(fetching& to, std::int32_t number, op<void(std::int32_t)>& back) {
  to.on_undelivered([&back, number] { back.send_if_open(number); });
  to.reply(number);
}

struct active_store_by_in : module {
  op<void(std::int32_t)> deposit{this};
  op<std::int32_t(caller)> fetch{this};
  op<void(std::int32_t)> put{this};
  op<void(std::int32_t)> drop{this};
  op<void(std::int32_t)> put_back{this};
  slow_once slowly{this};

  std::size_t waiting() const { return fetch.pending(); }
  void begin(loop& own, loop&) { start(own, server()); }

  task<> server() {
    std::deque<std::int32_t> numbers;
    const auto keep = [&](std::int32_t n) { numbers.push_back(n); };
    const auto give = [&](fetching& to, caller who) -> task<> {
      co_await slowly(who);
      const std::int32_t first = numbers.front();
      numbers.pop_front();
      hand_out(to, first, put_back);
    };
    for (;;) {
      const bool room = numbers.size() < store_size;
      co_await in(accept(deposit).when(room) >> keep, accept(put).when(room) >> keep,
                  accept(drop).when(room) >> keep, accept(put_back) >> keep,
                  accept(fetch).when(!numbers.empty()) >> give);
    }
  }
};

/// What the stores with semaphores are, whoever runs their bodies.
template <class Discipline>
struct counted_store : Discipline {
  op<void(std::int32_t)> put_back{this, &counted_store::do_put_back};
  semaphore room{this, store_size};
  semaphore filled{this, 0};
  slow_once slowly{this};
  std::atomic<std::size_t> at_semaphores = 0;

  task<> keep(std::int32_t n) {
    co_await P(room);
    do_put_back(n);
  }
  task<> give(fetching& to, caller who) {
    {
      const waits_in here{at_semaphores};
      co_await P(filled, who.connection_lost);
    }
    co_await slowly(who);
    hand_out(to, take_first(), put_back);
    V(room);
  }

private:
  // One that comes back may be one more than there is room for.
  void do_put_back(std::int32_t n) {
    {
      const std::lock_guard lock{mutex_};
      numbers_.push_back(n);
    }
    V(filled);
  }
  std::int32_t take_first() {
    const std::lock_guard lock{mutex_};
    const std::int32_t first = numbers_.front();
    numbers_.pop_front();
    return first;
  }

  std::mutex mutex_;
  std::deque<std::int32_t> numbers_;
};

template <class Discipline>
struct store_by_procs : counted_store<Discipline> {
  using store = counted_store<Discipline>;
  op<void(std::int32_t)> deposit{this, &store_by_procs::do_keep};
  op<std::int32_t(caller)> fetch{this, &store_by_procs::do_give};
  op<void(std::int32_t)> put{this, &store_by_procs::do_keep};
  op<void(std::int32_t)> drop{this, &store_by_procs::do_keep};

  std::size_t waiting() const { return this->at_semaphores; }
  void begin(loop& own, loop&) { this->start(own); }

  task<> do_keep(std::int32_t n) { return this->keep(n); }
  task<> do_give(fetching& to, caller who) { return this->give(to, std::move(who)); }
};

using active_store_by_proc = store_by_procs<module>;
using concurrent_store_by_proc = store_by_procs<concurrent_module>;

/// Two processes beside its procs, each with a statement.
struct concurrent_store_by_in : counted_store<concurrent_module> {
  op<void(std::int32_t)> deposit{this};
  op<std::int32_t(caller)> fetch{this};
  op<void(std::int32_t)> put{this};
  op<void(std::int32_t)> drop{this};

  std::size_t waiting() const { return fetch.pending() + at_semaphores; }
  void begin(loop& own, loop&) {
    start(own);
    start(own, keeper());
    start(own, giver());
  }

  task<> keeper() {
    const auto body = [this](std::int32_t n) { return keep(n); };
    for (;;) {
      co_await in(accept(deposit) >> body, accept(put) >> body, accept(drop) >> body);
    }
  }
  task<> giver() {
    const auto body = [this](fetching& to, caller who) { return give(to, std::move(who)); };
    for (;;) co_await in(accept(fetch) >> body);
  }
};

struct monitor_store_by_proc : monitor_module {
  op<void(std::int32_t)> deposit{this, &monitor_store_by_proc::do_keep};
  op<std::int32_t(caller)> fetch{this, &monitor_store_by_proc::do_give};
  op<void(std::int32_t)> put{this, &monitor_store_by_proc::do_keep};
  op<void(std::int32_t)> drop{this, &monitor_store_by_proc::do_keep};
  op<void(std::int32_t)> put_back{this, &monitor_store_by_proc::do_put_back};
  condition room{this};
  condition filled{this};
  slow_once slowly{this};
  std::atomic<std::size_t> in_condition = 0;

  std::size_t waiting() const { return in_condition; }
  void begin(loop& own, loop&) { start(own); }

  task<> do_keep(std::int32_t n) {
    while (numbers_.size() >= store_size) co_await room.wait();
    do_put_back(n);
  }
  task<> do_give(fetching& to, caller who) {
    while (numbers_.empty()) {
      const waits_in here{in_condition};
      co_await filled.wait(who.connection_lost);
    }
    co_await slowly(who);
    const std::int32_t first = numbers_.front();
    numbers_.pop_front();
    room.signal();
    hand_out(to, first, put_back);
  }
  void do_put_back(std::int32_t n) {
    numbers_.push_back(n);
    filled.signal();
  }

private:
  std::deque<std::int32_t> numbers_;
};

/// A process outside of the monitor, with a statement, whose bodies call its procs.
struct monitor_store_by_in : monitor_module {
  op<void(std::int32_t)> deposit{this};
  op<std::int32_t(caller)> fetch{this};
  op<void(std::int32_t)> put{this};
  op<void(std::int32_t)> drop{this};
  op<void(std::int32_t)> put_back{this, &monitor_store_by_in::push};
  op<std::int32_t()> first{this, &monitor_store_by_in::pop};
  slow_once slowly{this};

  std::size_t waiting() const { return fetch.pending(); }
  void begin(loop& own, loop&) {
    start(own);
    start(own, server());
  }

  task<> server() {
    const auto keep = [this](std::int32_t n) -> task<> { co_await put_back(n); };
    const auto give = [this](fetching& to, caller who) -> task<> {
      co_await slowly(who);
      hand_out(to, co_await first(), put_back);
    };
    const auto room = [this] { return count < store_size; };
    const auto filled = [this] { return count > 0; };
    for (;;) {
      co_await in(accept(deposit).when(room) >> keep, accept(put).when(room) >> keep,
                  accept(drop).when(room) >> keep, accept(fetch).when(filled) >> give);
    }
  }

private:
  void push(std::int32_t n) {
    numbers_.push_back(n);
    ++count;
  }
  std::int32_t pop() {
    const std::int32_t n = numbers_.front();
    numbers_.pop_front();
    --count;
    return n;
  }

  std::atomic<std::size_t> count = 0;
  std::deque<std::int32_t> numbers_;
};

}  // namespace tryst::bridge_test
