// The end of modules and of operations (rules M4, C3, F3).
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tryst/rendezvous/in.hpp>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;

struct shop : module {
  op<void(int)> order{this};
  op<void()> go_on{this};
};

task<errc> ended_by(op<void(int)>& of, int argument) {
  try {
    co_await of(argument);
  } catch (const call_error& error) {
    co_return static_cast<errc>(error.code().value());
  }
  co_return errc{};
}

TEST(RuleM4, ClosingFailsWhatIsQueuedAndWhatComesLater) {
  shop s;
  stage on;
  std::optional<errc> queued;
  std::optional<errc> late;
  on.run([&]() -> task<> { queued = co_await ended_by(s.order, 1); });
  EXPECT_EQ(queued, std::nullopt);
  s.close();
  on.run([&]() -> task<> { late = co_await ended_by(s.order, 2); });
  EXPECT_EQ(queued, errc::op_closed);
  EXPECT_EQ(late, errc::op_closed);
  EXPECT_EQ(std::error_code{errc::op_closed}, outcome::not_executed);
  EXPECT_THROW(s.order.send(3), call_error);
  EXPECT_EQ(s.order.pending(), 0U);
}

TEST(RuleM4, ClosingFinishesWhatWasTakenAndEndsTheProcesses) {
  shop s;
  stage on;
  std::optional<errc> taken;
  on.start(s, [](shop& m) -> task<> {
    for (;;) {
      co_await in(accept(m.order) >> [&](int) -> task<> {
        co_await in(accept(m.go_on) >> [] {}, accept(m.order).when(false) >> [](int) {});
      });
    }
  }(s));
  on.run([&]() -> task<> { taken = co_await ended_by(s.order, 1); });
  s.go_on.send();
  on.play();
  EXPECT_EQ(taken, errc{});
  s.close();
  on.play();
  s.join();
}

TEST(RuleM4, SendsThatNobodyTookAreFreed) {
  const auto witness = std::make_shared<int>(0);
  {
    struct box : module {
      op<void(std::shared_ptr<int>)> put{this};
    } b;
    for (int i = 0; i < 3; ++i) b.put.send(witness);
    EXPECT_EQ(witness.use_count(), 4);
    b.close();
    EXPECT_EQ(witness.use_count(), 1);
  }
  {
    struct box : module {
      op<void(std::shared_ptr<int>)> put{this};
    } b;
    b.put.send(witness);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(RuleC3, AnOperationThatIsDestroyedRefusesWhatItHasQueued) {
  shop s;
  stage on;
  std::optional<errc> ended;
  auto own = std::make_unique<op<void(int)>>(&s);
  on.run([&]() -> task<> { ended = co_await ended_by(*own, 1); });
  own.reset();
  on.play();
  EXPECT_EQ(ended, errc::op_closed);
}

TEST(RuleC3, AProcessMakesAnOperationOfItsOwnForAnAnswer) {
  struct worker : module {
    op<void(int, op<void(int)>*)> job{this};
  } w;
  shop s;
  stage on;
  int result = 0;
  on.begin([&]() -> task<> {
    const auto [n, answer] = co_await receive(w.job);
    answer->send(n * n);
  });
  on.run([&]() -> task<> {
    op<void(int)> answer{&s};
    w.job.send(12, &answer);
    const auto [squared] = co_await receive(answer);
    result = squared;
  });
  EXPECT_EQ(result, 144);
}

TEST(RuleF3, AProcessThatFailsClosesItsModuleAndJoinSaysWhy) {
  shop s;
  stage on;
  std::optional<errc> queued;
  on.start(s, [](shop& m) -> task<> {
    co_await receive(m.order);
    throw std::runtime_error{"out of stock"};
  }(s));
  on.run([&]() -> task<> {
    co_await s.order(1);
    queued = co_await ended_by(s.order, 2);
  });
  EXPECT_EQ(queued, errc::op_closed);
  EXPECT_THROW(s.join(), std::runtime_error);
}

TEST(RuleF3, ABodyWhoseModuleClosesAnswersItsCaller) {
  shop s;
  stage on;
  std::optional<errc> held;
  on.start(s, [](shop& m) -> task<> {
    co_await in(accept(m.order) >> [&](int) -> task<> { co_await receive(m.go_on); });
  }(s));
  on.run([&]() -> task<> { held = co_await ended_by(s.order, 1); });
  EXPECT_EQ(held, std::nullopt);
  s.close();
  on.play();
  EXPECT_EQ(held, errc::op_closed);
  s.join();
}

}  // namespace
}  // namespace tryst
