// AUTH_SHORT between a client and a server (RFC 5531 Appendix A): callers do not notice it.
#include <gtest/gtest.h>

#include <tryst/auth/sys.hpp>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/memory_transport.hpp>
#include <tryst/rpc/server.hpp>
#include <tryst/testing/manual_loop.hpp>

#include "compiler/golden/calc.hpp"

namespace tryst::rpc {
namespace {

// Says who called, and counts those who came with a shorthand only.
struct doorman {
  std::shared_ptr<int> nameless = std::make_shared<int>(0);

  std::int32_t ADD(const call_info& call, calc::pair) {
    if (call.caller.machine_name().empty()) ++*nameless;
    return static_cast<std::int32_t>(call.caller.uid());
  }
  calc::quotient DIVIDE(std::int32_t, std::int32_t, calc::rounding) { return {}; }
  std::string DESCRIBE(xdr::optional_data<calc::entry>) { return {}; }
};

struct Shorthand : ::testing::Test {
  // What client and server leave to do is done once they have gone.
  struct last_turns {
    testing::manual_loop& loop;
    ~last_turns() { loop.run_until_idle(); }
  };

  testing::manual_loop loop;
  last_turns last{loop};
  server far{loop};
  doorman door;
  auth::sys alice{{.machine_name = "here", .uid = 1}};
  auth::sys bob{{.machine_name = "here", .uid = 2}};
  std::unique_ptr<client> near;
  int answered = 0;
  int mistaken = 0;

  void connect(std::size_t shorthands) {
    far.serve<calc::CALC_V1>(
        door, {.auth = {.none = false,
                        .verifiers = {std::make_shared<auth::sys_verifier>(
                            auth::sys_verifier::options{.shorthands = shorthands})}}});
    auto [ours, theirs] = memory_pair(loop, loop);
    far.serve_connection(loop, std::move(theirs));
    near = std::make_unique<client>(loop, std::move(ours), client_options{});
  }

  void calls(auth::sys& who, int uid, int times) {
    const auto process = [](Shorthand& test, auth::sys& a, int expected) -> task<void> {
      const auto said = co_await calc::CALC_V1::stub{*test.near}.ADD(
          {0, 0}, call_options{.authenticator = &a}, as_result);
      ++test.answered;
      if (!said || *said != expected) ++test.mistaken;
    };
    for (int i = 0; i < times; ++i) spawn_here(loop, process(*this, who, uid), nullptr);
    loop.run_until_idle();
  }
};

using Pitfall47 = Shorthand;

TEST_F(Pitfall47, CallersAreKnownByTheirShorthand) {
  connect(2);
  for (int i = 0; i < 5; ++i) {
    calls(alice, 1, 1);
    calls(bob, 2, 1);
  }
  EXPECT_EQ(answered, 10);
  EXPECT_EQ(mistaken, 0);
  EXPECT_EQ(*door.nameless, 8);  // all but the first call of each
}

TEST_F(Pitfall47, CallsWithAForgottenShorthandAreRepeatedAllOfThem) {
  connect(1);
  calls(alice, 1, 1);
  calls(bob, 2, 1);  // its shorthand takes the place of alice's
  calls(alice, 1, 64);
  EXPECT_EQ(answered, 66);
  EXPECT_EQ(mistaken, 0);
}

}  // namespace
}  // namespace tryst::rpc
