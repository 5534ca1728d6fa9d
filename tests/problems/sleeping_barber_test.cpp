// Problem 9, the sleeping barbers: a shop that keeps its customers as calls to answer later, and
// one that holds them in nested statements and turns away whom it does not take at once.
#include "sleeping_barber.hpp"

#include <deque>
#include <map>
#include <tryst/rendezvous/in.hpp>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using sleeping_barber::BARBERS_V1;

constexpr std::size_t chairs = 2;
constexpr int customers = 5;
constexpr int no_barber = -1;  // the room is full
constexpr int nobody = -1;     // the shop is shut

enum class did { come, wait, balk, sit, cut, answered, go };
using events_of_run = std::vector<event<did>>;

/// What both shops offer. A barber who finishes a cut waits until the customer has left.
struct barber_shop : module {
  op<std::int32_t(std::int32_t)> get_haircut{this};
  op<std::int32_t(std::int32_t)> get_next_customer{this};
  op<void(std::int32_t)> finished_cut{this};
  op<void(std::int32_t)> leave{this};
  op<void(std::int32_t)> shut{this};
  event_log<did> log;
};

struct waiting_room_shop : barber_shop {
  task<> server() {
    struct in_room {
      call<std::int32_t(std::int32_t)> customer;
      int number;
    };
    std::deque<in_room> room;
    std::map<int, in_room> in_chair;                   // by barber
    std::map<int, call<void(std::int32_t)>> finished;  // barbers whose customers have not left
    bool open = true;
    for (;;) {
      co_await in(
          accept(get_haircut) >>
              [&](call<std::int32_t(std::int32_t)> c, int customer) {
                if (room.size() == chairs) {
                  log.note(did::balk, customer);
                  return c.reply(no_barber);
                }
                log.note(did::wait, customer);
                room.push_back({std::move(c), customer});
              },
          accept(get_next_customer).when(!room.empty()) >>
              [&](int barber) {
                in_room next = std::move(room.front());
                room.pop_front();
                const int customer = next.number;
                log.note(did::sit, customer, barber);
                in_chair.emplace(barber, std::move(next));
                return customer;
              },
          accept(get_next_customer).when(room.empty() && !open) >> [](int) { return nobody; },
          accept(finished_cut) >>
              [&](call<void(std::int32_t)> c, int barber) {
                in_room& leaving = in_chair.at(barber);
                log.note(did::answered, leaving.number, barber);
                finished.emplace(barber, std::move(c));
                leaving.customer.reply(barber);
              },
          accept(leave) >>
              [&](int barber) {
                in_chair.erase(barber);
                finished.extract(barber).mapped().reply();
              },
          accept(shut) >> [&](int) { open = false; });
    }
  }
};

/// Has a process for each barber, and all of them accept the same operations.
struct nested_shop : barber_shop {
  task<> server(int me) {
    const auto mine = [me](int barber) { return barber == me; };
    for (;;) {
      co_await in(accept(get_next_customer).such_that(mine) >>
                      [&](call<std::int32_t(std::int32_t)>& barber, int) -> task<> {
        co_await in(
            accept(get_haircut) >>
                [&](call<std::int32_t(std::int32_t)>& customer, int number) -> task<> {
              log.note(did::sit, number, me);
              barber.reply(number);
              co_await in(accept(finished_cut).such_that(mine) >> [&](int) -> task<> {
                log.note(did::answered, number, me);
                customer.reply(me);
                co_await in(accept(leave).such_that(mine) >> [](int) {});
              });
            },
            accept(shut).such_that(mine) >> [&](int) { barber.reply(nobody); });
      });
    }
  }
};

struct far_shop : remote_module<BARBERS_V1> {
  using remote_module::remote_module;
  remote_op<BARBERS_V1::GET_HAIRCUT> get_haircut{this};
  remote_op<BARBERS_V1::GET_NEXT_CUSTOMER> get_next_customer{this};
  remote_op<BARBERS_V1::FINISHED_CUT> finished_cut{this};
  remote_op<BARBERS_V1::LEAVE> leave{this};
  remote_op<BARBERS_V1::SHUT> shut{this};
};

/// One customer in a chair at most; he is answered when his own cut is done, and the next one comes
/// when he has gone.
void check_chairs(const events_of_run& events, int visits) {
  struct chair {
    int customer = nobody;
    bool cut = false;
    bool answered = false;
  };
  std::map<int, chair> chairs_of;
  int ended = 0;
  for (const auto& e : events) {
    ended += e.kind == did::go || e.kind == did::balk;
    if (e.kind == did::come || e.kind == did::wait || e.kind == did::balk) continue;
    chair& c = chairs_of[e.value];
    if (e.kind == did::sit) {
      require(c.customer == nobody, "the next customer comes when the one before has gone");
      c.customer = e.who;
      continue;
    }
    require(c.customer == e.who, "what is done to a customer is done in his chair");
    if (e.kind == did::cut) c.cut = true;
    if (e.kind == did::answered) {
      require(c.cut, "a customer is answered when his cut is done");
      c.answered = true;
    }
    if (e.kind == did::go) {
      require(c.answered, "a customer goes when he is answered");
      c = {};
    }
  }
  require(ended == visits, "each visit ends");
}

