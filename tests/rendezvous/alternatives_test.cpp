// What a statement does when it takes nothing: after, until, on_close (rules S5, F5).
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <tryst/rendezvous/in.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using namespace std::chrono_literals;
using rendezvous_test::stage;
using strings = std::vector<std::string>;

struct desk : module {
  op<void(int)> request{this};
  op<void()> go_on{this};
};

TEST(RuleS5, AfterSoLongWithoutAnInvocationItsBodyRuns) {
  desk d;
  stage on;
  strings seen;
  const auto serve = [&]() -> task<> {
    co_await in(
        accept(d.request) >> [&](int) { seen.push_back("request"); },
        after(1s, [&] { seen.push_back("silence"); }));
  };
  on.run(serve);
  on.advance(900ms);
  EXPECT_EQ(seen, (strings{}));
  on.advance(200ms);
  EXPECT_EQ(seen, (strings{"silence"}));
  d.request.send(1);
  on.run(serve);
  EXPECT_EQ(seen, (strings{"silence", "request"}));
}

TEST(RuleS5, AnArrivalEndsTheWaitAndTheTimeDoesNotComeLater) {
  desk d;
  stage on;
  strings seen;
  on.run([&]() -> task<> {
    co_await in(
        accept(d.request) >> [&](int) -> task<> {
          co_await receive(d.go_on);
          seen.push_back("request");
        },
        after(1s, [&] { seen.push_back("silence"); }));
  });
  d.request.send(1);
  on.play();
  on.advance(2s);
  d.go_on.send();
  on.play();
  EXPECT_EQ(seen, (strings{"request"}));
}

TEST(RuleS5, ARefusedArrivalDoesNotMoveTheTime) {
  desk d;
  stage on;
  strings seen;
  on.run([&]() -> task<> {
    co_await in(
        accept(d.request).such_that([](int n) { return n > 0; }) >>
            [&](int) { seen.push_back("request"); },
        until(on.home().now() + 1s, [&]() -> task<> {
          co_await receive(d.go_on);
          seen.push_back("silence");
        }));
  });
  on.advance(600ms);
  d.request.send(-1);
  on.advance(600ms);
  d.go_on.send();
  on.play();
  EXPECT_EQ(seen, (strings{"silence"}));
  EXPECT_EQ(d.request.pending(), 1U);
}

TEST(RuleS5, AStatementWithoutAnOpenArmWaitsForItsTime) {
  desk d;
  stage on;
  bool over = false;
  on.run([&]() -> task<> {
    co_await in(accept(d.request).when(false) >> [](int) {}, after(1s, [&] { over = true; }));
  });
  EXPECT_FALSE(over);
  on.advance(2s);
  EXPECT_TRUE(over);
}

TEST(RuleF5, OnCloseRunsInsteadOfThrowingWhenTheModuleCloses) {
  desk d;
  stage on;
  strings seen;
  on.start(d, [](desk& m, strings& said) -> task<> {
    bool open = true;
    while (open) {
      co_await in(
          accept(m.request) >> [&](int) { said.push_back("request"); }, on_close([&]() -> task<> {
            said.push_back("closing");
            open = false;
            co_return;
          }));
    }
    said.push_back("over");
  }(d, seen));
  d.request.send(1);
  on.play();
  d.close();
  on.play();
  d.join();
  EXPECT_EQ(seen, (strings{"request", "closing", "over"}));
}

TEST(RuleF5, OnCloseRunsAtOnceInAModuleThatIsClosed) {
  desk d;
  stage on;
  bool told = false;
  d.close();
  on.run([&]() -> task<> {
    co_await in(
        accept(d.request).when([] { return true; }) >> [](int) {}, on_close([&] { told = true; }));
  });
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace tryst
