// Problem 8, a disk driver that schedules itself: one input statement with `by` for three policies,
// with transfers that are over at once, and with ones that end by an interrupt of the device.
#include "disk_driver.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <tryst/rendezvous/in.hpp>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"
#include "problems/waiting_list.hpp"

namespace tryst::problems {
namespace {

using disk_driver::DISK_V1;

constexpr int cylinders = 40;
constexpr int first_position = 20;  // of the head
constexpr int clients = 4;

enum class policy { sstf, scan, cscan };
enum class did { ask, begin, end, spin_up };
using events_of_run = std::vector<event<did>>;

struct driver : module {
  op<void(std::int32_t, std::int32_t)> read_write{this};
  op<void()> spin_up{this};
  op<std::int32_t()> waiting{this};
  op<std::int32_t()> seek{this};
  op<void(std::int32_t)> interrupt{this};
  op<void()> switch_off{this};
  event_log<did> log;

  driver(policy p, bool interrupted) : policy_{p}, interrupted_{interrupted} {}

  task<> server() {
    bool on = false;
    while (!on) {
      co_await in(
          accept(spin_up) >>
              [&] {
                log.note(did::spin_up, 0);
                on = true;
              },
          accept(waiting) >> [&] { return static_cast<std::int32_t>(read_write.pending()); });
    }
    while (on) {
      co_await in(
          accept(read_write).by([this](int cylinder, int) { return way_to(cylinder); }) >>
              [&](int cylinder, int id) { return transfer(cylinder, id); },
          accept(switch_off) >> [&] { on = false; });
    }
    if (interrupted_) co_await in(accept(seek) >> [] { return -1; });
  }

private:
  task<> transfer(int cylinder, int id) {
    log.note(did::begin, id, cylinder);
    if (cylinder != head_) up_ = cylinder > head_;
    head_ = cylinder;
    if (interrupted_) {
      co_await in(accept(seek) >> [cylinder] { return cylinder; });
      const auto [reached] = co_await receive(interrupt);
      require(reached == cylinder, "the device goes where it is told");
    }
    log.note(did::end, id, cylinder);
  }

  /// What lies behind comes after all that lies ahead.
  int way_to(int cylinder) const {
    const bool ahead = up_ || policy_ == policy::cscan ? cylinder >= head_ : cylinder <= head_;
    if (policy_ == policy::cscan) return ahead ? cylinder : cylinders + cylinder;
    const int distance = std::abs(cylinder - head_);
    return ahead || policy_ == policy::sstf ? distance : cylinders + distance;
  }

  policy policy_;
  bool interrupted_;
  int head_ = first_position;
  bool up_ = true;
};

struct far_driver : remote_module<DISK_V1> {
  using remote_module::remote_module;
  remote_op<DISK_V1::READ_WRITE> read_write{this};
  remote_op<DISK_V1::SPIN_UP> spin_up{this};
  remote_op<DISK_V1::WAITING> waiting{this};
  remote_op<DISK_V1::SEEK> seek{this};
  remote_op<DISK_V1::INTERRUPT> interrupt{this};
  remote_op<DISK_V1::SWITCH_OFF> switch_off{this};
};

/// The first requests lie on both sides of the head, and each policy has its own order for them.
int cylinder_of(int id, int transfer) {
  constexpr std::array<int, clients> first{5, 18, 30, 37};
  if (transfer == 0) return first.at(static_cast<std::size_t>(id));
  std::minstd_rand random{static_cast<unsigned>(1000 * transfer + id + 1)};
  random.discard(3);
  return static_cast<int>(random() % cylinders);
}

/// The head as the log has it, and where it may go while others wait.
class head {
public:
  explicit head(policy p) : policy_{p} {}

  bool may_go_to(int cylinder, const waiting_list& waiting) const {
    int below = -1;
    int above = cylinders;
    int least = cylinders;
    for (const auto& e : waiting.entries()) {
      least = std::min(least, e.value);
      if (e.value <= at_) below = std::max(below, e.value);
      if (e.value >= at_) above = std::min(above, e.value);
    }
    const bool some_below = below >= 0;
    const bool some_above = above < cylinders;
    if (policy_ == policy::cscan) return cylinder == (some_above ? above : least);
    if (policy_ == policy::scan) {
      return cylinder == ((up_ ? some_above : !some_below) ? above : below);
    }
    const int nearest =
        std::min(some_below ? at_ - below : cylinders, some_above ? above - at_ : cylinders);
    return std::abs(cylinder - at_) == nearest;
  }

