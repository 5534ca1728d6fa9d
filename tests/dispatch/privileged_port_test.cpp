#include <gtest/gtest.h>

#include "dispatch/calls.hpp"

namespace tryst::rpc {
namespace {

using test::call;

// What a service that demands a privileged port answers a caller at `port`.
std::string answer_at(address::transport kind, std::uint16_t port, const call& c = {}) {
  test::served s;
  s.server.serve<calc::CALC_V1>(test::calculator{},
                                {.auth = {.sys = true, .privileged_port = true}});
  s.connect_from({.where = {.kind = kind, .host = "192.0.2.1", .port = port}});
  return s.answer_to(c.message());
}

constexpr std::uint32_t tooweak = 5;

TEST(Pitfall50, AServiceMayDemandAPortBelow1024) {
  using enum address::transport;
  for (const std::uint16_t port : {1, 600, 1023}) EXPECT_EQ(answer_at(tcp, port), test::five());
  for (const std::uint16_t port : {1024, 40000, 65535}) {
    EXPECT_EQ(answer_at(tcp, port), test::auth_error(tooweak)) << port;
    // stamp, no name, uid 0, gid 0, no groups
    const call as_root{.flavor = 1, .credential = "00000000 00000000 00000000 00000000 00000000"};
    EXPECT_EQ(answer_at(tcp, port, as_root), test::auth_error(tooweak)) << port;
  }
}

TEST(Pitfall50, TransportsWithoutPortsAreNotAsked) {
  using enum address::transport;
  for (const auto kind : {memory, local, abstract}) EXPECT_EQ(answer_at(kind, 0), test::five());
}

}  // namespace
}  // namespace tryst::rpc
