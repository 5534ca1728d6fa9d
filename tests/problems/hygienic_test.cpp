// Problem 4, dining philosophers without a centre: Chandy and Misra's hygienic forks. Waiters hold
// forks as tokens and send each other requests and forks, in the remote settings over the network.
#include "hygienic.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using hygienic::WAITER_V1;

constexpr int seats = 5;
constexpr int left = 0;
constexpr int right = 1;
int beside(int id, int side) { return (id + (side == left ? seats - 1 : 1)) % seats; }
/// The fork at that side; fork i lies between i and i + 1.
int fork_of(int id, int side) { return side == left ? beside(id, left) : id; }

enum class did { eat, finish, request, receive_request, yield, receive_fork };
using shared_log = event_log<did>;

struct waiter : module {
  op<void()> get_forks{this};
  op<void()> release_forks{this};
  op<void(std::int32_t)> request{this};
  op<void(std::int32_t)> fork{this};

  struct shared_fork {
    bool here;
    bool dirty;
    bool token;   // the right to request it, or, beside the fork, the request
    bool coming;  // it was requested: the other's request may be here before the fork is
    std::function<void()> request;
    std::function<void()> give;
  };
  std::array<shared_fork, 2> forks;

  /// In the beginning forks lie, dirty, with the lesser of the two: so nobody waits in a circle.
  waiter(int id, shared_log& log) : id_{id}, log_{log} {
    for (const int side : {left, right}) {
      const bool here = id_ < beside(id_, side);
      forks.at(static_cast<std::size_t>(side)) = {here, true, !here, false, {}, {}};
    }
  }

  task<> server() {
    for (;;) {
      co_await in(
          accept(get_forks) >> [&](call<void()> c) { hungry_.emplace(std::move(c)); },
          accept(release_forks) >>
              [&] {
                eating_ = false;
                log_.note(did::finish, id_);
              },
          accept(request) >>
              [&](std::int32_t side) {
                log_.note(did::receive_request, id_, fork_of(id_, side));
                forks.at(static_cast<std::size_t>(side)).token = true;
              },
          accept(fork) >>
              [&](std::int32_t side) {
                log_.note(did::receive_fork, id_, fork_of(id_, side));
                shared_fork& f = forks.at(static_cast<std::size_t>(side));
                f.here = true;
                f.dirty = f.coming = false;
              });
      act();
    }
  }

private:
  // Does what the forks and hunger allow, in whatever order messages came.
  void act() {
    for (const int side : {left, right}) {
      shared_fork& f = forks.at(static_cast<std::size_t>(side));
      if (f.here && f.dirty && f.token && !eating_) {
        f.here = false;
        log_.note(did::yield, id_, fork_of(id_, side));
        f.give();
      }
      if (hungry_ && !f.here && f.token && !f.coming) {
        f.token = false;
        f.coming = true;
        log_.note(did::request, id_, fork_of(id_, side));
        f.request();
      }
    }
    if (!hungry_ || !std::ranges::all_of(forks, &shared_fork::here)) return;
    for (shared_fork& f : forks) f.dirty = true;
    eating_ = true;
    log_.note(did::eat, id_);
    std::exchange(hungry_, std::nullopt)->reply();
  }

  int id_;
  shared_log& log_;
  bool eating_ = false;
  std::optional<call<void()>> hungry_;
};

struct far_waiter : remote_module<WAITER_V1> {
  using remote_module::remote_module;
  remote_op<WAITER_V1::GET_FORKS> get_forks{this};
  remote_op<WAITER_V1::RELEASE_FORKS> release_forks{this};
  remote_op<WAITER_V1::REQUEST> request{this};
  remote_op<WAITER_V1::FORK> fork{this};
};

/// Follows the forks: where they are, who of two neighbours goes first, who was asked for one.
class forks_model {
public:
  forks_model() {
    for (int f = 0; f < seats; ++f) {
      fork& each = forks_.at(static_cast<std::size_t>(f));
      each.holder = std::min(f, beside(f, right));
      each.first = std::max(f, beside(f, right));  // the one to whom a dirty fork goes
    }
  }

