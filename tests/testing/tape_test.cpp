#include <gtest/gtest.h>

#include <numeric>
#include <tryst/testing/explore.hpp>
#include <tryst/testing/tape.hpp>

namespace tryst::testing {
namespace {

using choices = std::vector<std::uint32_t>;

choices play(tape t, int times = 100) {
  for (int i = 0; i < times; ++i) t.choose(2 + i % 5);
  return t.played();
}

TEST(Tape, GivesTheSameForTheSameSeedAndAnotherForAnother) {
  EXPECT_EQ(play(tape{7}), play(tape{7}));
  EXPECT_NE(play(tape{7}), play(tape{8}));
}

TEST(Tape, ChoosesEachPossibilityUnderSomeSeeds) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    tape t{seed};
    std::size_t seen = 0;
    for (int i = 0; i < 1000; ++i) seen |= std::size_t{1} << t.choose(3);
    EXPECT_EQ(seen, 7U) << seed;
  }
}

TEST(Tape, IsPlayedAgainFromItsRecordAndFromItsText) {
  tape first{3};
  for (int i = 0; i < 100; ++i) first.choose(2 + i % 5);
  EXPECT_EQ(play(first.recorded()), first.played());
  const auto parsed = tape::parse(first.recorded().text());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->seed(), 3U);
  EXPECT_EQ(play(*parsed), first.played());
}

TEST(Tape, ChoosesTheFirstAfterItsEndAndStaysWithinWhatIsPossible) {
  EXPECT_EQ(play(tape{1, {1, 9}}, 4), (choices{1, 0, 0, 0}));
}

TEST(Tape, RecordsNothingWhereThereIsNoChoice) {
  tape t{5};
  EXPECT_EQ(t.choose(1), 0U);
  EXPECT_TRUE(t.played().empty());
}

TEST(Tape, HasAShortText) {
  EXPECT_EQ((tape{17, {1, 0, 0, 0, 2, 0, 5, 0, 0}}).text(), "17:1.z3.2.0.5");
  EXPECT_EQ((tape{17, {}}).text(), "17:");
}

TEST(Tape, RefusesATextThatIsNone) {
  for (const char* text : {"", "17", ":1", "17:x", "17:1..2", "17:z", "17:z999999999", "17:1,2"}) {
    EXPECT_FALSE(tape::parse(text)) << text;
  }
}

TEST(Tape, HasBitsThatDoNotDependOnTheChoices) {
  tape a{9};
  tape b{9};
  a.choose(4);
  EXPECT_EQ(a.bits(), b.bits());
}

TEST(Shrinking, FindsTheFewChoicesThatMatter) {
  choices long_one(300);
  std::iota(long_one.begin(), long_one.end(), 1U);
  // It fails when 2 or more stands anywhere before a number greater than 100.
  const auto fails = [](const choices& c) {
    bool armed = false;
    for (const std::uint32_t n : c) {
      if (armed && n > 100) return true;
      armed = armed || n >= 2;
    }
    return false;
  };
  EXPECT_EQ(shrink(long_one, 10'000, fails), (choices{2, 101}));
}

TEST(Shrinking, AsksNoMoreOftenThanItMay) {
  std::size_t asked = 0;
  const choices kept = shrink(choices(100, 1), 10, [&](const choices& c) {
    ++asked;
    return c.size() == 100;
  });
  EXPECT_EQ(asked, 10U);
  EXPECT_EQ(kept.size(), 100U);
}

}  // namespace
}  // namespace tryst::testing
