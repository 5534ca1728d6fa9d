// What a module is made of (rule M1).
#include <gtest/gtest.h>

#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;

/// Its specification are its operations, its body what is private.
class allocator : public module {
public:
  explicit allocator(int units) : free_{units} {}

  op<int(int)> take{this};
  op<void(int)> put{this};

  task<> server() {
    for (;;) {
      co_await in(
          accept(take).such_that([&](int units) { return units <= free_; }) >>
              [&](int units) { return free_ -= units; },
          accept(put) >> [&](int units) { free_ += units; });
    }
  }

private:
  int free_;
};

TEST(RuleM1, TheConstructorIsTheInitialisationOfEachInstance) {
  allocator small{2};
  allocator large{10};
  stage on;
  on.start(small, small.server());
  on.start(large, large.server());
  std::vector<int> left;
  on.run([&]() -> task<> {
    left.push_back(co_await large.take(7));
    left.push_back(co_await small.take(1));
  });
  EXPECT_EQ(left, (std::vector{3, 1}));
}

TEST(RuleM1, ServicersMayBeAsManyAsTheBodyHasProcesses) {
  allocator one{1};
  stage on;
  on.start(one, one.server());
  on.start(one, one.server());
  int left = -1;
  on.begin([&]() -> task<> { left = co_await one.take(2); });
  on.begin([&]() -> task<> { co_await one.put(1); });
  on.play();
  EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace tryst