  void apply(const event<did>& e) {
    if (e.kind == did::eat) return eat(e.who);
    if (e.kind == did::finish) {
      eating_.at(static_cast<std::size_t>(e.who)) = false;
      return;
    }
    fork& f = forks_.at(static_cast<std::size_t>(e.value));
    switch (e.kind) {
      case did::yield:
        require(f.holder == e.who, "only who has a fork gives it");
        f.holder.reset();
        f.meals_since_request.reset();
        ++messages_;
        break;
      case did::receive_fork:
        require(!f.holder, "a fork is in one hand at a time");
        f.holder = e.who;
        break;
      case did::request:
        require(f.holder != e.who, "nobody asks for a fork that he has");
        ++messages_;
        break;
      default:
        f.meals_since_request = 0;
    }
  }

  void check_end(int meals_each) const {
    for (const fork& f : forks_) require(f.holder.has_value(), "all forks are there in the end");
    for (const int m : meals_) require(m == meals_each, "everybody eats as often as he wants to");
    require(messages_ <= 4 * seats * meals_each, "a meal costs four messages at most");
  }

private:
  struct fork {
    std::optional<int> holder;  // none: on its way
    int first = 0;
    std::optional<int> meals_since_request;
  };

  void eat(int id) {
    ++meals_.at(static_cast<std::size_t>(id));
    eating_.at(static_cast<std::size_t>(id)) = true;
    for (const int side : {left, right}) {
      const int other = beside(id, side);
      require(!eating_.at(static_cast<std::size_t>(other)), "neighbours never eat together");
      fork& f = forks_.at(static_cast<std::size_t>(fork_of(id, side)));
      require(f.holder == id, "who eats has both forks");
      f.first = other;
      if (f.meals_since_request) {
        require(++*f.meals_since_request <= 1, "who is asked for a fork eats once more at most");
      }
    }
    bool circle = true;
    bool other_circle = true;
    for (int f = 0; f < seats; ++f) {
      const bool up = forks_.at(static_cast<std::size_t>(f)).first == beside(f, right);
      circle = circle && up;
      other_circle = other_circle && !up;
    }
    require(!circle && !other_circle, "the order of precedence has no circle");
  }

  std::array<fork, seats> forks_;
  std::array<bool, seats> eating_{};
  std::array<int, seats> meals_{};
  int messages_ = 0;
};

class HygienicPhilosophers : public ::testing::TestWithParam<setting> {};

TEST_P(HygienicPhilosophers, EatWithForksThatGoFromHandToHand) {
  perform(GetParam(), [](stage& s) {
    const int meals = s.scaled(50);
    shared_log log;
    std::list<staged<waiter, far_waiter>> waiters;
    std::array<staged<waiter, far_waiter>*, seats> at{};
    for (int id = 0; id < seats; ++id) {
      at.at(static_cast<std::size_t>(id)) = &waiters.emplace_back(s, id, log);
      waiters.back().publish(&waiter::get_forks, &waiter::release_forks, &waiter::request,
                             &waiter::fork);
    }
    for (int id = 0; id < seats; ++id) {
      auto& here = *at.at(static_cast<std::size_t>(id));
      for (const int side : {left, right}) {
        auto& mine = here->forks.at(static_cast<std::size_t>(side));
        const int theirs = side == left ? right : left;
        s.introduce(*at.at(static_cast<std::size_t>(beside(id, side))), [&](auto neighbour) {
          mine.request = [&s, neighbour, theirs] { s.send(neighbour->request, theirs); };
          mine.give = [&s, neighbour, theirs] { s.send(neighbour->fork, theirs); };
        });
      }
    }
    for (int id = 0; id < seats; ++id) {
      auto& here = *at.at(static_cast<std::size_t>(id));
      here.start(here->server());
      s.add(
          "philosopher " + std::to_string(id),
          [&s, meals](auto& w) -> task<> {
            for (int m = 0; m < meals; ++m) {
              co_await s.call(w.get_forks);
              co_await s.yield();
              co_await s.call(w.release_forks);
            }
          },
          here);
    }
    s.play();
    forks_model model;
    for (const auto& e : log.events()) model.apply(e);
    model.check_end(meals);
  });
}

INSTANTIATE_TEST_SUITE_P(In, HygienicPhilosophers, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
