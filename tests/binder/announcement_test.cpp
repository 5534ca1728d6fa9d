// Servers that are known, by the binder of the host or by one of their own.
#include <tryst/binder/announcement.hpp>

#include <gtest/gtest.h>

#include "binder/bound_server.hpp"
#include "support/calculator.hpp"

namespace tryst::binder {
namespace {

using calc_v1 = calc::CALC_V1;

struct Announcement : ::testing::Test {
  Announcement() { served.serve<calc_v1>(tests::calculator{}); }

  // Asks the binder there for the server, and the server for a sum.
  std::int32_t add_by_way_of(const std::string& binder_at) {
    binder_client book{loop, binder_at};
    const auto where = run(loop, book.find(calc_v1::id, netid::tcp));
    rpc::client found{loop, where.value().text()};
    return calc_v1::stub{found}.ADD({2, 3}).get();
  }

  loop_thread loop;
  rpc::server served{loop};
};

TEST_F(Announcement, IsWithTheBinderOfTheHostWhereThereIsOne) {
  tests::bound_server host;
  const announcement known{
      served,
      {served.listen("tcp://127.0.0.1:0")},
      {.registration = {.at = host.local.text()}, .embed_at = {"tcp://127.0.0.1:0"}}};
  EXPECT_TRUE(known.own_binder().empty());
  EXPECT_EQ(add_by_way_of(host.tcp.text()), 5);
}

TEST_F(Announcement, IsWithABinderOfItsOwnWhereThereIsNone) {
  const announcement known{
      served,
      {served.listen("tcp://127.0.0.1:0")},
      {.registration = {.at = "unix:@nobody.is.here"}, .embed_at = {"tcp://127.0.0.1:0"}}};
  ASSERT_EQ(known.own_binder().size(), 1U);
  EXPECT_EQ(add_by_way_of(known.own_binder().front().text()), 5);
}

TEST_F(Announcement, FailsWhereThereIsNoneAndNoneIsWanted) {
  const auto where = served.listen("tcp://127.0.0.1:0");
  EXPECT_THROW((announcement{served, {where}, {.registration = {.at = "unix:@nobody.is.here"}}}),
               call_error);
}

TEST_F(Announcement, OfAProgramWhoseNumberIsChosenWhenItRuns) {
  tests::bound_server host;
  binder_client book{loop, host.local.text()};
  const auto program = choose_transient_program(run(loop, book.entries()).value(), 12345);
  rpc::server transient{loop};
  transient.serve(as_program(rpc::make_service<calc_v1>(tests::calculator{}), program));
  const announcement known{transient,
                           {transient.listen("tcp://127.0.0.1:0")},
                           {.registration = {.at = host.local.text()}}};
  EXPECT_FALSE(run(loop, book.find(calc_v1::id, netid::tcp)));
  const auto where = run(loop, book.find({program, calc_v1::id.version}, netid::tcp));
  ASSERT_TRUE(where);
  rpc::client one{loop, where->text()};
  EXPECT_EQ(calc_v1::stub{one}.ADD({2, 3}, rpc::call_options{.program = program}).get(), 5);
  rpc::client all{loop, where->text(), {.defaults = {.program = program}}};
  EXPECT_EQ(calc_v1::stub{all}.ADD({2, 3}).get(), 5);
}

}  // namespace
}  // namespace tryst::binder
