// Problem 16, the sieve: a pipeline of filters, each of which knows a prime and makes the next when
// a number gets past it. The end goes through it as a number does, and ends each filter in turn.
#include <map>
#include <optional>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>

#include "problems/event_log.hpp"
#include "problems/lent.hpp"

namespace tryst::problems {
namespace {

using number = std::int32_t;
using input = cap<void(number)>;
constexpr number no_more = 0;

enum class did { take, pass, end };

struct sieve : module {
  /// A filter that tells its prime to `primes`; yields where its numbers go.
  op<input(input)> make{this, &sieve::do_make};
  event_log<did> log;

  task<> do_make(call<input(input)>& made, input primes) {
    op<void(number)> numbers{this};
    made.reply(numbers);

    auto [prime] = co_await receive(numbers);
    std::optional<input> next;
    if (prime != no_more) {
      co_await primes(prime);
      for (;;) {
        auto [n] = co_await receive(numbers);
        if (n == no_more) break;
        log.note(did::take, prime, n);
        if (n % prime == 0) continue;
        log.note(did::pass, prime, n);
        if (!next) next = co_await make(primes);
        co_await (*next)(n);
      }
      log.note(did::end, prime);
    }
    co_await next.value_or(primes)(no_more);  // the last tells it to whom it told its prime
  }
};

/// Who wants the primes.
struct collector : module {
  op<void(number)> put{this};
  op<void()> done{this};
  std::vector<number> primes;

  task<> server() {
    bool over = false;
    for (;;) {
      co_await in(
          accept(put) >>
              [&](number prime) {
                over = prime == no_more;
                if (!over) primes.push_back(prime);
              },
          accept(done).when(over) >> [] {});
    }
  }
};

/// Each filter passes exactly what its prime does not divide, and they end in their order.
void check_sieve(const std::vector<event<did>>& events, const std::vector<number>& primes) {
  std::map<number, std::vector<number>> taken;
  std::map<number, std::vector<number>> passed;
  std::vector<number> ended;
  for (const auto& e : events) {
    if (e.kind == did::take) taken[e.who].push_back(e.value);
    if (e.kind == did::pass) passed[e.who].push_back(e.value);
    if (e.kind == did::end) ended.push_back(e.who);
  }
  require(ended == primes, "the filters end in their order");
  for (std::size_t i = 0; i < primes.size(); ++i) {
    std::vector<number> rest = taken[primes[i]];
    std::erase_if(rest, [&](number n) { return n % primes[i] == 0; });
    require(passed[primes[i]] == rest, "a filter passes what its prime does not divide");
    const bool last = i + 1 == primes.size();
    require(last == rest.empty(), "the last filter passes nothing");
    if (last) break;
    require(rest.front() == primes[i + 1], "what gets past a filter first is the next prime");
    rest.erase(rest.begin());
    require(taken[primes[i + 1]] == rest, "nothing is lost between two filters");
  }
}

std::vector<number> primes_up_to(number most) {
  std::vector<number> primes;
  for (number n = 2; n <= most; ++n) {
    bool prime = true;
    for (const number p : primes) prime = prime && n % p != 0;
    if (prime) primes.push_back(n);
  }
  return primes;
}

void play_sieve(stage& s, number most) {
  lent<sieve> filters{s, "sieve"};
  lent<collector> found{s, "collector"};
  filters.start();
  found.start(found->server());
  const auto make = filters.lend(&sieve::make);
  const auto put = found.lend(&collector::put);
  const auto done = found.lend(&collector::done);
  s.add("source", [&, most]() -> task<> {
    const input first = co_await s.call(make, put);
    for (number n = 2; n <= most; ++n) co_await s.call(first, n);
    co_await s.call(first, no_more);
    co_await s.call(done);
  });
  s.play();
  require(found->primes == primes_up_to(most), "all primes are found, and in order");
  check_sieve(filters->log.events(), found->primes);
}

class Sieve : public ::testing::TestWithParam<setting> {};

TEST_P(Sieve, FindsPrimesAndEndsInOrder) {
  perform(GetParam(), [](stage& s) { play_sieve(s, s.scaled(200)); });
}

TEST_P(Sieve, EndsWithoutANumber) {
  perform(GetParam(), [](stage& s) { play_sieve(s, 1); });
}

INSTANTIATE_TEST_SUITE_P(In, Sieve, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
