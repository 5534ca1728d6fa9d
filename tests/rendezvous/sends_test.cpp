// What becomes of the failure of a send (rule I2).
#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <utility>
#include <vector>

#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::stage;
using strings = std::vector<std::string>;

std::string what(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const call_error& e) {
    return e.code() == errc::op_closed ? "closed" : e.code() == errc::broken_call ? "broken" : "?";
  } catch (const std::exception& e) {
    return e.what();
  }
}

struct desk : module {
  op<int(std::string)> ask{this};
  op<void(std::string)> note{this, &desk::do_note};
  op<void()> bell{this};
  strings told;

  auto tell() {
    return [this](const std::exception_ptr& why) { told.push_back(what(why)); };
  }
  void do_note(const std::string& text) {
    if (text.empty()) throw std::invalid_argument{"nothing to note"};
  }
};

TEST(RuleI2, ASendersHandlerIsToldWhatTheBodyThrew) {
  desk d;
  stage on{d};
  d.ask.send("a", d.tell());
  d.ask.send("b", d.tell());
  on.run([&]() -> task<> {
    for (int n = 0; n < 2; ++n) {
      co_await in(accept(d.ask).caller_only() >> [](const std::string& text) -> int {
        if (text == "a") throw std::domain_error{text};
        return 1;
      });
    }
  });
  EXPECT_EQ(d.told, (strings{"a"}));
}

TEST(RuleI2, ASendersHandlerIsToldThatNobodyTookItOrAnswered) {
  desk d;
  stage on{d};
  d.ask.send("a", d.tell());
  on.run([&]() -> task<> {
    co_await in(accept(d.ask) >> [](call<int(std::string)>, const std::string&) {});
  });
  EXPECT_EQ(d.told, (strings{"broken"}));
  d.bell.send(d.tell());
  d.close();
  EXPECT_EQ(d.told, (strings{"broken", "closed"}));
  EXPECT_THROW(d.ask.send("b", d.tell()), call_error);
  EXPECT_EQ(d.told.size(), 2U);
}

TEST(RuleI2, ASendersHandlerIsToldWhatAProcThrewAndTheModuleIsNot) {
  desk d;
  stage on;
  strings of_module;
  d.on_unhandled([&](const std::exception_ptr& why) { of_module.push_back(what(why)); });
  on.start(d);
  d.note.send("", d.tell());
  d.note.send("");
  on.play();
  EXPECT_EQ(d.told, (strings{"nothing to note"}));
  EXPECT_EQ(of_module, (strings{"nothing to note"}));
}

TEST(RuleI2, WhatABodyThrewThatStaysWithASendIsTheModules) {
  desk d;
  stage on{d};
  d.on_unhandled(d.tell());
  d.ask.send("plain");
  d.ask.send("call");
  d.ask.send("task");
  on.run([&]() -> task<> {
    co_await in(accept(d.ask).caller_only() >>
                    [](const std::string& text) -> int { throw std::domain_error{text}; });
    co_await in(
        accept(d.ask).caller_only() >>
        [](call<int(std::string)>&, const std::string& text) { throw std::domain_error{text}; });
    co_await in(accept(d.ask).caller_only() >> [](std::string text) -> task<int> {
      throw std::domain_error{text};
      co_return 0;
    });
  });
  EXPECT_EQ(d.told, (strings{"plain", "call", "task"}));
}

}  // namespace
}  // namespace tryst
