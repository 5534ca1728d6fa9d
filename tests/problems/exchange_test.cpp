// Problem 14, exchanging values: all learn the least and the greatest, from one in the center, from
// each other, or round a ring; and two swap what they have.
#include "exchange.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <tryst/rendezvous/in.hpp>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using ::exchange::MAILBOX_V1;
using ::exchange::range;
using ::exchange::SWAP_V1;

constexpr std::size_t parties = 4;

struct mailbox : module {
  op<void(range)> deliver{this};
  op<range()> collect{this};
  int delivered = 0;
  std::deque<range> letters;

  task<> server() {
    for (;;) {
      co_await in(
          accept(deliver) >>
              [&](const range& r) {
                ++delivered;
                letters.push_back(r);
              },
          accept(collect).when(!letters.empty()) >>
              [&] {
                const range first = letters.front();
                letters.pop_front();
                return first;
              });
    }
  }
};

struct far_mailbox : remote_module<MAILBOX_V1> {
  using remote_module::remote_module;
  remote_op<MAILBOX_V1::DELIVER> deliver{this};
  remote_op<MAILBOX_V1::COLLECT> collect{this};
};

range both(const range& a, const range& b) {
  return {.least = std::min(a.least, b.least), .greatest = std::max(a.greatest, b.greatest)};
}

/// Number 0 learns all values and tells the others.
constexpr auto by_center = [](stage& s, auto& boxes, std::size_t me, range known) -> task<range> {
  if (me != 0) {
    co_await s.call(boxes[0]->deliver, known);
    co_return co_await s.call(boxes[me]->collect);
  }
  for (std::size_t i = 1; i < parties; ++i) {
    const range heard = co_await s.call(boxes[0]->collect);
    known = both(known, heard);
  }
  for (std::size_t i = 1; i < parties; ++i) co_await s.call(boxes[i]->deliver, known);
  co_return known;
};

/// Everybody tells everybody.
constexpr auto by_all = [](stage& s, auto& boxes, std::size_t me, range known) -> task<range> {
  for (std::size_t i = 0; i < parties; ++i) {
    if (i != me) co_await s.call(boxes[i]->deliver, known);
  }
  const range own = known;
  for (std::size_t i = 1; i < parties; ++i) {
    const range heard = co_await s.call(boxes[me]->collect);
    known = both(known, heard);
  }
  co_return both(known, own);
};

/// What is known goes round: the last one knows all, and tells it round again.
constexpr auto by_ring = [](stage& s, auto& boxes, std::size_t me, range known) -> task<range> {
  const std::size_t next = (me + 1) % parties;
  if (me != 0) {
    const range heard = co_await s.call(boxes[me]->collect);
    known = both(known, heard);
  }
  co_await s.call(boxes[next]->deliver, known);
  if (me == parties - 1) co_return known;
  known = co_await s.call(boxes[me]->collect);
  if (me != parties - 2) co_await s.call(boxes[next]->deliver, known);
  co_return known;
};

template <class Algorithm>
void play_exchange(stage& s, Algorithm algorithm, int messages) {
  constexpr std::array<int, parties> values{17, -5, 40, 3};
  staged<mailbox, far_mailbox> a{s};
  staged<mailbox, far_mailbox> b{s};
  staged<mailbox, far_mailbox> c{s};
  staged<mailbox, far_mailbox> d{s};
  const std::array staged_boxes{&a, &b, &c, &d};
  for (auto* box : staged_boxes) {
    box->publish(&mailbox::deliver, &mailbox::collect);
    box->start((*box)->server());
  }
  std::array<range, parties> learned{};
  for (std::size_t me = 0; me < parties; ++me) {
    s.add(
        "party " + std::to_string(me),
        [&, me](auto&... far) -> task<> {
          const std::array boxes{&far...};
          const range own{.least = values[me], .greatest = values[me]};
          learned[me] = co_await algorithm(s, boxes, me, own);
        },
        a, b, c, d);
  }
  s.play();
  int sent = 0;
  for (auto* box : staged_boxes) {
    sent += (*box)->delivered;
    require((*box)->letters.empty(), "all that is sent is read");
  }
  for (const range& r : learned) {
    require(r.least == -5 && r.greatest == 40, "all learn the least and the greatest");
  }
  require(sent == messages, "as many messages as the algorithm promises");
}

class Exchange : public ::testing::TestWithParam<setting> {};

TEST_P(Exchange, TakesTwoMessagesEachWithACenter) {
  perform(GetParam(), [](stage& s) { play_exchange(s, by_center, 2 * (parties - 1)); });
}

TEST_P(Exchange, TakesAMessageForEachPairAndDirectionWithoutOne) {
  perform(GetParam(), [](stage& s) { play_exchange(s, by_all, parties * (parties - 1)); });
}

TEST_P(Exchange, TakesTwoMessagesEachInARing) {
  perform(GetParam(), [](stage& s) { play_exchange(s, by_ring, 2 * (parties - 1)); });
}

struct swap_place : module {
  op<std::int32_t(std::int32_t)> exchange{this};

  task<> server() {
    for (;;) {
      int of_second = 0;
      co_await in(accept(exchange) >> [&](int of_first) -> task<std::int32_t> {
        co_await in(accept(exchange) >> [&](int value) {
          of_second = value;
          return of_first;
        });
        co_return of_second;
      });
    }
  }
};

struct far_swap_place : remote_module<SWAP_V1> {
  using remote_module::remote_module;
  remote_op<SWAP_V1::EXCHANGE> exchange{this};
};

TEST_P(Exchange, GivesEachOfTwoWhatTheOtherHas) {
  perform(GetParam(), [](stage& s) {
    enum class did { swap };
    const int values = 2 * s.scaled(48);
    std::atomic<int> left = values;
    event_log<did> log;
    staged<swap_place, far_swap_place> place{s};
    place.publish(&swap_place::exchange);
    place.start(place->server());
    for (int i = 0; i < 3; ++i) {
      s.add(
          "swapper " + std::to_string(i),
          [&](auto& far) -> task<> {
            for (;;) {
              const int mine = --left;
              if (mine < 0) co_return;
              const int other = co_await s.call(far.exchange, mine);
              log.note(did::swap, mine, other);
            }
          },
          place);
    }
    s.play();
    std::map<int, int> got;  // by what was given
    for (const auto& e : log.events()) got[e.who] = e.value;
    require(static_cast<int>(got.size()) == values, "all swap");
    for (const auto& [given, taken] : got) {
      require(given != taken && got.at(taken) == given, "both get what the other one has");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(In, Exchange, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
