// Which of a host's addresses a caller is told, and what a stranger gets at all: the core without
// sockets, so that callers can come from anywhere.
#include <gtest/gtest.h>

#include "binder/core.hpp"
#include "binder/services.hpp"

namespace tryst::binder {
namespace {

rpc::peer_identity from(std::string_view address) {
  return {.where = *rpc::address::parse(address), .credentials = {}};
}

interface_address interface(std::string_view host, unsigned bits) {
  return {*ip_address::parse(host), bits};
}

// A host in two networks.
binder_options two_networks() {
  return {.interfaces = [] {
    return std::vector{interface("127.0.0.1", 8),      interface("::1", 128),
                       interface("fe80::1", 64),       interface("192.0.2.10", 24),
                       interface("198.51.100.10", 24), interface("2001:db8:1::10", 64),
                       interface("2001:db8:2::10", 64)};
  }};
}

std::string found(core& of, std::string_view caller_address, std::string_view hint = {}) {
  const caller by = of.who(from(caller_address));
  return of.find(by, version::four, {7, 1}, by.over, hint, true);
}

struct Pitfall73 : ::testing::Test {
  Pitfall73() {
    for (const auto& [netid, address] :
         {std::pair{"tcp", "0.0.0.0.8.1"}, {"tcp6", "::.8.1"}, {"udp", "192.0.2.10.8.1"}}) {
      EXPECT_TRUE(book.set_own({{7, 1}, netid, address, std::string{superuser}}));
    }
  }
  core book{two_networks()};
};

TEST_F(Pitfall73, ACallerIsToldTheAddressInItsOwnNetwork) {
  EXPECT_EQ(found(book, "tcp://192.0.2.77:1000"), "192.0.2.10.8.1");
  EXPECT_EQ(found(book, "tcp://198.51.100.77:1000"), "198.51.100.10.8.1");
  EXPECT_EQ(found(book, "tcp://[2001:db8:2::77]:1000"), "2001:db8:2::10.8.1");
  EXPECT_EQ(found(book, "tcp://127.0.0.1:1000"), "127.0.0.1.8.1");
  EXPECT_EQ(found(book, "tcp://[::1]:1000"), "::1.8.1");
}

TEST_F(Pitfall73, TheAddressThatTheCallerUsedComesFirst) {
  EXPECT_EQ(found(book, "tcp://192.0.2.77:1000", "198.51.100.10.0.111"), "198.51.100.10.8.1");
  EXPECT_EQ(found(book, "tcp://192.0.2.77:1000", "203.0.113.5.0.111"), "192.0.2.10.8.1")
      << "which is none of ours";
  EXPECT_EQ(found(book, "tcp://192.0.2.77:1000", "junk"), "192.0.2.10.8.1");
  EXPECT_EQ(found(book, "tcp://192.0.2.77:1000", "::1.0.111"), "192.0.2.10.8.1");
}

TEST_F(Pitfall73, NobodyElseIsToldLoopback) {
  EXPECT_EQ(found(book, "tcp://203.0.113.5:1000"), "192.0.2.10.8.1") << "from far away";
  EXPECT_EQ(found(book, "tcp://203.0.113.5:1000", "127.0.0.1.0.111"), "192.0.2.10.8.1");
  EXPECT_EQ(found(book, "tcp://[2001:db8:77::1]:1000", "::1.0.111"), "2001:db8:1::10.8.1")
      << "nor an address that ends at a link";
}

TEST_F(Pitfall73, AnAddressThatIsOneStaysAsItIs) {
  EXPECT_EQ(found(book, "udp://198.51.100.77:1000"), "192.0.2.10.8.1");
  core bare{{.interfaces = [] { return std::vector<interface_address>{}; }}};
  ASSERT_TRUE(bare.set_own({{7, 1}, "tcp", "0.0.0.0.8.1", std::string{superuser}}));
  EXPECT_EQ(found(bare, "tcp://198.51.100.77:1000"), "0.0.0.0.8.1");
}

TEST(Pitfall70, NobodyFromAnotherHostRegistersWhateverThePort) {
  core book{{.unsafe_loopback_registration = true}};
  for (const std::string_view where : {"tcp://192.0.2.77:1000", "udp://192.0.2.77:1",
                                       "tcp://[2001:db8::1]:700", "udp://[::ffff:192.0.2.7]:7"}) {
    EXPECT_THROW(
        book.set(book.who(from(where)), version::four, {{7, 1}, "tcp", "0.0.0.0.8.1", "superuser"}),
        rpc::refusal)
        << where;
    EXPECT_THROW(book.unset(book.who(from(where)), version::four, {7, 1}, ""), rpc::refusal);
    EXPECT_THROW(book.unset_ports(book.who(from(where)), {7, 1}), rpc::refusal);
  }
}

TEST(Pitfall74, MappedLoopbackIsLoopback) {
  core book{{.unsafe_loopback_registration = true}};
  const caller by = book.who(from("tcp://[::ffff:127.0.0.1]:2000"));
  EXPECT_EQ(by.over, netid::tcp);
  EXPECT_TRUE(by.on_this_host);
  EXPECT_EQ(by.owner, unknown_owner);
  EXPECT_EQ(book.who(from("tcp://127.0.0.1:1023")).owner, superuser);
}

TEST(SecE3, WithoutTheUnsafeOptionLoopbackRegistersNothing) {
  core book{{}};
  for (const std::string_view where : {"udp://127.0.0.1:1", "tcp://[::1]:1", "udp://[::1]:70"}) {
    EXPECT_FALSE(book.who(from(where)).owner) << where;
  }
  rpc::peer_identity local{.where = *rpc::address::parse("unix:@x"), .credentials = {}};
  EXPECT_FALSE(book.who(local).owner) << "a socket whose other end the kernel does not name";
  local.credentials = {.uid = 1000, .gid = 0, .pid = 1};
  EXPECT_EQ(book.who(local).owner, "1000");
  local.credentials->uid = 0;
  EXPECT_EQ(book.who(local).owner, superuser);
}

TEST(Pitfall27, AnAnswerToAStrangerIsNoLargerThanItsQuestion) {
  core book{two_networks()};
  const caller stranger = book.who(from("udp://192.0.2.77:1000"));
  EXPECT_TRUE(stranger.is_unproven());
  EXPECT_FALSE(amplifies(stranger, 0, 16));
  EXPECT_TRUE(amplifies(stranger, 0, 20));
  EXPECT_FALSE(amplifies(stranger, 4, 20));
  for (const std::string_view proven :
       {"tcp://192.0.2.77:1000", "udp://127.0.0.1:1000", "udp://[::1]:1000", "unix:@x"}) {
    EXPECT_FALSE(amplifies(book.who(from(proven)), 0, 1'000'000)) << proven;
  }
}

}  // namespace
}  // namespace tryst::binder
