// Addresses in the form of binders, as they should be written and as they are.
#include <tryst/binder/universal_address.hpp>

#include <gtest/gtest.h>

#include <tryst/error.hpp>

namespace tryst::binder {
namespace {

using family = universal_address::family;

TEST(Pitfall72, AnAddressIsSplitAtItsLastTwoDots) {
  const auto v4 = universal_address::parse("192.0.2.1.8.1");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->kind, family::inet);
  EXPECT_EQ(v4->host.text(), "192.0.2.1");
  EXPECT_EQ(v4->port, 2049);

  const auto v6 = universal_address::parse("2001:db8::1.0.111");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->kind, family::inet6);
  EXPECT_EQ(v6->host.text(), "2001:db8::1");
  EXPECT_EQ(v6->port, 111);

  const auto mapped = universal_address::parse("::ffff:1.2.3.4.0.111");
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->port, 111);
  EXPECT_EQ(mapped->host.text(), "1.2.3.4") << "IPv4, whatever it is dressed as";
}

TEST(Pitfall72, FormsThatAreNotTheShortestAreReadAndWrittenShort) {
  for (const auto& [read, written] : {std::pair{"0:0:0:0:0:0:0:0.7.127", "::.7.127"},
                                      {"2001:0DB8:0000::0001.8.1", "2001:db8::1.8.1"},
                                      {"0.0.0.0.0.0", "0.0.0.0.0.0"},
                                      {"10.0.0.1.008.001", "10.0.0.1.8.1"}}) {
    const auto parsed = universal_address::parse(read);
    ASSERT_TRUE(parsed) << read;
    EXPECT_EQ(parsed->text(), written);
    EXPECT_EQ(universal_address::parse(parsed->text()), parsed);
  }
}

TEST(Pitfall72, WhatAtoiWouldTakeIsNoAddress) {
  for (const std::string_view text : {"",
                                      ".",
                                      "..",
                                      "1.2",
                                      "1.2.3.4",
                                      "1.2.3.4.5",
                                      "1.2.3.4.5.256",
                                      "1.2.3.4.256.5",
                                      "1.2.3.4.-1.5",
                                      "1.2.3.4.+1.5",
                                      "1.2.3.4. 1.5",
                                      "1.2.3.4.1.5 ",
                                      " 1.2.3.4.1.5",
                                      "1.2.3.4.1.5x",
                                      "1.2.3.4.x.5",
                                      "1.2.3.4..5",
                                      "1.2.3.4.5.",
                                      "1.2.3.256.1.1",
                                      "1.2.3.1.1",
                                      "1.2.3.4.5.6.7",
                                      "::1",
                                      "::1.1",
                                      "g::1.1.1",
                                      "1::2::3.1.1",
                                      "::.0000.1",
                                      "fe80::1%eth0.1.1",
                                      "host.example.1.1",
                                      "1.2.3.4.99999999999999999999.1"}) {
    const auto parsed = universal_address::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), make_error_code(errc::address_invalid));
  }
  EXPECT_FALSE(universal_address::parse(std::string_view{"1.2.3.4\0.1.1", 12}));
}

TEST(Pitfall72, AUnixSocketIsItsPathAndAnAbstractOneHasAnAt) {
  const auto path = universal_address::parse("/run/rpcbind.sock");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->kind, family::local);
  EXPECT_EQ(path->as_address(netid::local).text(), "unix:/run/rpcbind.sock");
  const auto abstract = universal_address::parse("@/run/rpcbind.sock");
  ASSERT_TRUE(abstract);
  EXPECT_EQ(abstract->as_address(netid::local).text(), "unix:@/run/rpcbind.sock");
  EXPECT_EQ(abstract->text(), "@/run/rpcbind.sock");

  EXPECT_FALSE(universal_address::parse("/"));
  EXPECT_FALSE(universal_address::parse("@"));
  EXPECT_FALSE(universal_address::parse("/" + std::string(108, 'x'))) << "no socket has that name";
}

TEST(UniversalAddress, IsMadeOfAnAddressAndBecomesOneAgain) {
  for (const std::string_view text :
       {"tcp://192.0.2.1:2049", "tcp://[2001:db8::1]:65535", "udp://192.0.2.1:2049",
        "udp://[::1]:1", "unix:/run/s", "unix:@s"}) {
    const auto where = rpc::address::parse(text);
    ASSERT_TRUE(where);
    const auto universal = universal_address::of(*where);
    ASSERT_TRUE(universal) << text;
    EXPECT_EQ(universal->as_address(netid_of(*where)).text(), text);
    EXPECT_TRUE(universal->suits(netid_of(*where)));
  }
  EXPECT_FALSE(universal_address::of(*rpc::address::parse("tcp://host.example:1")));
  EXPECT_FALSE(universal_address::of({}));
}

TEST(Pitfall75, TransportsAreKnownByTheirNamesInAnyCase) {
  EXPECT_EQ(find_netid("tcp"), netid::tcp);
  EXPECT_EQ(find_netid("UDP6"), netid::udp6);
  EXPECT_EQ(find_netid("local"), netid::local);
  EXPECT_EQ(find_netid("unix"), netid::local) << "what older systems say";
  for (const std::string_view name : {"", "tc", "tcp7", "rdma", "sctp"}) {
    EXPECT_FALSE(find_netid(name)) << name;
  }
  EXPECT_EQ(netid_of_protocol(6), netid::tcp);
  EXPECT_EQ(netid_of_protocol(17), netid::udp);
  EXPECT_FALSE(netid_of_protocol(0));
}

TEST(Pitfall74, IPv4InIPv6sClothesIsIPv4) {
  EXPECT_EQ(netid_of({.kind = rpc::address::transport::tcp, .host = "::ffff:127.0.0.1"}),
            netid::tcp);
  EXPECT_EQ(netid_of({.kind = rpc::address::transport::tcp, .host = "::1"}), netid::tcp6);
  EXPECT_TRUE(ip_address::parse("::ffff:127.0.0.1")->is_loopback());
  EXPECT_FALSE(ip_address::parse("::ffff:128.0.0.1")->is_loopback());
  EXPECT_TRUE(ip_address::parse("::1")->is_loopback());
}

}  // namespace
}  // namespace tryst::binder
