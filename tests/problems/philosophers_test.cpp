// Problem 3, dining philosophers with one waiter: neighbours never eat together. By the guard alone
// two neighbours can starve the one between them; with ages there is a bound.
#include "philosophers.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <tryst/rendezvous/in.hpp>
#include <tryst/testing/quiescence.hpp>
#include <vector>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using philosophers::TABLE_V1;

constexpr int seats = 5;
int left_of(int id) { return (id + seats - 1) % seats; }
int right_of(int id) { return (id + 1) % seats; }

enum class did { hunger, eat, finish };

struct table {
  std::array<bool, seats> eating{};
  event_log<did> log;

  bool forks_free(int id) const {
    return !eating.at(static_cast<std::size_t>(left_of(id))) &&
           !eating.at(static_cast<std::size_t>(right_of(id)));
  }
  void begin(int id) {
    eating.at(static_cast<std::size_t>(id)) = true;
    log.note(did::eat, id);
  }
  void finish(int id) {
    eating.at(static_cast<std::size_t>(id)) = false;
    log.note(did::finish, id);
  }
};

/// The oldest whose forks are free.
struct plain_waiter : module {
  op<void(std::int32_t)> hungry{this};
  op<void(std::int32_t)> get_forks{this};
  op<void(std::int32_t)> release_forks{this};
  table forks;

  task<> server() {
    for (;;) {
      co_await in(
          accept(hungry) >> [&](std::int32_t id) { forks.log.note(did::hunger, id); },
          accept(get_forks).such_that([&](std::int32_t id) { return forks.forks_free(id); }) >>
              [&](std::int32_t id) { forks.begin(id); },
          accept(release_forks) >> [&](std::int32_t id) { forks.finish(id); });
    }
  }
};

/// Nobody passes a neighbour who has been hungry for longer and was passed so often already; of
/// those who may eat, the one who has been hungry for the longest.
struct patient_waiter : module {
  static constexpr int bound = 2;

  op<void(std::int32_t)> hungry{this};
  op<void(std::int32_t)> get_forks{this};
  op<void(std::int32_t)> release_forks{this};
  table forks;

  task<> server() {
    int asked = 0;
    for (;;) {
      co_await in(
          accept(hungry) >>
              [&](std::int32_t id) {
                hunger_of(id) = {++asked, 0};
                forks.log.note(did::hunger, id);
              },
          accept(get_forks)
                  .such_that([&](std::int32_t id) {
                    return forks.forks_free(id) && !would_starve(id, left_of(id)) &&
                           !would_starve(id, right_of(id));
                  })
                  .by([&](std::int32_t id) { return hunger_of(id)->since; }) >>
              [&](std::int32_t id) {
                for (const int other : {left_of(id), right_of(id)}) {
                  if (hunger_of(other) && hunger_of(other)->since < hunger_of(id)->since) {
                    ++hunger_of(other)->passed;
                  }
                }
                hunger_of(id).reset();
                forks.begin(id);
              },
          accept(release_forks) >> [&](std::int32_t id) { forks.finish(id); });
    }
  }

private:
  struct hunger {
    int since;
    int passed;
  };
  std::optional<hunger>& hunger_of(int id) { return hungers_.at(static_cast<std::size_t>(id)); }
  bool would_starve(int id, int other) {
    const auto& waits = hunger_of(other);
    return waits && waits->passed >= bound && waits->since < hunger_of(id)->since;
  }

  std::array<std::optional<hunger>, seats> hungers_;
};

struct far_waiter : remote_module<TABLE_V1> {
  using remote_module::remote_module;
  remote_op<TABLE_V1::HUNGRY> hungry{this};
  remote_op<TABLE_V1::GET_FORKS> get_forks{this};
  remote_op<TABLE_V1::RELEASE_FORKS> release_forks{this};
};

