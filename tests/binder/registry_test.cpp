// The rules of SET and UNSET, without a wire.
#include <tryst/binder/registry.hpp>

#include <gtest/gtest.h>

namespace tryst::binder {
namespace {

constexpr rpc::interface_id nfs3{100003, 3};
constexpr rpc::interface_id nfs4{100003, 4};

entry tcp_entry(std::string address = "0.0.0.0.8.1", std::string owner = "1000",
                rpc::interface_id interface = nfs3) {
  return {.interface = interface,
          .netid = "tcp",
          .address = std::move(address),
          .owner = std::move(owner)};
}

entry over(std::string netid, std::string address, std::string owner = "1000") {
  return {.interface = nfs3,
          .netid = std::move(netid),
          .address = std::move(address),
          .owner = std::move(owner)};
}

TEST(Pitfall68, ASecondAddressIsRefusedAndTheSameOneIsTrue) {
  registry book;
  EXPECT_TRUE(book.set(tcp_entry()));
  EXPECT_TRUE(book.set(tcp_entry())) << "identical";
  EXPECT_FALSE(book.set(tcp_entry("0.0.0.0.8.2")));
  EXPECT_EQ(book.find(nfs3, "tcp")->address, "0.0.0.0.8.1");
  EXPECT_EQ(book.changes(), 1U);
}

TEST(Pitfall68, IdenticalIsTrueForOthersTooAndDoesNotMakeThemOwners) {
  registry book;
  ASSERT_TRUE(book.set(tcp_entry()));
  EXPECT_TRUE(book.set(tcp_entry("0.0.0.0.8.1", "1001")));
  EXPECT_FALSE(book.unset(nfs3, "tcp", "1001"));
  EXPECT_TRUE(book.unset(nfs3, "tcp", "1000"));
}

TEST(Pitfall69, AnOwnerRemovesItsOwnEntriesAndTheSuperuserEverybodys) {
  registry book;
  ASSERT_TRUE(book.set(tcp_entry()));
  EXPECT_FALSE(book.unset(nfs3, "tcp", "1001"));
  EXPECT_FALSE(book.unset(nfs3, "tcp", unknown_owner));
  EXPECT_NE(book.find(nfs3, "tcp"), nullptr);
  EXPECT_TRUE(book.unset(nfs3, "tcp", superuser));
  EXPECT_EQ(book.find(nfs3, "tcp"), nullptr);
}

TEST(Pitfall69, WhatIsNotThereIsRemoved) {
  registry book;
  EXPECT_TRUE(book.unset(nfs3, "tcp", "1000"));
  EXPECT_TRUE(book.unset(nfs3, "", "1000"));
  EXPECT_EQ(book.changes(), 0U);
}

TEST(Pitfall69, RemovingAllTransportsRemovesAllOrNone) {
  registry book;
  ASSERT_TRUE(book.set(over("tcp", "0.0.0.0.8.1")));
  ASSERT_TRUE(book.set(over("tcp6", "::.8.1", "1001")));
  ASSERT_TRUE(book.set(over("udp", "0.0.0.0.8.1")));
  EXPECT_FALSE(book.unset(nfs3, "", "1000"));
  EXPECT_EQ(book.entries().size(), 3U) << "rpcbind would have removed some of them by now";
  ASSERT_TRUE(book.unset(nfs3, "tcp6", "1001"));
  EXPECT_TRUE(book.unset(nfs3, "", "1000"));
  EXPECT_TRUE(book.entries().empty());
}

TEST(Pitfall69, RemovingOneVersionLeavesTheOthers) {
  registry book;
  ASSERT_TRUE(book.set(tcp_entry()));
  ASSERT_TRUE(book.set(tcp_entry("0.0.0.0.8.1", "1000", nfs4)));
  EXPECT_TRUE(book.unset(nfs3, "", superuser));
  EXPECT_NE(book.find(nfs4, "tcp"), nullptr);
}

TEST(Pitfall66, AnAbsentVersionIsAnsweredByAnotherOneIfThatIsAskedFor) {
  registry book;
  ASSERT_TRUE(book.set(tcp_entry("0.0.0.0.8.1", "1000", {100003, 2})));
  ASSERT_TRUE(book.set(tcp_entry("0.0.0.0.8.2", "1000", nfs3)));
  ASSERT_TRUE(book.set(over("udp", "0.0.0.0.8.3")));
  EXPECT_EQ(book.find_any_version({100003, 2}, "tcp")->address, "0.0.0.0.8.1");
  EXPECT_EQ(book.find_any_version(nfs4, "tcp")->address, "0.0.0.0.8.2") << "the highest";
  EXPECT_EQ(book.find(nfs4, "tcp"), nullptr);
  EXPECT_EQ(book.find_any_version({100004, 1}, "tcp"), nullptr);
  EXPECT_EQ(book.find_any_version({100003, 2}, "udp")->address, "0.0.0.0.8.3");
  EXPECT_EQ(book.find_any_version({100003, 2}, "tcp6"), nullptr);
}

TEST(Registry, KnowsTransportsInAnyCaseAndKeepsOthersAsTheyAre) {
  registry book;
  ASSERT_TRUE(book.set(over("TCP", "0.0.0.0.8.1")));
  EXPECT_EQ(book.find(nfs3, "tcp")->netid, "tcp");
  ASSERT_TRUE(book.set(over("rdma", "0.0.0.0.78.20")));
  EXPECT_EQ(book.find(nfs3, "rdma")->netid, "rdma");
  EXPECT_EQ(book.find_all(nfs3).size(), 2U);
}

TEST(Registry, TakesNoAddressThatIsNone) {
  registry book;
  for (const auto& bad : {over("tcp", ""), over("tcp", "junk"), over("tcp", "0.0.0.0.8"),
                          over("tcp", "/run/socket"), over("local", "0.0.0.0.8.1"),
                          over("", "0.0.0.0.8.1"), over("rdma", "a\nb"), over("x\x1b[2J", "y"),
                          over("rdma", std::string(129, 'x')), over(std::string(33, 'x'), "y")}) {
    EXPECT_FALSE(book.set(bad)) << bad.netid << ' ' << bad.address;
  }
  EXPECT_TRUE(book.entries().empty());
}

TEST(Registry, LetsNoUserUseItUp) {
  registry book{{.entries = 8, .entries_of_owner = 3}};
  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_EQ(book.set(tcp_entry("0.0.0.0.8.1", "1000", {i, 1})), i < 3);
  }
  for (std::uint32_t i = 10; i < 20; ++i) {
    EXPECT_EQ(book.set(tcp_entry("0.0.0.0.8.1", std::string{superuser}, {i, 1})), i < 15);
  }
  EXPECT_EQ(book.entries().size(), 8U);
  ASSERT_TRUE(book.unset({0, 1}, "tcp", "1000"));
  EXPECT_TRUE(book.set(tcp_entry("0.0.0.0.8.1", "1000", {30, 1}))) << "what is given back counts";
}

}  // namespace
}  // namespace tryst::binder
