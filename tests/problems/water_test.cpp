// Problem 13, H2O: two hydrogens and an oxygen wait for each other, held by nested statements, or
// as calls to answer later.
#include "water.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <set>
#include <tryst/rendezvous/in.hpp>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using ::water::WATER_V1;

enum class did { come, bond_h, bond_o, pass };

struct pond : module {
  op<std::int32_t(std::int32_t)> h{this};
  op<std::int32_t(std::int32_t)> o{this};
  event_log<did> log;

protected:
  /// The number of the molecule that these make.
  int bond(int one, int other, int oxygen) {
    ++molecules_;
    log.note(did::bond_h, one, molecules_);
    log.note(did::bond_h, other, molecules_);
    log.note(did::bond_o, oxygen, molecules_);
    return molecules_;
  }

private:
  int molecules_ = 0;
};

struct nesting_pond : pond {
  task<> server() {
    for (;;) {
      int made = 0;
      co_await in(accept(h) >> [&](int one) -> task<std::int32_t> {
        co_await in(accept(h) >> [&](int other) -> task<std::int32_t> {
          co_await in(accept(o) >> [&](int oxygen) { return made = bond(one, other, oxygen); });
          co_return made;
        });
        co_return made;
      });
    }
  }
};

struct keeping_pond : pond {
  task<> server() {
    struct atom {
      call<std::int32_t(std::int32_t)> held;
      int number;
    };
    std::deque<atom> hydrogens;
    std::deque<atom> oxygens;
    const auto pass_first = [](std::deque<atom>& of, int molecule) {
      of.front().held.reply(molecule);
      of.pop_front();
    };
    for (;;) {
      co_await in(
          accept(h) >> [&](call<std::int32_t(std::int32_t)> c,
                           int number) { hydrogens.push_back({std::move(c), number}); },
          accept(o) >> [&](call<std::int32_t(std::int32_t)> c,
                           int number) { oxygens.push_back({std::move(c), number}); });
      if (hydrogens.size() < 2 || oxygens.empty()) continue;
      const int made = bond(hydrogens[0].number, hydrogens[1].number, oxygens[0].number);
      pass_first(hydrogens, made);
      pass_first(hydrogens, made);
      pass_first(oxygens, made);
    }
  }
};

struct far_pond : remote_module<WATER_V1> {
  using remote_module::remote_module;
  remote_op<WATER_V1::H> h{this};
  remote_op<WATER_V1::O> o{this};
};

/// Molecules are of two hydrogens and an oxygen that have come; nobody passes before his is made.
void check_molecules(const std::vector<event<did>>& events, int molecules) {
  struct molecule {
    std::multiset<int> atoms;
    int hydrogens = 0;
    int oxygens = 0;
  };
  std::set<int> waiting;
  std::map<int, molecule> made;
  int passed = 0;
  for (const auto& e : events) {
    if (e.kind == did::come) waiting.insert(e.who);
    if (e.kind == did::bond_h || e.kind == did::bond_o) {
      require(waiting.erase(e.who) == 1, "who is bound waits");
      molecule& m = made[e.value];
      m.atoms.insert(e.who);
      ++(e.kind == did::bond_h ? m.hydrogens : m.oxygens);
    }
    if (e.kind != did::pass) continue;
    molecule& m = made[e.value];
    require(m.hydrogens == 2 && m.oxygens == 1, "nobody passes before his molecule is made");
    require(m.atoms.erase(e.who) == 1, "who passes is an atom of the molecule");
    ++passed;
  }
  require(waiting.empty() && static_cast<int>(made.size()) == molecules && passed == 3 * molecules,
          "all are bound, and pass");
}

/// Sources of atoms, which are numbered by kind: as long as there are atoms to come, a source that
/// has none on its way brings one.
template <class Pond>
void play_water(stage& s) {
  staged<Pond, far_pond> water{s};
  const int molecules = s.scaled(64);
  std::atomic<int> hydrogens = 2 * molecules;
  std::atomic<int> oxygens = molecules;
  event_log<did>& log = water->log;
  water.publish(&Pond::h, &Pond::o);
  water.start(water->server());
  const auto add_source = [&](std::string name, auto bring, std::atomic<int>& to_come, int first) {
    s.add(
        std::move(name),
        [&log, &to_come, bring, first](auto& far) -> task<> {
          for (;;) {
            const int number = --to_come;
            if (number < 0) co_return;
            log.note(did::come, first + number);
            const int molecule = co_await bring(far, first + number);
            log.note(did::pass, first + number, molecule);
          }
        },
        water);
  };
  const auto bring_h = [&s](auto& far, int atom) { return s.call(far.h, atom); };
  const auto bring_o = [&s](auto& far, int atom) { return s.call(far.o, atom); };
  for (int i = 0; i < 3; ++i) add_source("hydrogens " + std::to_string(i), bring_h, hydrogens, 0);
  for (int i = 0; i < 2; ++i) {
    add_source("oxygens " + std::to_string(i), bring_o, oxygens, 2 * molecules);
  }
  s.play();
  check_molecules(log.events(), molecules);
}

class Water : public ::testing::TestWithParam<setting> {};

TEST_P(Water, IsMadeInNestedStatements) { perform(GetParam(), play_water<nesting_pond>); }

TEST_P(Water, IsMadeOfCallsThatAreKept) { perform(GetParam(), play_water<keeping_pond>); }

INSTANTIATE_TEST_SUITE_P(In, Water, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
