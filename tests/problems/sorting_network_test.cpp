// Problem 15, a sorting network: merge filters that are made and wired while the program runs. A
// filter is the process that a call of `make` leaves behind; what comes out of it goes through a
// capability, to the next filter or to whoever wants the result.
#include <algorithm>
#include <atomic>
#include <bit>
#include <deque>
#include <limits>
#include <map>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>

#include "problems/event_log.hpp"
#include "problems/lent.hpp"

namespace tryst::problems {
namespace {

using number = std::int32_t;
using input = cap<void(number)>;
using inputs = std::tuple<input, input>;
constexpr number no_more = std::numeric_limits<number>::max();

enum class did { in1, in2, out, end };
using events_of_run = std::vector<event<did>>;

struct foundry : module {
  op<inputs(input)> make{this, &foundry::do_make};
  event_log<did> log;
  std::atomic<int> filters = 0;

  task<> do_make(call<inputs(input)>& made, input out) {
    op<void(number)> in1{this};
    op<void(number)> in2{this};
    const int self = filters++;
    made.reply(inputs{in1, in2});

    auto [one] = co_await receive(in1);
    auto [two] = co_await receive(in2);
    while (one != no_more || two != no_more) {
      const bool first = one <= two;
      const number least = first ? one : two;
      log.note(first ? did::in1 : did::in2, self, least);
      co_await out(least);
      log.note(did::out, self, least);
      std::tie(first ? one : two) = co_await receive(first ? in1 : in2);
    }
    log.note(did::end, self);
    co_await out(no_more);
  }
};

/// Where inputs lie until somebody takes one, and what the last filter gives out.
struct counter : module {
  op<void(input)> lay_down{this};
  op<input()> take_up{this};
  op<void(number)> put{this};
  op<void()> done{this};
  std::vector<number> sorted;

  task<> server() {
    std::deque<input> free;
    bool over = false;
    for (;;) {
      co_await in(
          accept(lay_down) >> [&](input i) { free.push_back(std::move(i)); },
          accept(take_up).when(!free.empty()) >>
              [&] {
                input i = std::move(free.front());
                free.pop_front();
                return i;
              },
          accept(put) >>
              [&](number n) {
                over = n == no_more;
                if (!over) sorted.push_back(n);
              },
          accept(done).when(over) >> [] {});
    }
  }
};

/// Each filter merges: what goes out is in order, and is what came in.
void check_filters(const events_of_run& events, int filters) {
  std::map<did, std::map<int, std::vector<number>>> noted;
  for (const auto& e : events) noted[e.kind][e.who].push_back(e.value);
  for (int f = 0; f < filters; ++f) {
    std::vector<number> merged;
    std::ranges::merge(noted[did::in1][f], noted[did::in2][f], std::back_inserter(merged));
    require(std::ranges::is_sorted(merged), "a filter takes its inputs in order");
    require(noted[did::out][f] == merged, "a filter gives out what it takes, in order");
    require(noted[did::end][f].size() == 1, "each filter ends");
  }
}

/// A number passes as many filters as the network is deep.
void check_depth(const events_of_run& events, int depth) {
  std::map<number, int> passed;
  for (const auto& e : events) {
    if (e.kind == did::out) ++passed[e.value];
  }
  for (const auto& [value, filters] : passed) {
    require(filters == depth, "each number passes one filter of each stage");
  }
}

void play_network(stage& s, std::size_t streams) {
  const auto each = static_cast<std::size_t>(s.scaled(8));
  lent<foundry> works{s, "foundry"};
  lent<counter> desk{s, "counter"};
  works.start();
  desk.start(desk->server());
  const auto make = works.lend(&foundry::make);
  const auto lay_down = desk.lend(&counter::lay_down);
  const auto take_up = desk.lend(&counter::take_up);
  const auto put = desk.lend(&counter::put);
  const auto done = desk.lend(&counter::done);

  std::vector<number> all(streams * each);
  for (std::size_t i = 0; i < all.size(); ++i) {  // which all differ
    all[i] = static_cast<number>(s.home().random() % 1000 * all.size() + i);
  }

  // Wired from the end to the beginning: who makes a filter says where its output goes.
  s.add("builder", [&]() -> task<> {
    std::vector<input> open{put};
    while (open.size() < streams) {
      std::vector<input> before;
      for (const input& to : open) {
        const auto [in1, in2] = co_await s.call(make, to);
        before.insert(before.end(), {in1, in2});
      }
      open = before;
    }
    for (const input& i : open) co_await s.call(lay_down, i);
    co_await s.call(done);
  });
  for (std::size_t i = 0; i < streams; ++i) {
    s.add("source " + std::to_string(i), [&, i]() -> task<> {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(i * each);
      std::vector<number> own(begin, begin + static_cast<std::ptrdiff_t>(each));
      std::ranges::sort(own);
      const input to = co_await s.call(take_up);
      for (const number n : own) co_await s.call(to, n);
      co_await s.call(to, no_more);
    });
  }
  s.play();

  std::ranges::sort(all);
  require(desk->sorted == all, "what comes out is what went in, in order");
  require(works->filters == static_cast<int>(streams) - 1, "there are as many filters as needed");
  check_filters(works->log.events(), works->filters);
  check_depth(works->log.events(), std::bit_width(streams) - 1);
}

class SortingNetwork : public ::testing::TestWithParam<setting> {};

TEST_P(SortingNetwork, SortsByFiltersThatAreWiredWhileItRuns) {
  perform(GetParam(), [](stage& s) { play_network(s, 8); });
}

INSTANTIATE_TEST_SUITE_P(In, SortingNetwork, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
