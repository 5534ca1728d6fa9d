// Where a thread blocks until it is woken.
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <tryst/loop/parking.hpp>

namespace tryst::detail {
namespace {

TEST(Parking, KeepsAWakeThatComesBeforeTheWait) {
  parking here;
  here.wake();
  here.wait();
  here.wake();
  EXPECT_TRUE(here.wait_until(loop::clock::now()));
}

TEST(Parking, EndsAtItsTimeWithoutOneAndIsUsableAgain) {
  parking here;
  EXPECT_FALSE(here.wait_until(loop::clock::now() - std::chrono::seconds{1}));
  EXPECT_FALSE(here.wait_until(loop::clock::now() + std::chrono::milliseconds{5}));
  here.wake();
  EXPECT_TRUE(here.wait_until(loop::time_point::max()));
}

// As a call does it: the thread destroys the place as soon as it can go on.
TEST(Parking, IsNotTouchedByTheWakerOnceTheThreadGoesOn) {
  for (int i = 0; i < 2000; ++i) {
    auto place = std::make_unique<parking>();
    std::jthread waker{[at = place.get()] { at->wake(); }};
    if (i % 2 == 0) {
      place->wait();
    } else {
      EXPECT_TRUE(place->wait_until(loop::time_point::max()));
    }
    place.reset();
  }
}

TEST(Parking, PassesTurnsBetweenTwoThreads) {
  parking ours;
  parking theirs;
  int turns = 0;  // no atomic: ThreadSanitizer watches it
  std::jthread other{[&] {
    for (int i = 0; i < 5000; ++i) {
      theirs.wait();
      ++turns;
      ours.wake();
    }
  }};
  for (int i = 0; i < 5000; ++i) {
    theirs.wake();
    ours.wait();
    ++turns;
  }
  EXPECT_EQ(turns, 10'000);
}

}  // namespace
}  // namespace tryst::detail
