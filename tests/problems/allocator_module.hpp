// The allocator of problem 21, and what must hold of the log of whoever uses it.
#pragma once

#include <map>
#include <tryst/rendezvous/in.hpp>

#include "allocator.hpp"
#include "problems/event_log.hpp"
#include "problems/staged.hpp"
#include "problems/waiting_list.hpp"

namespace tryst::problems::allocation {

using ::allocator::ALLOCATOR_V1;

constexpr int total = 10;
constexpr int patient_clients = 4;
constexpr int leaving_clients = 2;
constexpr int usher = 99;

enum class did { all_wait, grant, release, got, left };
using events_of_run = std::vector<event<did>>;

/// What the log has of a request: value.
constexpr int noted(int units, int priority) { return 100 * priority + units; }
constexpr int units_of(int value) { return value % 100; }
constexpr int priority_of(int value) { return value / 100; }

struct unit_allocator : module {
  using request_call = call<void(std::int32_t, std::int32_t, std::int32_t)>;
  op<void(std::int32_t, std::int32_t, std::int32_t)> request{this};
  op<void(std::int32_t, std::int32_t)> release{this};
  op<std::int32_t()> waiting{this};
  op<void()> prepared{this};
  event_log<did> log;
  std::atomic<bool> preparing = false;

  /// `prepares`: before it answers it waits for `prepared`.
  task<> server(bool prepares) {
    int free = total;
    for (;;) {
      co_await in(
          accept(request)
                  .such_that([&](int units, int, int) { return units <= free; })
                  .by([](int, int priority, int) { return priority; }) >>
              [&](request_call& c, int units, int priority, int client) -> task<> {
            free -= units;
            log.note(did::grant, client, noted(units, priority));
            c.on_undelivered([this, units, client] { release.send_if_open(units, client); });
            if (!prepares || client == usher) co_return;
            preparing = true;
            co_await receive(prepared);
            preparing = false;
          },
          accept(release) >>
              [&](int units, int client) {
                free += units;
                log.note(did::release, client, units);
              },
          accept(waiting) >> [&] { return static_cast<std::int32_t>(request.pending()); });
    }
  }
};

struct far_allocator : remote_module<ALLOCATOR_V1> {
  using remote_module::remote_module;
  remote_op<ALLOCATOR_V1::REQUEST> request{this};
  remote_op<ALLOCATOR_V1::RELEASE> release{this};
  remote_op<ALLOCATOR_V1::WAITING> waiting{this};
};

inline int wish_of(int client, int round) {
  return noted((client * 3 + round * 5) % 4 + 2, (client * 7 + round * 3) % 5);
}

/// Units are neither lost nor made, and nobody keeps any.
inline void check_units(const events_of_run& events) {
  int free = total;
  std::map<int, int> held;
  for (const auto& e : events) {
    if (e.kind == did::grant) {
      free -= units_of(e.value);
      held[e.who] += units_of(e.value);
    }
    if (e.kind == did::release) {
      free += e.value;
      held[e.who] -= e.value;
      require(held[e.who] >= 0, "nobody releases what he has not");
    }
    require(free >= 0 && free <= total, "units are conserved");
  }
  require(free == total, "nobody keeps units");
}

/// Who is granted has waited for it, and whoever left has nothing.
inline void check_grants(const events_of_run& events) {
  std::map<int, int> owed;
  for (const auto& e : events) {
    if (e.who == usher) continue;
    if (e.kind == did::grant) ++owed[e.who];
    if (e.kind == did::got) --owed[e.who];
    require(owed[e.who] == 0 || e.kind != did::left, "no grant to a caller that left");
    require(owed[e.who] <= 1, "who is granted gets it");
  }
  for (const auto& [who, grants] : owed) require(grants == 0, "who is granted gets it");
}

/// Of those of whom it is certain that they wait, and for whom there are enough units, nobody has
/// less priority than who is granted.
inline void check_first_choices(const events_of_run& events) {
  waiting_list waiting;
  int free = total;
  for (const auto& e : events) {
    if (e.kind == did::all_wait) {
      for (int id = 0; id < patient_clients; ++id) waiting.add(id, wish_of(id, 0));
    }
    if (e.kind == did::release) free += e.value;
    if (e.kind != did::grant) continue;
    for (const auto& other : waiting.entries()) {
      require(units_of(other.value) > free || priority_of(e.value) <= priority_of(other.value),
              "the least priority of those for whom there is enough");
    }
    waiting.remove(e.who);
    free -= units_of(e.value);
  }
  require(waiting.empty(), "all that wait are served");
}

}  // namespace tryst::problems::allocation
