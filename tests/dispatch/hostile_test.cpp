// What a server says to calls that are wrong, and that the next one is served.
#include <gtest/gtest.h>

#include <array>
#include <tryst/auth/sys_verifier.hpp>

#include "dispatch/calls.hpp"

namespace tryst::rpc {
namespace {

using test::call;

TEST(SecC1, NumbersAtEveryBoundaryGetTheAnswerOfTheStandard) {
  test::served s;
  s.server.serve<calc::CALC_V1>(test::calculator{});
  s.connect_from();
  constexpr std::uint32_t program = calc::CALC_V1::id.program;
  constexpr std::array<std::uint32_t, 7> grid{0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff};
  for (const std::uint32_t v : grid) {
    if (v != 2) {
      EXPECT_EQ(s.answer_to(call{.rpcvers = v}.message()),
                test::denied("00000000 00000002 00000002"))
          << v;
    }
    EXPECT_EQ(s.answer_to(call{.program = v}.message()), test::accepted("00000001")) << v;
    if (v != 1) {
      EXPECT_EQ(s.answer_to(call{.version = v}.message()),
                test::accepted("00000002 00000001 00000001"))
          << v;
    }
    if (v > 3) {
      EXPECT_EQ(s.answer_to(call{.procedure = v}.message()), test::accepted("00000003")) << v;
    }
  }
  EXPECT_EQ(s.answer_to(call{.program = program - 1}.message()), test::accepted("00000001"));
  EXPECT_EQ(s.answer_to(call{.program = program + 1}.message()), test::accepted("00000001"));
  EXPECT_EQ(s.answer_to(call{}.message()), test::five());
}

TEST(SecB4, TrailingBytesAreGarbageHoweverManyThereAre) {
  test::served s;
  s.server.serve<calc::CALC_V1>(test::calculator{});
  s.connect_from();
  for (const std::size_t more : {1UL, 2UL, 3UL, 4UL, 8UL, 1000UL, 4096UL, 16384UL, 65536UL}) {
    auto message = call{}.message();
    message.resize(message.size() + more);
    EXPECT_EQ(s.answer_to(message), test::garbage_args()) << more;
    auto null = call{.procedure = 0, .arguments = ""}.message();
    null.resize(null.size() + more);
    EXPECT_EQ(s.answer_to(null), test::garbage_args()) << more;
  }
  EXPECT_EQ(s.answer_to(call{}.message()), test::five());
}

TEST(SecB4, AnAnswerSharesNoStorageWithItsCall) {
  // The label comes back out of bytes that the call brought; the transport keeps both.
  test::served s;
  s.server.serve<calc::CALC_V1>(test::calculator{});
  s.connect_from();
  const call describe{.procedure = 3, .arguments = "00000001 00000004 61626364 00000000 00000000"};
  const auto message = describe.message();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(s.answer_to(message), test::accepted("00000000 00000004 61626364"));
  }
}

// A flavor whose verifier fails in a way of its own.
class failing_verifier final : public auth::verifier {
public:
  static constexpr std::uint32_t first = 1000;

  bool judges(auth::flavor f) const noexcept override {
    return static_cast<std::uint32_t>(f) >= first && static_cast<std::uint32_t>(f) < first + 4;
  }
  auth::verdict judge(const auth::evidence& call, auth::identity&) override {
    using kind = auth::verdict::kind;
    switch (static_cast<std::uint32_t>(call.credential.flavor) - first) {
      case 0:
        return auth::verdict::refuse(errc::auth_bad_verf);
      case 1:
        return {.is = kind::refused, .why = errc::auth_refused, .status = 13};
      case 2:
        return {.is = kind::dropped};
      default:
        return {.is = kind::answered};  // an empty result
    }
  }
};

struct attempt {
  call what;
  std::string answer;
};

std::vector<attempt> failing_attempts() {
  return {
      {{.rpcvers = 0}, test::denied("00000000 00000002 00000002")},
      {{.program = 1}, test::accepted("00000001")},
      {{.version = 9}, test::accepted("00000002 00000001 00000001")},
      {{.procedure = 9}, test::accepted("00000003")},
      {{.arguments = ""}, test::garbage_args()},
      {{.arguments = "00000001"}, test::garbage_args()},
      {{.procedure = 2, .arguments = "00000001 00000001 00000009"}, test::garbage_args()},
      {{.procedure = 3, .arguments = "00000002"}, test::garbage_args()},
      {{.procedure = 3, .arguments = "00000001 ffffffff"}, test::garbage_args()},
      {{.procedure = 3, .arguments = "00000001 00000000 00000011"}, test::garbage_args()},
      {{.procedure = 2, .arguments = "00000001 ffffffff 00000000"}, test::auth_error(5)},
      {{.procedure = 2, .arguments = "00000001 fffffffe 00000000"}, test::accepted("00000005")},
      {{.flavor = 1, .credential = ""}, test::auth_error(1)},
      {{.flavor = 1, .credential = "00000000 00000000 00000000 00000000"}, test::auth_error(1)},
      {{.flavor = 6, .credential = ""}, test::auth_error(2)},
      {{.flavor = 6, .credential = "00000001 00000000 00000000 00000001 00000000"},
       test::auth_error(2)},
      {{.flavor = 390003}, test::auth_error(2)},
      {{.flavor = 1000}, test::auth_error(3)},
      {{.flavor = 1001}, test::auth_error(13)},
      {{.flavor = 1002}, "0 answers"},
      {{.flavor = 1003}, test::accepted("00000000")},
  };
}

TEST(SecC3, AfterEveryFailureTheNextCallAndTheNextClientAreServed) {
  for (const attempt& failing : failing_attempts()) {
    test::served s;
    s.server.serve<calc::CALC_V1>(test::calculator{},
                                  {.auth = {.verifiers = {std::make_shared<failing_verifier>()}}});
    for (int client = 0; client < 2; ++client) {
      s.connect_from();
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(s.answer_to(failing.what.message()), failing.answer);
        EXPECT_EQ(s.answer_to(call{}.message()), test::five()) << "after " << failing.answer;
      }
    }
  }
}

TEST(SecC3, AMessageThatIsNoneEndsItsConnectionAndNoOther) {
  for (const char* hex : {"", "00", "00000007", "00000007 000000", "00000007 00000002",
                          "ffffffff ffffffff ffffffff"}) {
    test::served s;
    s.server.serve<calc::CALC_V1>(test::calculator{});
    s.connect_from();
    EXPECT_EQ(s.answer_to(call{}.message()), test::five());
    EXPECT_EQ(s.answer_to(test::bytes_of(hex)), "0 answers") << hex;
    EXPECT_TRUE(s.closed()) << hex;
    s.connect_from();
    EXPECT_EQ(s.answer_to(call{}.message()), test::five()) << hex;
  }
}

TEST(SecC3, ACallCutAtAnyByteIsAnsweredOrEndsItsConnection) {
  const auto whole = call{.flavor = 1,
                          .credential =
                              "00000000 00000001 61000000 00000001 00000002"
                              "00000001 00000003"}
                         .message();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    test::served s;
    s.server.serve<calc::CALC_V1>(test::calculator{});
    s.connect_from();
    const auto answers = s.answers_to(std::span{whole}.first(n));
    EXPECT_EQ(answers.size(), n < 8 ? 0U : 1U) << n;
    EXPECT_EQ(s.closed(), n < 8) << n;
    if (n < 8) s.connect_from();
    EXPECT_EQ(s.answer_to(whole), test::five());
  }
}

}  // namespace
}  // namespace tryst::rpc
