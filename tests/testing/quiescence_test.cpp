#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <tryst/rendezvous/op_array.hpp>
#include <tryst/rendezvous/semaphore.hpp>
#include <tryst/testing/explore.hpp>
#include <tryst/testing/quiescence.hpp>

namespace tryst::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct desk : module {
  op<void(int)> order{this};
  op<int()> collect{this};

  task<> clerk() {
    for (;;) {
      int parcel = 0;
      co_await in(accept(order) >> [&](int what) { parcel = what; });
      co_await in(accept(collect) >> [&] { return parcel; });
    }
  }
  /// Answers an order by way of another operation of the same process.
  task<> confused_clerk() {
    for (;;) {
      co_await in(
          accept(order) >> [this](int) -> task<> { co_await collect(); },
          accept(collect) >> [] { return 0; });
    }
  }
};

struct named_desk {
  desk it;
  quiescence end;
  named_desk(seeded_loop& l) : end{l} {
    end.name(it, "desk");
    end.name(it.order, "order");
    end.name(it.collect, "collect");
  }
};

TEST(Quiescence, IsWellWhenAllHaveEndedThoughAModuleWaits) {
  seeded_loop l{1};
  named_desk d{l};
  d.it.start(l.as("clerk"), d.it.clerk());
  l.begin("customer", [&]() -> task<> {
    co_await d.it.order(7);
    EXPECT_EQ(co_await d.it.collect(), 7);
  });
  l.run();
  d.end.check();
  EXPECT_THAT(d.end.circles(), IsEmpty());
}

TEST(Quiescence, SaysWhoWaitsForWhom) {
  seeded_loop l{tape{1, {}}};
  named_desk d{l};
  d.it.start(l.as("clerk"), d.it.clerk());
  l.begin("customer", [&]() -> task<> { co_await d.it.collect(); });
  l.run();
  EXPECT_THROW(d.end.check(), check_failed);
  EXPECT_EQ(d.end.report(),
            "\n  customer calls desk.collect, which is queued"
            "\n  desk: in collect wait customer"
            "\n  desk: clerk waits in a statement for order");
}

TEST(Quiescence, SaysWhoHasTakenACallAndDoesNotAnswer) {
  seeded_loop l{1};
  named_desk d{l};
  desk other;
  quiescence also{l};
  also.name(other, "other");
  d.it.start(l.as("clerk"), [](desk& at, desk& next) -> task<> {
    co_await in(accept(at.order) >> [&next](int) -> task<> { co_await next.collect(); });
  }(d.it, other));
  l.begin("customer", [&]() -> task<> { co_await d.it.order(1); });
  l.run();
  EXPECT_THAT(d.end.report(),
              HasSubstr("customer calls desk.order, which clerk has taken and not answered"));
  EXPECT_THAT(also.report(), HasSubstr("other: in something without a name wait clerk"));
}

TEST(Quiescence, ShowsClosedArms) {
  seeded_loop l{1};
  named_desk d{l};
  d.it.start(l.as("clerk"), [](desk& at) -> task<> {
    co_await in(accept(at.order).when(false) >> [](int) {}, accept(at.collect) >> [] { return 1; });
  }(d.it));
  l.run();
  EXPECT_THAT(d.end.report(), HasSubstr("clerk waits in a statement for order (closed), collect"));
}

struct account : monitor_module {
  op<void(int)> withdraw{this, &account::do_withdraw};
  op<void(account&, seeded_loop&)> close_into{this, &account::do_close_into};
  op<void()> receive_rest{this, &account::do_receive_rest};
  condition enough{this};
  int balance = 0;

  task<> do_withdraw(int amount) {
    while (balance < amount) co_await enough.wait(amount);
    balance -= amount;
  }
  task<> do_close_into(account& other, seeded_loop& l) {
    co_await l.yield();  // as a proc that asks somebody else before
    co_await other.receive_rest();
  }
  task<> do_receive_rest() { co_return; }
};

TEST(Quiescence, KnowsConditionsAndWhoIsInsideAMonitor) {
  seeded_loop l{1};
  account a;
  quiescence end{l};
  end.name(a, "account");
  end.name(a.enough, "enough");
  a.start(l);
  l.begin("spender", [&]() -> task<> { co_await a.withdraw(5); });
  l.run();
  EXPECT_THAT(end.report(), HasSubstr("spender waits in account.enough"));
  EXPECT_THAT(end.report(), HasSubstr("account: in enough wait spender"));
}

