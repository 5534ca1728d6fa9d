// Problem 7, shortest job next: an input statement with `by`, and a monitor with ranked waits.
#include "shortest_job_next.hpp"

#include <random>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"
#include "problems/waiting_list.hpp"

namespace tryst::problems {
namespace {

using shortest_job_next::SJN_V1;

constexpr int clients = 4;
constexpr int usher = 99;

enum class did { ask, grant, release, all_wait };
using events_of_run = std::vector<event<did>>;

struct active_allocator : module {
  op<void(std::int32_t, std::int32_t)> request{this};
  op<void(std::int32_t)> release{this};
  op<std::int32_t()> waiting{this};
  event_log<did> log;

  task<> server() {
    bool free = true;
    for (;;) {
      co_await in(
          accept(request).when(free).by([](int time, int) { return time; }) >>
              [&](int time, int id) {
                free = false;
                log.note(did::grant, id, time);
              },
          accept(release) >>
              [&](int id) {
                free = true;
                log.note(did::release, id);
              },
          accept(waiting) >> [&] { return static_cast<std::int32_t>(request.pending()); });
    }
  }
};

/// Who releases hands on to who waits with the least time: nobody comes between.
struct monitor_allocator : monitor_module {
  op<void(std::int32_t, std::int32_t)> request{this, &monitor_allocator::do_request};
  op<void(std::int32_t)> release{this, &monitor_allocator::do_release};
  op<std::int32_t()> waiting{this, &monitor_allocator::do_waiting};
  condition turn{this};
  event_log<did> log;

  task<> do_request(std::int32_t time, std::int32_t id) {
    log.note(did::ask, id, time);
    if (free_) {
      free_ = false;
    } else {
      ++waiting_;
      co_await turn.wait(time);
      --waiting_;
    }
    log.note(did::grant, id, time);
  }
  void do_release(std::int32_t id) {
    log.note(did::release, id);
    free_ = turn.empty();
    turn.signal();
  }
  std::int32_t do_waiting() const { return waiting_; }

private:
  bool free_ = true;
  std::int32_t waiting_ = 0;
};

struct far_allocator : remote_module<SJN_V1> {
  using remote_module::remote_module;
  remote_op<SJN_V1::REQUEST> request{this};
  remote_op<SJN_V1::RELEASE> release{this};
  remote_op<SJN_V1::WAITING> waiting{this};
};

/// Few different times, so that there are ties.
int time_of(int id, int job) {
  static const std::vector<int> times = [] {
    std::mt19937 random{7};
    std::vector<int> made(1000);
    for (int& t : made) t = static_cast<int>(random() % 5);
    return made;
  }();
  return times[static_cast<std::size_t>(id * 101 + job) % times.size()];
}

/// One holder at a time, and each client gets what it asks for.
void check_one_holder(const events_of_run& events, int jobs) {
  int holder = -1;
  int granted = 0;
  for (const auto& e : events) {
    if (e.kind == did::grant) {
      require(holder == -1, "one holder at a time");
      holder = e.who;
      granted += e.who != usher;
    }
    if (e.kind == did::release) {
      require(holder == e.who, "who releases is the holder");
      holder = -1;
    }
  }
  require(holder == -1 && granted == clients * jobs, "all jobs are done");
}

/// Of those of whom it is certain that they wait, nobody has less time than who is granted.
void check_first_choices(const events_of_run& events) {
  waiting_list waiting;
  for (const auto& e : events) {
    if (e.kind == did::all_wait) {
      for (int id = 0; id < clients; ++id) waiting.add(id, time_of(id, 0));
    }
    if (e.kind != did::grant || waiting.empty()) continue;
    require(e.value <= waiting.least(std::identity{}).value, "the least time of all that wait");
    waiting.remove(e.who);
  }
  require(waiting.empty(), "all that wait are served");
}

/// When asking is queueing: the choice is made at the release, or the first that asks has it; of
/// equal times the older.
void check_every_choice(const events_of_run& events) {
  waiting_list waiting;
  int chosen = -1;
  for (const auto& e : events) {
    if (e.who == usher && e.kind != did::release) continue;
    if (e.kind == did::ask) waiting.add(e.who, e.value);
    if (e.kind == did::release && !waiting.empty()) chosen = waiting.least(std::identity{}).who;
    if (e.kind != did::grant) continue;
    require(!waiting.empty(), "who is granted has asked");
    if (chosen < 0) chosen = waiting.entries().front().who;
    require(e.who == chosen, "the least time, and of equal ones the older");
    waiting.remove(e.who);
    chosen = -1;
  }
}

template <class Allocator>
void play_shortest_job_next(stage& s, staged<Allocator, far_allocator>& allocator) {
  constexpr bool notes_itself = std::derived_from<Allocator, monitor_module>;
  const int jobs = s.scaled(24);
  event_log<did>& log = allocator->log;
  allocator.publish(&Allocator::request, &Allocator::release, &Allocator::waiting);
  std::atomic<bool> held = false;
  s.add(
      "usher",
      [&](auto& a) -> task<> {
        co_await s.call(a.request, 0, usher);
        held = true;
        int waiting = 0;
        while (waiting < clients) {
          waiting = co_await s.call(a.waiting);
          co_await s.yield();
        }
        log.note(did::all_wait, usher);
        co_await s.call(a.release, usher);
      },
      allocator);
  for (int id = 0; id < clients; ++id) {
    s.add(
        "client " + std::to_string(id),
        [&, id](auto& a) -> task<> {
          while (!held) co_await s.yield();
          for (int job = 0; job < jobs; ++job) {
            const int time = time_of(id, job);
            if (!notes_itself) log.note(did::ask, id, time);
            co_await s.call(a.request, time, id);
            co_await s.call(a.release, id);
          }
        },
        allocator);
  }
  s.play();
  check_one_holder(log.events(), jobs);
  check_first_choices(log.events());
  if (notes_itself || s.asking_is_queueing()) check_every_choice(log.events());
}

class ShortestJobNext : public ::testing::TestWithParam<setting> {};

TEST_P(ShortestJobNext, IsChosenByAnInputStatement) {
  perform(GetParam(), [](stage& s) {
    staged<active_allocator, far_allocator> allocator{s};
    allocator.start(allocator->server());
    play_shortest_job_next(s, allocator);
  });
}

TEST_P(ShortestJobNext, IsChosenByAMonitor) {
  perform(GetParam(), [](stage& s) {
    staged<monitor_allocator, far_allocator> allocator{s};
    allocator.start();
    play_shortest_job_next(s, allocator);
  });
}

INSTANTIATE_TEST_SUITE_P(In, ShortestJobNext, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