/// Who finds all chairs of the room taken goes, and nobody else; they sit down in the order in
/// which they came in.
void check_waiting_room(const events_of_run& events) {
  std::deque<int> room;
  for (const auto& e : events) {
    if (e.kind == did::wait) room.push_back(e.who);
    require(room.size() <= chairs, "no more wait than there are chairs");
    if (e.kind == did::balk) require(room.size() == chairs, "who goes finds all chairs taken");
    if (e.kind != did::sit) continue;
    require(!room.empty() && room.front() == e.who, "who waits longest is next");
    room.pop_front();
  }
}

/// Where coming is queueing, without a room.
void check_order_of_coming(const events_of_run& events) {
  std::deque<int> outside;
  for (const auto& e : events) {
    if (e.kind == did::come) outside.push_back(e.who);
    if (e.kind != did::sit) continue;
    require(!outside.empty() && outside.front() == e.who, "who came first is next");
    outside.pop_front();
  }
}

/// `visit` yields the barber, or no_barber.
template <class Shop, class Visit>
void play_shop(stage& s, staged<Shop, far_shop>& shop, int barbers, Visit visit) {
  const int visits = s.scaled(16);
  event_log<did>& log = shop->log;
  std::atomic<int> inside = customers;
  shop.publish(&Shop::get_haircut, &Shop::get_next_customer, &Shop::finished_cut, &Shop::leave,
               &Shop::shut);
  for (int b = 0; b < barbers; ++b) {
    s.add(
        "barber " + std::to_string(b),
        [&, b](auto& m) -> task<> {
          for (;;) {
            const int customer = co_await s.call(m.get_next_customer, b);
            if (customer == nobody) co_return;
            log.note(did::cut, customer, b);
            co_await s.call(m.finished_cut, b);
          }
        },
        shop);
  }
  for (int c = 0; c < customers; ++c) {
    s.add(
        "customer " + std::to_string(c),
        [&, c, visit](auto& m) -> task<> {
          for (int v = 0; v < visits; ++v) {
            log.note(did::come, c);
            const int barber = co_await visit(m, c);
            if (barber == no_barber) continue;
            log.note(did::go, c, barber);
            co_await s.call(m.leave, barber);
          }
          // The last that goes shuts the shop.
          if (--inside > 0) co_return;
          for (int b = 0; b < barbers; ++b) co_await s.call(m.shut, b);
        },
        shop);
  }
  s.play();
  check_chairs(log.events(), customers * visits);
}

class SleepingBarber : public ::testing::TestWithParam<setting> {};

TEST_P(SleepingBarber, TurnsAwayWhoFindsNoChairAndCutsTheOthersInTheirOrder) {
  for (const int barbers : {1, 3}) {
    perform(GetParam(), [barbers](stage& s) {
      staged<waiting_room_shop, far_shop> shop{s};
      shop.start(shop->server());
      play_shop(s, shop, barbers, [&s](auto& m, int c) { return s.call(m.get_haircut, c); });
      check_waiting_room(shop->log.events());
    });
  }
}

TEST_P(SleepingBarber, HoldsHisCustomerInNestedStatements) {
  for (const int barbers : {1, 3}) {
    perform(GetParam(), [barbers](stage& s) {
      staged<nested_shop, far_shop> shop{s};
      for (int b = 0; b < barbers; ++b) shop.start(shop->server(b));
      play_shop(s, shop, barbers, [&s](auto& m, int c) { return s.call(m.get_haircut, c); });
      // Of two barbers the one who took his customer first may go on second.
      if (barbers == 1 && s.asking_is_queueing()) check_order_of_coming(shop->log.events());
    });
  }
}

/// No call from afar is taken at once or not at all.
class HastyCustomer : public ::testing::TestWithParam<setting> {};

TEST_P(HastyCustomer, IsTakenAtOnceOrGoes) {
  perform(GetParam(), [](stage& s) {
    staged<nested_shop, far_shop> shop{s};
    for (int b = 0; b < 2; ++b) shop.start(shop->server(b));
    play_shop(s, shop, 2, [&s, &shop](auto& m, int c) -> task<std::int32_t> {
      if constexpr (requires { m.get_haircut.try_call(c); }) {
        const auto barber = co_await s.wait_for([&] { return m.get_haircut.try_call(c); });
        if (barber) co_return *barber;
        shop->log.note(did::balk, c);
        co_await s.yield();
      }
      co_return no_barber;
    });
  });
}

INSTANTIATE_TEST_SUITE_P(In, HastyCustomer,
                         ::testing::Values(setting::one_loop, setting::two_loops, setting::threads,
                                           setting::simulated),
                         name_of_setting);
INSTANTIATE_TEST_SUITE_P(In, SleepingBarber, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
