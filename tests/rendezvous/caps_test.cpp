// Operations as values (rules C1, C3).
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using namespace std::chrono_literals;
using rendezvous_test::stage;

struct printer : module {
  op<int(std::string)> print{this};
  op<void(std::string)> log{this};

  task<> server(std::vector<std::string>& out) {
    for (;;) {
      co_await in(
          accept(print) >>
              [&](std::string s) {
                out.push_back(s);
                return static_cast<int>(s.size());
              },
          accept(log) >> [&](std::string s) { out.push_back(s); });
    }
  }
};

TEST(RuleC1, AnOperationIsInvokedThroughACopyOfItsCapability) {
  printer p;
  stage on;
  std::vector<std::string> out;
  on.start(p, p.server(out));
  const cap<int(std::string)> first = p.print;
  const auto second = first;
  const cap<void(std::string)> log = p.log;
  int called = 0;
  int timed = 0;
  on.run([&]() -> task<> {
    called = co_await second("called with a text that owns memory");
    timed = (co_await second.call_for(1s, "timed")).value();
    co_await log("logged");
    log.send("sent");
  });
  EXPECT_EQ(called, 35);
  EXPECT_EQ(timed, 5);
  EXPECT_EQ(out, (std::vector<std::string>{"called with a text that owns memory", "timed", "logged",
                                           "sent"}));
}

TEST(RuleC1, CapabilitiesOfOneOperationAreEqual) {
  printer p;
  op<void(std::string)> other{&p};
  const cap<void(std::string)> a = p.log;
  const cap<void(std::string)> b = p.log;
  EXPECT_EQ(a, b);
  EXPECT_NE(a, cap<void(std::string)>{other});
  EXPECT_NE(a, cap<void(std::string)>{});
  EXPECT_NE(cap<void(std::string)>::noop(), cap<void(std::string)>{});
  EXPECT_TRUE(a);
}

TEST(RuleC1, InvokingANullCapabilityThrows) {
  const cap<void(std::string)> nothing;
  EXPECT_FALSE(nothing);
  EXPECT_THROW(nothing.send("x"), null_cap);
  EXPECT_THROW(static_cast<void>(nothing("x")), null_cap);
}

TEST(RuleC1, InvokingTheNoopCapabilityDoesNothing) {
  const auto noop = cap<void(std::string)>::noop();
  stage on;
  bool over = false;
  noop.send("x");
  noop("x").wait();
  on.run([&]() -> task<> {
    co_await noop("x");
    over = true;
  });
  EXPECT_TRUE(over);
}

TEST(RuleC3, ACapabilityOfAnOperationThatIsGoneFailsWhateverIsAtItsPlace) {
  printer p;
  stage on;
  std::optional<op<void(std::string)>> own{&p};
  const cap<void(std::string)> old = *own;
  own.emplace(&p);  // at the same address
  EXPECT_NE(old, cap<void(std::string)>{*own});
  EXPECT_THROW(old.send("x"), call_error);
  EXPECT_THROW(old("x").wait(), call_error);
  EXPECT_EQ(old.call_for(1s, "x").wait().error(), errc::op_closed);
  std::error_code ended;
  on.run([&]() -> task<> {
    try {
      co_await old("x");
    } catch (const call_error& error) {
      ended = error.code();
    }
  });
  EXPECT_EQ(ended, errc::op_closed);
  EXPECT_EQ(own->pending(), 0U);
}

TEST(RuleC3, ACapabilityMayOutliveItsModule) {
  auto p = std::make_unique<printer>();
  const cap<void(std::string)> left = p->log;
  p.reset();
  EXPECT_THROW(left.send("x"), call_error);
}

TEST(RuleC3, AProcessWithoutALoopEndsItsOperationWhenItWasInvoked) {
  struct maker : module {
    op<cap<void()>()> make{this, &maker::do_make};
    task<> do_make(call<cap<void()>()>& made) {
      op<void()> once{this};
      made.reply(once);
      co_await receive(once);
    }
  } m;
  m.start();
  const cap<void()> once = m.make().wait();
  once().wait();
  EXPECT_THROW(once().wait(), call_error);
  const cap<void()> sent = m.make().wait();
  sent.send();
  EXPECT_THROW(sent.send(), call_error);
  m.join();
}

TEST(RuleC3, AProcessSendsAPrivateOperationAlongForTheAnswer) {
  struct worker : module {
    op<void(int, cap<void(int)>)> job{this};
  } w;
  printer p;
  stage on;
  int result = 0;
  on.begin([&]() -> task<> {
    for (int i = 0; i < 2; ++i) {
      auto [n, answer] = co_await receive(w.job);
      answer.send(n * n);
    }
  });
  on.run([&]() -> task<> {
    op<void(int)> answer{&p};
    w.job.send(1, cap<void(int)>::noop());
    w.job.send(12, answer);
    auto [squared] = co_await receive(answer);
    result = squared;
  });
  EXPECT_EQ(result, 144);
}

TEST(RuleC3, OperationsEndUnderThreadsThatInvokeTheirCapabilities) {
  printer p;
  for (int round = 0; round < 50; ++round) {
    auto own = std::make_unique<op<int(std::string)>>(&p);
    const cap<int(std::string)> shared = *own;
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([shared] { EXPECT_THROW(shared("x").wait(), call_error); });
    }
    callers.emplace_back([shared] {
      try {
        for (;;) shared.send("x");
      } catch (const call_error& error) {
        EXPECT_EQ(error.code(), errc::op_closed);
      }
    });
    own.reset();
  }
}

}  // namespace
}  // namespace tryst
