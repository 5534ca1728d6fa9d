// Problem 10, mutual exclusion: a lock, a semaphore and Peterson's algorithm with the help of one
// module; by time stamps (Ricart and Agrawala) and by a token in a ring without one.
#include "mutual_exclusion.hpp"

#include <array>
#include <map>

#include "problems/mutual_exclusion_nodes.hpp"

namespace tryst::problems {
namespace {

using exclusion::did;
using exclusion::events_of_run;
using exclusion::meeting;
using exclusion::ring_node;
using exclusion::stamping_node;
using mutual_exclusion::CENTER_V1;

struct center : module {
  op<void(std::int32_t)> enter{this};
  op<void(std::int32_t)> leave{this};
  op<void()> p{this};
  op<void()> v{this};
  op<void(std::int32_t, std::int32_t)> set{this};
  op<std::int32_t(std::int32_t)> get{this};
  event_log<did> log;

  task<> lock() {
    for (;;) {
      co_await in(accept(enter) >> [&](int client) {
        log.note(did::lock_message, client);
        log.note(did::grant, client);
        log.note(did::lock_message, client);  // the answer
      });
      co_await in(accept(leave) >> [&](int client) { log.note(did::lock_message, client); });
    }
  }
  task<> semaphore() {
    for (;;) {
      co_await receive(v);
      co_await receive(p);
    }
  }
  task<> variables() {
    std::array<std::int32_t, 3> values{};
    const auto at = [&](int variable) -> std::int32_t& {
      return values.at(static_cast<std::size_t>(variable));
    };
    for (;;) {
      co_await in(
          accept(set) >> [&](int variable, int value) { at(variable) = value; },
          accept(get) >> [&](int variable) { return at(variable); });
    }
  }
};

struct far_center : remote_module<CENTER_V1> {
  using remote_module::remote_module;
  remote_op<CENTER_V1::ENTER> enter{this};
  remote_op<CENTER_V1::LEAVE> leave{this};
  remote_op<CENTER_V1::P> p{this};
  remote_op<CENTER_V1::V> v{this};
  remote_op<CENTER_V1::SET> set{this};
  remote_op<CENTER_V1::GET> get{this};
};

/// At most one is inside, and all get in.
void check_alone(const events_of_run& events, int entries) {
  int inside = 0;
  int entered = 0;
  for (const auto& e : events) {
    inside += (e.kind == did::in) - (e.kind == did::out);
    entered += e.kind == did::in;
    require(inside <= 1, "at most one is inside");
  }
  require(entered == entries, "all get in");
}

/// While one waits, every other one gets in so often at most.
void check_bounded_waiting(const events_of_run& events, int most = 1) {
  std::map<int, std::map<int, int>> passed_by;  // of those that wait
  for (const auto& e : events) {
    if (e.kind == did::ask) passed_by[e.who];
    if (e.kind != did::grant) continue;
    passed_by.erase(e.who);
    for (auto& [who, others] : passed_by) {
      require(++others[e.who] <= most, "nobody gets in often while another one waits");
    }
  }
}

void check_order_of_stamps(const events_of_run& events) {
  std::pair last{0, 0};
  for (const auto& e : events) {
    if (e.kind != did::grant) continue;
    require(last < std::pair{e.value, e.who}, "the order of the stamps");
    last = {e.value, e.who};
  }
}

/// The token comes from where it was last used: a letter for each step, and for each turn in vain.
void check_steps(const events_of_run& events, int size) {
  int last = -1;
  int hops = 0;
  for (const auto& e : events) {
    if (e.kind == did::hop) ++hops;
    if (e.kind != did::grant) continue;
    if (last >= 0) require(hops > 0 && (hops - (e.who - last)) % size == 0, "by position");
    last = e.who;
    hops = 0;
  }
}

/// Notes that it is inside, and lets others try to be.
task<> be_inside(stage& s, event_log<did>& log, int me) {
  log.note(did::in, me);
  co_await s.yield();
  log.note(did::out, me);
}

constexpr int clients = 4;

template <class Player>
void play_center(stage& s, staged<center, far_center>& m, int players, Player player) {
  m.publish(&center::enter, &center::leave, &center::p, &center::v, &center::set, &center::get);
  const int rounds = s.scaled(16);
  for (int me = 0; me < players; ++me) {
    s.add(
        "client " + std::to_string(me),
        [player, me, rounds](auto& far) -> task<> {
          for (int r = 0; r < rounds; ++r) co_await player(far, me);
        },
        m);
  }
  s.play();
  check_alone(m->log.events(), players * rounds);
}

template <class Node>
void play_group(stage& s, meeting& of, group_of_three<Node>& group) {
  const int rounds = of.entries / group.size;
  group.add_users([&s, &of, rounds](auto& node, int me) -> task<> {
    for (int r = 0; r < rounds; ++r) {
      co_await s.call(node.enter);
      co_await be_inside(s, of.log, me);
      co_await s.call(node.leave);
    }
  });
  s.play();
  check_alone(of.log.events(), of.entries);
  for (int i = 0; i < group.size; ++i) require(group.node(i).all_carried(), "no letter is left");
}

class MutualExclusion : public ::testing::TestWithParam<setting> {};

TEST_P(MutualExclusion, TakesThreeMessagesWithALockServer) {
  perform(GetParam(), [](stage& s) {
    staged<center, far_center> m{s};
    m.start(m->lock());
    play_center(s, m, clients, [&](auto& far, int me) -> task<> {
      m->log.note(did::ask, me);
      co_await s.call(far.enter, me);
      co_await be_inside(s, m->log, me);
      s.send(far.leave, me);
    });
    int messages = 0;
    for (const auto& e : m->log.events()) messages += e.kind == did::lock_message;
    require(messages == 3 * clients * s.scaled(16), "three messages for an entry");
    if (s.asking_is_queueing()) check_bounded_waiting(m->log.events());
  });
}

TEST_P(MutualExclusion, IsASemaphoreThatIsAnOperation) {
  perform(GetParam(), [](stage& s) {
    staged<center, far_center> m{s};
    m.start(m->semaphore());
    m->v.send();
    play_center(s, m, clients, [&](auto& far, int me) -> task<> {
      co_await s.call(far.p);
      co_await be_inside(s, m->log, me);
      s.send(far.v);
    });
  });
}

/// The variables: who wants to, and whose turn it is to wait.
TEST_P(MutualExclusion, IsAgreedByTwoOverSharedVariables) {
  perform(GetParam(), [](stage& s) {
    staged<center, far_center> m{s};
    m.start(m->variables());
    play_center(s, m, 2, [&](auto& far, int me) -> task<> {
      const int other = 1 - me;
      co_await s.call(far.set, me, 1);
      co_await s.call(far.set, 2, me);
      m->log.note(did::ask, me);
      for (;;) {
        const int other_wants = co_await s.call(far.get, other);
        if (other_wants == 0) break;
        const int waits = co_await s.call(far.get, 2);
        if (waits != me) break;
        co_await s.yield();
      }
      m->log.note(did::grant, me);
      co_await be_inside(s, m->log, me);
      co_await s.call(far.set, me, 0);
    });
    check_bounded_waiting(m->log.events());
  });
}

TEST_P(MutualExclusion, TakesTwoLettersToAndFromEachOtherByTimeStamps) {
  perform(GetParam(), [](stage& s) {
    meeting of;
    of.entries = 3 * s.scaled(16);
    group_of_three<stamping_node> group{s, of};
    play_group(s, of, group);
    check_order_of_stamps(of.log.events());
    // One whose request was on its way, and one that it made before it heard of this one.
    check_bounded_waiting(of.log.events(), 2);
    int letters = 0;
    for (int i = 0; i < group.size; ++i) letters += group.node(i).letters_read();
    require(letters == 2 * (group.size - 1) * of.entries, "2(n-1) letters for an entry");
  });
}

TEST_P(MutualExclusion, TakesAsManyLettersInARingAsThereAreStepsBetween) {
  perform(GetParam(), [](stage& s) {
    meeting of;
    of.entries = 3 * s.scaled(16);
    group_of_three<ring_node> group{s, of};
    play_group(s, of, group);
    check_bounded_waiting(of.log.events());
    check_steps(of.log.events(), group.size);
  });
}

INSTANTIATE_TEST_SUITE_P(In, MutualExclusion, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
