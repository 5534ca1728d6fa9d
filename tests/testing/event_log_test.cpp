#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tryst/testing/event_log.hpp>

namespace tryst::testing {
namespace {

enum class did { in, out };

event_log<did>& noted(event_log<did>& log, const std::vector<event<did>>& events) {
  for (const event<did>& e : events) log.note(e.kind, e.who, e.value);
  return log;
}

/// What a checker complains about; empty: nothing.
template <class Check>
std::string complaint(const std::vector<event<did>>& events, Check check) {
  event_log<did> log;
  try {
    check(noted(log, events));
    return {};
  } catch (const check_failed& e) {
    return e.what();
  }
}

constexpr auto inside = [](const auto& log) { check_inside(log, did::in, did::out); };
constexpr auto answered = [](const auto& log) { check_answered(log, did::in, did::out); };
constexpr auto order = [](const auto& log) { check_order(log, did::in, did::out); };
constexpr auto balance = [](const auto& log) { check_balance(log, did::in, did::out, 2); };

constexpr event<did> in_1{did::in, 1, 0};
constexpr event<did> out_1{did::out, 1, 0};
constexpr event<did> in_2{did::in, 2, 0};
constexpr event<did> out_2{did::out, 2, 0};
constexpr event<did> first_in{did::in, 1, 10};
constexpr event<did> first_out{did::out, 1, 10};
constexpr event<did> second_in{did::in, 1, 20};
constexpr event<did> second_out{did::out, 1, 20};

TEST(EventLog, KeepsTheOrder) {
  event_log<did> log;
  noted(log, {in_1, out_2});
  ASSERT_EQ(log.events().size(), 2U);
  EXPECT_EQ(log.events()[1].who, 2);
}

TEST(Checkers, FindTwoInside) {
  EXPECT_EQ(complaint({in_1, out_1, in_2, out_2}, inside), "");
  EXPECT_EQ(complaint({in_1, in_2, out_1, out_2}, inside),
            "event 1 (who 2, value 0) enters as number 2");
  EXPECT_EQ(complaint({in_1, out_2}, inside),
            "event 1 (who 2, value 0) leaves without having entered");
  EXPECT_EQ(complaint({in_1}, inside), "1 have not left");
}

TEST(Checkers, FindWhoIsAnsweredTwiceOrNever) {
  EXPECT_EQ(complaint({in_1, in_2, out_2, out_1}, answered), "");
  EXPECT_EQ(complaint({in_1, out_1, out_1}, answered),
            "event 2 (who 1, value 0) is answered, and has not asked or was answered before");
  EXPECT_EQ(complaint({in_1, in_2, out_2}, answered), "who 1 never got an answer for value 0");
}

TEST(Checkers, FindWhatComesOutInAnotherOrder) {
  EXPECT_EQ(complaint({first_in, second_in, in_2, first_out, out_2, second_out}, order), "");
  EXPECT_EQ(complaint({first_in, second_in, second_out, first_out}, order),
            "event 2 (who 1, value 20) comes out before value 10");
  EXPECT_EQ(complaint({first_in}, order), "who 1 has put in 1 and 0 came out");
  EXPECT_EQ(complaint({first_in, first_out, first_out}, order),
            "event 2 (who 1, value 10) comes out, and was not put in");
}

TEST(Checkers, FindABufferThatHoldsTooMuchOrLess) {
  EXPECT_EQ(complaint({in_1, in_2, out_1, first_in}, balance), "");
  EXPECT_EQ(complaint({in_1, in_2, first_in}, balance),
            "event 2 (who 1, value 10) is one more than 2");
  EXPECT_EQ(complaint({out_1}, balance), "event 0 (who 1, value 0) takes what is not there");
}

}  // namespace
}  // namespace tryst::testing