/// Returns how often at most somebody who was hungry was passed by one neighbour or the other, who
/// had become hungry later.
int check_philosophers(const std::vector<event<did>>& events, int meals_each) {
  std::array<bool, seats> eating{};
  std::array<int, seats> meals{};
  std::array<int, seats> since{};  // 0: not hungry
  std::array<int, seats> passed{};
  int most_passed = 0;
  int now = 0;
  for (const auto& e : events) {
    ++now;
    const auto id = static_cast<std::size_t>(e.who);
    if (e.kind == did::hunger) {
      since.at(id) = now;
      passed.at(id) = 0;
    } else if (e.kind == did::finish) {
      eating.at(id) = false;
    } else {
      ++meals.at(id);
      eating.at(id) = true;
      for (const int neighbour : {left_of(e.who), right_of(e.who)}) {
        const auto other = static_cast<std::size_t>(neighbour);
        require(!eating.at(other), "neighbours never eat together");
        if (since.at(other) == 0 || since.at(other) > since.at(id)) continue;
        most_passed = std::max(most_passed, ++passed.at(other));
      }
      since.at(id) = 0;
    }
  }
  for (const int m : meals) require(m == meals_each, "everybody eats as often as he wants to");
  return most_passed;
}

template <class Waiter>
int play_philosophers(stage& s, staged<Waiter, far_waiter>& waiter) {
  const int meals = s.scaled(50);
  waiter.publish(&Waiter::hungry, &Waiter::get_forks, &Waiter::release_forks);
  for (int id = 0; id < seats; ++id) {
    s.add(
        "philosopher " + std::to_string(id),
        [&, id](auto& w) -> task<> {
          for (int m = 0; m < meals; ++m) {
            co_await s.call(w.hungry, id);
            co_await s.call(w.get_forks, id);
            co_await s.yield();
            co_await s.call(w.release_forks, id);
          }
        },
        waiter);
  }
  waiter.start(waiter->server());
  s.play();
  return check_philosophers(waiter->forks.log.events(), meals);
}

class Philosophers : public ::testing::TestWithParam<setting> {};

TEST_P(Philosophers, AllEatWithTheForksOfOneWaiter) {
  perform(GetParam(), [](stage& s) {
    staged<plain_waiter, far_waiter> waiter{s};
    play_philosophers(s, waiter);
  });
}

TEST_P(Philosophers, ArePassedSoOftenAtMostIfTheWaiterIsPatient) {
  perform(GetParam(), [](stage& s) {
    staged<patient_waiter, far_waiter> waiter{s};
    require(play_philosophers(s, waiter) <= patient_waiter::bound, "overtaking is bounded");
  });
}

INSTANTIATE_TEST_SUITE_P(In, Philosophers, every_setting, name_of_setting);

/// 0 and 2 eat by turns, so that at any time one of them does, and 1 is hungry from the beginning.
/// Returns how often 1 was passed.
template <class Waiter>
int alternate() {
  constexpr int rounds = 10;
  testing::seeded_loop l;
  Waiter waiter;
  testing::quiescence end{l};
  end.name(waiter, "waiter");
  waiter.start(l, waiter.server());
  const auto ask = [&](int id) {
    waiter.hungry.send(id);
    waiter.get_forks.send(id);
    l.run();
  };
  ask(0);
  ask(2);
  EXPECT_TRUE(waiter.forks.eating[0] && waiter.forks.eating[2]);  // they are no neighbours
  ask(1);
  for (int r = 0; r < rounds && !waiter.forks.eating[1]; ++r) {
    for (const int id : {0, 2}) {
      waiter.release_forks.send(id);
      l.run();
      if (!waiter.forks.eating[1]) ask(id);
    }
  }
  int passed = 0;
  for (const auto& e : waiter.forks.log.events()) passed += e.kind == did::eat;
  return passed - 2 - waiter.forks.eating[1];
}

TEST(PlainWaiter, LetsTwoNeighboursStarveTheOneBetweenThem) {
  EXPECT_EQ(alternate<plain_waiter>(), 20);
}

TEST(PatientWaiter, LetsHimEatWhenHeWasPassedTwice) {
  EXPECT_EQ(alternate<patient_waiter>(), patient_waiter::bound);
}

}  // namespace
}  // namespace tryst::problems
