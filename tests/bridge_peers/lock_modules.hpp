// A lock server and an allocator, the same in each of the three disciplines (rule M5). Whoever
// calls them cannot tell.
#pragma once

#include <list>
#include <mutex>
#include <tryst/bridge/publish.hpp>
#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>

#include "bridge_peers/lock_books.hpp"
#include "bridge_peers/slow_once.hpp"
#include "locks.hpp"

namespace tryst::bridge_test {

inline void must_exist(std::uint32_t units) {
  if (units > lock_books::units) throw rpc::refusal{.code = errc::garbage_args};
}

/// One process, which waits in an input statement.
struct active_locks : module {
  op<std::uint32_t(caller, std::string)> acquire{this};
  op<void(std::uint32_t)> release{this};
  op<std::uint32_t(caller, std::uint32_t)> take{this};
  op<void(std::uint32_t)> give_back{this};
  std::optional<lock_books> books;
  slow_once slowly{this};

  std::size_t waiting() const { return acquire.pending() + take.pending(); }

  void begin(loop& own, loop&, loop::duration lease) {
    books.emplace(own, lease);
    start(own, server());
  }

  task<> server() {
    for (;;) {
      co_await in(
          accept(acquire).such_that(
              [&](const caller&, const std::string& name) { return !books->is_locked(name); }) >>
              [&](caller who, std::string name) -> task<std::uint32_t> {
            co_await slowly(who);
            co_return books->lock(who, std::move(name), release);
          },
          accept(release) >> [&](std::uint32_t ticket) { books->unlock(ticket); },
          accept(take)
                  .such_that([&](const caller&, std::uint32_t n) {
                    return n <= books->free_units() || n > lock_books::units;
                  })
                  .by([](const caller&, std::uint32_t n) { return n; }) >>
              [&](caller who, std::uint32_t n) -> task<std::uint32_t> {
            must_exist(n);
            co_await slowly(who);
            co_return books->take(who, n, give_back);
          },
          accept(give_back) >> [&](std::uint32_t ticket) { books->give_back(ticket); });
    }
  }
};

/// Procs that exclude each other, and wait in conditions.
struct monitor_locks : monitor_module {
  op<std::uint32_t(caller, std::string)> acquire{this, &monitor_locks::do_acquire};
  op<void(std::uint32_t)> release{this, &monitor_locks::do_release};
  op<std::uint32_t(caller, std::uint32_t)> take{this, &monitor_locks::do_take};
  op<void(std::uint32_t)> give_back{this, &monitor_locks::do_give_back};
  condition unlocked{this};
  condition returned{this};
  std::optional<lock_books> books;
  slow_once slowly{this};
  std::atomic<std::size_t> in_conditions = 0;

  std::size_t waiting() const { return in_conditions; }

  void begin(loop&, loop& callers, loop::duration lease) {
    books.emplace(callers, lease);
    start(callers);
  }

  task<std::uint32_t> do_acquire(caller who, std::string name) {
    while (books->is_locked(name)) {
      const waits_in here{in_conditions};
      co_await unlocked.wait(who.connection_lost);
    }
    co_await slowly(who);
    co_return books->lock(who, std::move(name), release);
  }
  void do_release(std::uint32_t ticket) {
    books->unlock(ticket);
    unlocked.signal_all();
  }
  task<std::uint32_t> do_take(caller who, std::uint32_t n) {
    must_exist(n);
    while (n > books->free_units()) {
      const waits_in here{in_conditions};
      co_await returned.wait(who.connection_lost, n);
    }
    co_await slowly(who);
    co_return books->take(who, n, give_back);
  }
  void do_give_back(std::uint32_t ticket) {
    books->give_back(ticket);
    returned.signal_all();
  }
};

/// Procs side by side: a semaphore for each lock, and units that are passed on as a baton.
struct concurrent_locks : concurrent_module {
  op<std::uint32_t(caller, std::string)> acquire{this, &concurrent_locks::do_acquire};
  op<void(std::uint32_t)> release{this, &concurrent_locks::do_release};
  op<std::uint32_t(caller, std::uint32_t)> take{this, &concurrent_locks::do_take};
  op<void(std::uint32_t)> give_back{this, &concurrent_locks::do_give_back};
  std::optional<lock_books> books;
  slow_once slowly{this};
  std::atomic<std::size_t> at_semaphores = 0;

  std::size_t waiting() const { return at_semaphores; }

  void begin(loop&, loop& callers, loop::duration lease) {
    books.emplace(callers, lease);
    start(callers);
  }

  task<std::uint32_t> do_acquire(caller who, std::string name) {
    semaphore& door = door_of(name);
    if (!door.try_receive()) {
      const waits_in here{at_semaphores};
      co_await P(door, who.connection_lost);
    }
    co_await slowly(who);
    const std::lock_guard lock{mutex};
    co_return books->lock(who, std::move(name), release);
  }
  void do_release(std::uint32_t ticket) {
    std::optional<std::string> name;
    {
      const std::lock_guard lock{mutex};
      name = books->unlock(ticket);
    }
    if (name) V(door_of(*name));
  }
  task<std::uint32_t> do_take(caller who, std::uint32_t n) {
    must_exist(n);
    co_await slowly(who);
    request mine{who, n, {this, 0}};
    if (!take_or_queue(mine)) {
      const waits_in here{at_semaphores};
      try {
        co_await P(mine.turn, who.connection_lost);
      } catch (...) {
        // What it was given in this moment comes back as from any holder that has gone.
        const std::lock_guard lock{mutex};
        requests.remove(&mine);
        throw;
      }
    }
    co_return mine.ticket;
  }
  void do_give_back(std::uint32_t ticket) {
    const std::lock_guard lock{mutex};
    books->give_back(ticket);
    // The smallest first, as long as there is enough for it.
    while (!requests.empty() && requests.front()->units <= books->free_units()) {
      request& next = *requests.front();
      requests.pop_front();
      next.ticket = books->take(next.who, next.units, give_back);
      V(next.turn);
    }
  }

private:
  struct request {
    caller who;
    std::uint32_t units;
    semaphore turn;
    std::uint32_t ticket = 0;
  };

  semaphore& door_of(const std::string& name) {
    const std::lock_guard lock{mutex};
    return doors.try_emplace(name, this, 1).first->second;
  }
  bool take_or_queue(request& mine) {
    const std::lock_guard lock{mutex};
    if (mine.units <= books->free_units()) {
      mine.ticket = books->take(mine.who, mine.units, give_back);
      return true;
    }
    const auto larger = std::ranges::find_if(
        requests, [&](const request* other) { return other->units > mine.units; });
    requests.insert(larger, &mine);
    return false;
  }

  std::mutex mutex;
  std::map<std::string, semaphore> doors;
  std::list<request*> requests;
};

}  // namespace tryst::bridge_test
