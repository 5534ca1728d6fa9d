#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <tryst/rendezvous/in.hpp>
#include <tryst/testing/quiescence.hpp>
#include <tryst/testing/seeded_loop.hpp>

namespace tryst::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t seeds = 50;

/// What a run of `body` wrote down under a seed.
template <class Body>
std::string written_under(std::uint64_t seed, const Body& body) {
  seeded_loop l{seed};
  std::string text;
  body(l, text);
  return text;
}

template <class Body>
std::set<std::string> all_that_is_written(const Body& body) {
  std::set<std::string> texts;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const std::string text = written_under(seed, body);
    EXPECT_EQ(text, written_under(seed, body)) << seed;
    texts.insert(text);
  }
  return texts;
}

TEST(SeededLoop, PermutesWhatIsPostedAndTheSameWayForTheSameSeed) {
  const auto texts = all_that_is_written([](seeded_loop& l, std::string& text) {
    for (const char c : {'a', 'b', 'c'}) l.post([&text, c] { text += c; });
    l.run();
  });
  EXPECT_EQ(texts, (std::set<std::string>{"abc", "acb", "bac", "bca", "cab", "cba"}));
}

TEST(SeededLoop, IsInTheOrderOfArrivalUnderAnEmptyTape) {
  seeded_loop l{tape{1, {}}};
  std::string text;
  for (const char c : {'a', 'b', 'c'}) l.post([&text, c] { text += c; });
  l.run();
  EXPECT_EQ(text, "abc");
}

struct meeting : module {
  op<void(char)> arrive{this};
  op<void()> leave{this};
  std::string& text;
  explicit meeting(std::string& to) : text{to} {}

  task<> server() {
    for (;;) co_await in(accept(arrive) >> [this](char who) { text += who; });
  }
  task<> crowd(int of) {
    for (;;) {
      co_await in(accept(leave).when([this, of] { return leave.pending() == std::size_t(of); }) >>
                  [] {});
      for (int i = 1; i < of; ++i) co_await receive(leave);
    }
  }
};

// All three wait and are woken in one go: it is for the tape who goes on first.
TEST(SeededLoop, PermutesPartiesThatOneBodyWakes) {
  const auto texts = all_that_is_written([](seeded_loop& l, std::string& text) {
    meeting m{text};
    quiescence end{l};
    end.name(m, "meeting");
    m.start(l, m.crowd(3));
    for (const char c : {'a', 'b', 'c'}) {
      l.begin(std::string{c}, [&m, &text, c]() -> task<> {
        co_await m.leave();
        text += c;
      });
    }
    l.run();
    end.check();
  });
  EXPECT_EQ(texts.size(), 6U);
}

TEST(SeededLoop, PermutesCallersOfAModule) {
  const auto texts = all_that_is_written([](seeded_loop& l, std::string& text) {
    meeting m{text};
    quiescence end{l};
    end.name(m, "meeting");
    m.start(l, m.server());
    for (const char c : {'a', 'b'}) {
      l.begin(std::string{c}, [&m, c]() -> task<> {
        co_await m.arrive(c);
        co_await m.arrive(static_cast<char>(c - 'a' + 'A'));
      });
    }
    l.run();
    end.check();
  });
  EXPECT_EQ(texts.size(), 6U);  // aA and bB merged in every way
}

struct noted_timer final : timer {
  std::string* text;
  char name;
  noted_timer(std::string& to, char n) : text{&to}, name{n} {}
  void expired() noexcept override { *text += name; }
};

TEST(SeededLoop, ExpiresTimersByTimeAndThoseOfOneTimeInAnyOrder) {
  const auto texts = all_that_is_written([](seeded_loop& l, std::string& text) {
    noted_timer late{text, 'z'};
    noted_timer one{text, 'a'};
    noted_timer other{text, 'b'};
    noted_timer never{text, '!'};
    l.arm(late, l.now() + 1h + 1ns);
    l.arm(one, l.now() + 1h);
    l.arm(other, l.now() + 1h);
    l.arm(never, l.now() + 1s);
    l.disarm(never);
    const auto begun = l.now();
    l.run();
    EXPECT_EQ(l.now(), begun + 1h + 1ns);
  });
  EXPECT_EQ(texts, (std::set<std::string>{"abz", "baz"}));
}

TEST(SeededLoop, PermutesWhatIsReadyWithTheTimersOfThatMoment) {
  const auto texts = all_that_is_written([](seeded_loop& l, std::string& text) {
    noted_timer due{text, 't'};
    l.arm(due, l.now());
    l.post([&text] { text += 'j'; });
    l.run();
  });
  EXPECT_EQ(texts, (std::set<std::string>{"jt", "tj"}));
}

struct noted_job final : job {
  std::string* text;
  explicit noted_job(std::string& to) : text{&to} {}
  void run() noexcept override { *text += '|'; }
};

TEST(SeededLoop, EndsATurnAfterAnyNumberOfJobs) {
  const auto texts = all_that_is_written([](seeded_loop& l, std::string& text) {
    noted_job end{text};
    l.post([&] {
      l.at_turn_end(end);
      for (int i = 0; i < 2; ++i) l.post([&text] { text += 'j'; });
    });
    l.run();
  });
  EXPECT_EQ(texts, (std::set<std::string>{"|jj", "j|j", "jj|"}));
}

TEST(SeededLoop, LetsOthersRunWhereAProcessYields) {
  const auto texts = all_that_is_written([](seeded_loop& l, std::string& text) {
    for (const char c : {'a', 'b'}) {
      l.begin(std::string{c}, [&l, &text, c]() -> task<> {
        text += c;
        co_await l.yield();
        text += c;
      });
    }
    l.run();
  });
  EXPECT_EQ(texts.size(), 6U);
}

TEST(SeededLoop, MovesItsClockForThoseThatSleep) {
  seeded_loop l{1};
  std::string text;
  const auto sleeper = [&](loop::duration span, char c) -> task<> {
    co_await l.sleep(span);
    text += c;
  };
  l.begin("late", [&] { return sleeper(2h, 'b'); });
  l.begin("early", [&] { return sleeper(1h, 'a'); });
  l.run_for(90min);
  EXPECT_EQ(text, "a");
  ASSERT_EQ(l.unfinished().size(), 1U);
  EXPECT_EQ(l.name_of(l.unfinished().front()), "late");
  l.run();
  EXPECT_EQ(text, "ab");
}

TEST(SeededLoop, ThrowsWhatAProcessThrew) {
  seeded_loop l{1};
  l.begin("unlucky", []() -> task<> {
    throw std::domain_error{"no luck"};
    co_return;
  });
  EXPECT_THROW(l.run(), std::domain_error);
}

TEST(SeededLoop, CallsARunEndlessAfterTooManySteps) {
  seeded_loop l{1};
  l.bound_steps(1000);
  bool over = false;
  l.begin("restless", [&]() -> task<> {
    while (!over) co_await l.yield();
  });
  EXPECT_THROW(l.run(), std::runtime_error);
  over = true;
  l.run();
}

TEST(SeededLoop, TakesWhatAnotherThreadPosts) {
  seeded_loop l{1};
  int ran = 0;
  std::jthread{[&] { l.post([&] { ++ran; }); }}.join();
  l.run();
  EXPECT_EQ(ran, 1);
}

TEST(SeededLoop, FreesWhatItNeverRan) {
  auto held = std::make_shared<int>(1);
  {
    seeded_loop l{1};
    l.post([held] {});
    l.begin("never", [held]() -> task<> { co_return; });
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace tryst::testing