TEST(Quiescence, FindsTwoMonitorsThatCallEachOther) {
  std::ostringstream told;
  const explored outcome = explore({.seeds = {1, 200}, .told = &told}, [](seeded_loop& l) {
    account a;
    account b;
    quiescence end{l};
    end.name(a, "a");
    end.name(b, "b");
    a.start(l);
    b.start(l);
    const auto closing = [&l](account& from, account& to) -> task<> {
      co_await from.close_into(to, l);
    };
    l.begin("Ann", [&] { return closing(a, b); });
    l.begin("Bob", [&] { return closing(b, a); });
    l.run();
    end.check();
  });
  ASSERT_TRUE(outcome.found);
  EXPECT_THAT(outcome.found->failure_of_shrunk, HasSubstr("Ann waits for b, in which Bob is"));
  EXPECT_THAT(outcome.found->failure_of_shrunk, HasSubstr("a circle: Ann -> b -> Bob -> a -> Ann"));
}

TEST(Quiescence, KnowsSemaphores) {
  seeded_loop l{1};
  desk m;
  semaphore free{&m, 0};
  quiescence end{l};
  end.name(m, "pool");
  end.name(free, "free");
  l.begin("user", [&]() -> task<> { co_await P(free); });
  l.run();
  EXPECT_THAT(end.report(), HasSubstr("user waits in pool.free"));
  V(free);
  l.run();
  end.check();
}

struct row : module {
  op_array<void()> take{this, 3};
  task<> attendant() {
    for (;;) co_await in(accept(take[1]) >> [] {});
  }
};

TEST(Quiescence, KnowsTheElementsOfAnArray) {
  seeded_loop l{1};
  row r;
  quiescence end{l};
  end.name(r, "row");
  end.name(r.take, "take");
  r.start(l.as("attendant"), r.attendant());
  l.begin("guest", [&]() -> task<> { co_await r.take[2](); });
  l.run();
  EXPECT_EQ(end.report(),
            "\n  guest calls row.take[2], which is queued"
            "\n  row: in take[2] wait guest"
            "\n  row: attendant waits in a statement for take[1]");
}

TEST(RuleI7, ABodyThatCallsWhatOnlyItsOwnProcessServicesIsReported) {
  seeded_loop l{1};
  named_desk d{l};
  d.it.start(l.as("clerk"), d.it.confused_clerk());
  l.begin("customer", [&]() -> task<> { co_await d.it.order(1); });
  l.run();
  EXPECT_THAT(d.end.circles(), ElementsAre("clerk -> desk.collect -> clerk (rule I7)"));
  EXPECT_THAT(d.end.report(), HasSubstr("clerk calls desk.collect, which is queued"));
  EXPECT_THROW(d.end.check(), check_failed);
}

TEST(RuleI7, IsReportedAlsoWhenNobodyWaitsForTheBody) {
  seeded_loop l{1};
  named_desk d{l};
  d.it.start(l.as("clerk"), d.it.confused_clerk());
  d.it.order.send(1);
  l.run();
  EXPECT_TRUE(l.unfinished().empty());
  EXPECT_THROW(d.end.check(), check_failed);
}

TEST(RuleI7, DoesNotHoldWhereAnotherProcessServicesToo) {
  seeded_loop l{1};
  named_desk d{l};
  d.it.start(l.as("clerk"), d.it.confused_clerk());
  d.it.start(l.as("colleague"), d.it.confused_clerk());
  l.begin("customer", [&]() -> task<> { co_await d.it.order(1); });
  l.run();
  d.end.check();
}

struct relay : module {
  op<void()> pass{this};
  task<> runner(op<void()>& next) {
    for (;;) co_await in(accept(pass) >> [&next]() -> task<> { co_await next(); });
  }
};

TEST(RuleI7, IsReportedThroughAChainOfModules) {
  seeded_loop l{1};
  relay one;
  relay other;
  quiescence end{l};
  end.name(one, "one");
  end.name(one.pass, "pass");
  end.name(other, "other");
  end.name(other.pass, "pass");
  one.start(l.as("Ann"), one.runner(other.pass));
  other.start(l.as("Bob"), other.runner(one.pass));
  one.pass.send();
  l.run();
  EXPECT_THAT(end.circles(), ElementsAre("Ann -> other.pass -> Bob -> one.pass -> Ann"));
}

}  // namespace
}  // namespace tryst::testing
