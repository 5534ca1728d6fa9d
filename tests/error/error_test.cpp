#include <gtest/gtest.h>

#include <tryst/error.hpp>

namespace tryst {
namespace {

constexpr auto last = errc::message_invalid;

TEST(Error, EveryValueHasATextAndExactlyOneOutcome) {
  for (int code = 1; code <= static_cast<int>(last); ++code) {
    const std::error_code error = static_cast<errc>(code);
    EXPECT_NE(error.message(), "unknown tryst error") << code;
    const int outcomes = (error == outcome::refused) + (error == outcome::not_executed) +
                         (error == outcome::unknown);
    EXPECT_EQ(outcomes, 1) << error.message();
  }
}

TEST(Error, SaysWhetherTheCallMayHaveRun) {
  EXPECT_EQ(std::error_code(errc::prog_mismatch), outcome::refused);
  EXPECT_EQ(std::error_code(errc::connect_failed), outcome::not_executed);
  EXPECT_EQ(std::error_code(errc::not_admitted), outcome::not_executed);
  EXPECT_EQ(std::error_code(errc::op_closed), outcome::not_executed);
  EXPECT_EQ(std::error_code(errc::op_full), outcome::not_executed);
  EXPECT_EQ(std::error_code(errc::connection_lost), outcome::unknown);
  EXPECT_EQ(std::error_code(errc::broken_call), outcome::unknown);
  EXPECT_EQ(std::error_code(errc::call_abandoned), outcome::unknown);
}

TEST(Error, SentAndUnsentFormsEqualTheSameStandardError) {
  EXPECT_EQ(std::error_code(errc::timed_out), std::errc::timed_out);
  EXPECT_EQ(std::error_code(errc::timed_out_unsent), std::errc::timed_out);
  EXPECT_EQ(std::error_code(errc::cancelled), std::errc::operation_canceled);
  EXPECT_EQ(std::error_code(errc::cancelled_unsent), std::errc::operation_canceled);
  EXPECT_EQ(std::error_code(errc::not_admitted), std::errc::resource_unavailable_try_again);
  EXPECT_NE(std::error_code(errc::timed_out), std::error_code(errc::timed_out_unsent));
}

}  // namespace
}  // namespace tryst