  void go(int cylinder) {
    if (cylinder != at_ && up_ != (cylinder > at_)) {
      up_ = !up_;
      ++turns_;
    }
    at_ = cylinder;
  }
  int turns() const { return turns_; }

private:
  policy policy_;
  int at_ = first_position;
  bool up_ = true;
  int turns_ = 0;
};

void check_transfers(const events_of_run& events, int transfers) {
  int busy_with = -1;
  int served = 0;
  for (const auto& e : events) {
    if (e.kind == did::begin) {
      require(busy_with == -1, "one transfer at a time");
      busy_with = e.who;
    }
    if (e.kind == did::end) {
      require(busy_with == e.who, "the transfer that ends is the one that began");
      busy_with = -1;
      ++served;
    }
  }
  require(served == clients * transfers, "all are served");
}

/// It is certain that the first requests of all wait at the first choice; of later ones nothing is
/// known until they are chosen.
void check_first_choices(const events_of_run& events, policy p) {
  waiting_list waiting;
  head model{p};
  for (const auto& e : events) {
    if (e.kind == did::spin_up) {
      for (int id = 0; id < clients; ++id) waiting.add(id, cylinder_of(id, 0));
    }
    if (e.kind != did::begin) continue;
    if (!waiting.empty()) {
      waiting.add(e.who, e.value);
      require(model.may_go_to(e.value, waiting), "the policy chooses among those that wait");
      waiting.remove(e.who);
    }
    model.go(e.value);
  }
  require(waiting.empty(), "all that wait are served");
}

/// Where asking is queueing it is known who waits when a transfer ends, and the next is chosen; if
/// nobody does, who comes first has it.
void check_every_choice(const events_of_run& events, policy p) {
  waiting_list waiting;
  waiting_list candidates;
  std::map<int, int> asked_at;  // in turns of the head
  head model{p};
  for (const auto& e : events) {
    if (e.kind == did::ask) {
      waiting.add(e.who, e.value);
      asked_at[e.who] = model.turns();
      if (candidates.empty()) candidates = waiting;
    }
    if (e.kind == did::end || e.kind == did::spin_up) candidates = waiting;
    if (e.kind != did::begin) continue;
    require(waiting.remove(e.who), "who is served has asked");
    require(model.may_go_to(e.value, candidates), "the policy chooses among all that wait");
    model.go(e.value);
    require(p != policy::scan || model.turns() - asked_at[e.who] <= 2, "two sweeps at most");
  }
}

void play_disk(stage& s, policy p, bool interrupted) {
  staged<driver, far_driver> disk{s, p, interrupted};
  const int transfers = s.scaled(16);
  event_log<did>& log = disk->log;
  std::atomic<int> active = clients;
  disk.publish(&driver::read_write, &driver::spin_up, &driver::waiting, &driver::seek,
               &driver::interrupt, &driver::switch_off);
  disk.start(disk->server());
  s.add(
      "operator",
      [&](auto& d) -> task<> {
        int waiting = 0;
        while (waiting < clients) {
          waiting = co_await s.call(d.waiting);
          co_await s.yield();
        }
        co_await s.call(d.spin_up);
      },
      disk);
  for (int id = 0; id < clients; ++id) {
    s.add(
        "client " + std::to_string(id),
        [&, id](auto& d) -> task<> {
          for (int transfer = 0; transfer < transfers; ++transfer) {
            const int cylinder = cylinder_of(id, transfer);
            log.note(did::ask, id, cylinder);
            co_await s.call(d.read_write, cylinder, id);
          }
          if (--active == 0) co_await s.call(d.switch_off);
        },
        disk);
  }
  if (interrupted) {
    s.add(
        "device",
        [&](auto& d) -> task<> {
          for (;;) {
            const int cylinder = co_await s.call(d.seek);
            if (cylinder < 0) co_return;
            s.send(d.interrupt, cylinder);
          }
        },
        disk);
  }
  s.play();
  check_transfers(log.events(), transfers);
  check_first_choices(log.events(), p);
  if (s.asking_is_queueing()) check_every_choice(log.events(), p);
}

class DiskDriver : public ::testing::TestWithParam<setting> {
protected:
  static void play(policy p) {
    for (const bool interrupted : {false, true}) {
      perform(GetParam(), [=](stage& s) { play_disk(s, p, interrupted); });
    }
  }
};

TEST_P(DiskDriver, GoesToTheNearestCylinderFirst) { play(policy::sstf); }

TEST_P(DiskDriver, TurnsWhenNothingLiesAhead) { play(policy::scan); }

TEST_P(DiskDriver, GoesUpAndBeginsAgainAtTheLowest) { play(policy::cscan); }

INSTANTIATE_TEST_SUITE_P(In, DiskDriver, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
