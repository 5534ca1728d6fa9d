// A module that is published is needed: or_terminate() waits for withdraw() (rule F5).
#include <gtest/gtest.h>

#include <tryst/bridge/publish.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/testing/manual_loop.hpp>

#include "buffer.hpp"

namespace tryst {
namespace {

using buffer::BUFFER_V1;

struct shelf : module {
  op<void(std::int32_t)> deposit{this};
  op<std::int32_t()> fetch{this};

  task<> serve() {
    std::int32_t kept = 0;
    for (;;) {
      co_await in(
          accept(deposit) >> [&](std::int32_t n) { kept = n; },
          accept(fetch) >> [&] { return kept; }, or_terminate());
    }
  }
};

TEST(RuleF5, APublishedModuleStaysUntilItIsWithdrawn) {
  shelf s;
  testing::manual_loop home;
  rpc::server server{home};
  const auto published = publish<BUFFER_V1>(server, s, &shelf::deposit, &shelf::fetch);
  s.start(home, s.serve());
  home.run_until_idle();
  EXPECT_TRUE(s.deposit.send_if_open(1));
  home.run_until_idle();
  published->withdraw();
  home.run_until_idle();
  EXPECT_FALSE(s.deposit.send_if_open(2));
  s.join();
}

}  // namespace
}  // namespace tryst
