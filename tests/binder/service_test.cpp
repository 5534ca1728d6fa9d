// The three versions over real sockets: who is answered what.
#include <gtest/gtest.h>

#include <ctime>

#include "binder/bound_server.hpp"

namespace tryst::binder {
namespace {

using rpc::as_result;
using tests::bound_server;
using tests::map_of;
using v3 = rpcb_prot::RPCBVERS;
using v4 = rpcb_prot::RPCBVERS4;
using v2 = pmap_prot::PMAP_VERS;

const std::string own_name = ::geteuid() == 0 ? "superuser" : std::to_string(::geteuid());

template <class Result>
std::error_code error_of(const Result& result) {
  return result ? std::error_code{} : result.error().code;
}

TEST(Pitfall65, TheAnswerIsForTheTransportThatTheCallCameBy) {
  bound_server host;
  auto local = host.connect(host.local);
  auto tcp = host.connect(host.tcp);
  auto tcp6 = host.connect(host.tcp6);
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map_of(7, 1, "tcp", "127.0.0.1.8.1")).get());
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map_of(7, 1, "tcp6", "::1.8.2")).get());
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map_of(7, 1, "udp", "127.0.0.1.8.3")).get());
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map_of(7, 1, "local", "/run/seven")).get());

  const auto asked_for_udp = map_of(7, 1, "udp");
  EXPECT_EQ(v4::stub{tcp}.RPCBPROC_GETADDR(asked_for_udp).get(), "127.0.0.1.8.1");
  EXPECT_EQ(v3::stub{tcp6}.RPCBPROC_GETADDR(asked_for_udp).get(), "::1.8.2");
  EXPECT_EQ(v3::stub{local}.RPCBPROC_GETADDR(asked_for_udp).get(), "/run/seven");

  auto list = v4::stub{tcp}.RPCBPROC_GETADDRLIST(map_of(7, 1, "")).get();
  ASSERT_TRUE(list);
  EXPECT_EQ(list->rpcb_entry_map.r_nc_netid, "tcp");
  EXPECT_EQ(list->rpcb_entry_map.r_nc_semantics, 3U);
  ASSERT_TRUE(list->rpcb_entry_next);
  EXPECT_EQ(list->rpcb_entry_next->rpcb_entry_map.r_maddr, "127.0.0.1.8.3");
  EXPECT_EQ(list->rpcb_entry_next->rpcb_entry_map.r_nc_semantics, 1U);
  EXPECT_FALSE(list->rpcb_entry_next->rpcb_entry_next) << "this family only, as rpcbind has it";
}

TEST(Pitfall66, AnotherVersionIsToldOfAndNothingIsAnEmptyAnswer) {
  bound_server host;
  auto local = host.connect(host.local);
  auto tcp = host.connect(host.tcp);
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map_of(7, 2, "tcp", "0.0.0.0.8.1")).get());
  EXPECT_EQ(v4::stub{tcp}.RPCBPROC_GETADDR(map_of(7, 9, "tcp")).get(), "127.0.0.1.8.1");
  EXPECT_EQ(v4::stub{tcp}.RPCBPROC_GETVERSADDR(map_of(7, 9, "tcp")).get(), "");
  EXPECT_EQ(v4::stub{tcp}.RPCBPROC_GETADDR(map_of(8, 9, "tcp")).get(), "");
  EXPECT_EQ(v2::stub{tcp}.PMAPPROC_GETPORT({7, 9, 6, 0}).get(), 0x801U);
  EXPECT_EQ(v2::stub{tcp}.PMAPPROC_GETPORT({8, 9, 6, 0}).get(), 0U);
}

TEST(Pitfall67, VersionTwoLooksForAProtocolAndRemovesBoth) {
  bound_server host;
  auto local = host.connect(host.local);
  ASSERT_TRUE(v2::stub{local}.PMAPPROC_SET({7, 1, 6, 2049}).get());
  ASSERT_TRUE(v2::stub{local}.PMAPPROC_SET({7, 1, 17, 2050}).get());
  EXPECT_FALSE(v2::stub{local}.PMAPPROC_SET({7, 1, 17, 2051}).get());
  EXPECT_FALSE(v2::stub{local}.PMAPPROC_SET({7, 2, 17, 65536}).get()) << "no port";
  EXPECT_FALSE(v2::stub{local}.PMAPPROC_SET({7, 2, 132, 1}).get())
      << "a protocol it has no word for";
  EXPECT_EQ(v2::stub{local}.PMAPPROC_GETPORT({7, 1, 6, 0}).get(), 2049U);
  EXPECT_EQ(v2::stub{local}.PMAPPROC_GETPORT({7, 1, 17, 0}).get(), 2050U);
  EXPECT_EQ(v2::stub{local}.PMAPPROC_GETPORT({7, 1, 0, 0}).get(), 0U);
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map_of(7, 1, "tcp6", "::.8.1")).get());
  EXPECT_TRUE(v2::stub{local}.PMAPPROC_UNSET({7, 1, 6, 1}).get());
  const auto left = host.book.entries();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.front().netid, "tcp6") << "of which version 2 knows nothing";
}

TEST(Pitfall69, TheOwnerIsWhomTheKernelSaysAndNotWhatTheCallSays) {
  bound_server host;
  auto local = host.connect(host.local);
  const auto claim = map_of(7, 1, "tcp", "0.0.0.0.8.1", "somebody");
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(claim).get());
  ASSERT_EQ(host.book.entries().size(), 1U);
  EXPECT_EQ(host.book.entries().front().owner, own_name);
  auto dump = v3::stub{local}.RPCBPROC_DUMP().get();
  ASSERT_TRUE(dump);
  EXPECT_EQ(dump->rpcb_map.r_owner, own_name);
  EXPECT_FALSE(dump->rpcb_next);
}

TEST(Pitfall70, WhoMayNotRegisterIsRefusedForBeingTooWeak) {
  bound_server host;
  auto local = host.connect(host.local);
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map_of(7, 1, "tcp", "0.0.0.0.8.1")).get());
  const auto too_weak = make_error_code(errc::auth_too_weak);
  for (const auto& where : {host.tcp, host.tcp6}) {
    auto ip = host.connect(where);
    const auto set = map_of(8, 1, "tcp", "0.0.0.0.8.1");
    EXPECT_EQ(error_of(v4::stub{ip}.RPCBPROC_SET(set, as_result).get()), too_weak);
    EXPECT_EQ(error_of(v3::stub{ip}.RPCBPROC_SET(set, as_result).get()), too_weak);
    EXPECT_EQ(error_of(v2::stub{ip}.PMAPPROC_SET({8, 1, 6, 1}, as_result).get()), too_weak);
    EXPECT_EQ(error_of(v2::stub{ip}.PMAPPROC_SET({8, 1, 0, 0}, as_result).get()), too_weak);
    const auto unset = map_of(7, 1, "");
    EXPECT_EQ(error_of(v4::stub{ip}.RPCBPROC_UNSET(unset, as_result).get()), too_weak);
    EXPECT_EQ(error_of(v2::stub{ip}.PMAPPROC_UNSET({7, 1, 0, 0}, as_result).get()), too_weak);
    EXPECT_EQ(error_of(v4::stub{ip}.RPCBPROC_UNSET(map_of(9, 1, ""), as_result).get()), too_weak)
        << "also when there is nothing to remove";
  }
  EXPECT_EQ(host.book.entries().size(), 1U);
}

TEST(Pitfall70, LoopbackMayRegisterWhereThatIsAskedForAndIsNobody) {
  bound_server host{{.unsafe_loopback_registration = true}};
  auto tcp = host.connect(host.tcp);
  auto local = host.connect(host.local);
  ASSERT_TRUE(v2::stub{tcp}.PMAPPROC_SET({7, 1, 6, 2049}).get());
  EXPECT_EQ(host.book.entries().front().owner, unknown_owner);
  auto other = host.connect(host.tcp6);
  EXPECT_TRUE(v4::stub{other}.RPCBPROC_UNSET(map_of(7, 1, "")).get())
      << "any unknown caller removes what any other registered";
  ASSERT_TRUE(v4::stub{local}.RPCBPROC_SET(map_of(7, 1, "tcp", "0.0.0.0.8.1")).get());
  EXPECT_FALSE(v4::stub{tcp}.RPCBPROC_UNSET(map_of(7, 1, "")).get());
}

TEST(Pitfall77, StatisticsAndListsHaveTheirLayout) {
  bound_server host;
  auto local = host.connect(host.local);
  v4::stub stub{local};
  for (std::uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(stub.RPCBPROC_SET(map_of(i + 1, 1, "tcp", "0.0.0.0.8.1")).get());
  }
  std::size_t entries = 0;
  const auto dump = stub.RPCBPROC_DUMP().get();
  for (const auto* at = dump.get(); at != nullptr; at = at->rpcb_next.get()) ++entries;
  EXPECT_EQ(entries, 200U);
  std::size_t mappings = 0;
  const auto old = v2::stub{local}.PMAPPROC_DUMP().get();
  for (const auto* at = old.get(); at != nullptr; at = at->next.get()) ++mappings;
  EXPECT_EQ(mappings, 200U);

  auto tcp = host.connect(host.tcp);
  v4::stub{tcp}.RPCBPROC_GETADDR(map_of(1, 1, "")).get();
  v4::stub{tcp}.RPCBPROC_GETADDR(map_of(999, 1, "")).get();
  const auto counted = stub.RPCBPROC_GETSTAT().get();
  const auto& of_four = counted[rpcb_prot::RPCBVERS_4_STAT];
  EXPECT_EQ(of_four.info[1], 200);
  EXPECT_EQ(of_four.setinfo, 200);
  EXPECT_EQ(of_four.info[3], 2);
  EXPECT_EQ(of_four.info[12], 1);
  ASSERT_TRUE(of_four.addrinfo);
  EXPECT_EQ(of_four.addrinfo->success, 1);
  ASSERT_TRUE(of_four.addrinfo->next);
  EXPECT_EQ(of_four.addrinfo->next->failure, 1);
  EXPECT_EQ(counted[rpcb_prot::RPCBVERS_2_STAT].info[4], 1);
}

TEST(Binder, TellsTheTimeAndTranslatesAddresses) {
  bound_server host;
  auto tcp = host.connect(host.tcp);
  auto tcp6 = host.connect(host.tcp6);
  auto local = host.connect(host.local);
  const auto now = static_cast<std::uint32_t>(std::time(nullptr));
  EXPECT_LE(v3::stub{tcp}.RPCBPROC_GETTIME().get() - now, 60U);
  for (auto* caller : {&tcp, &tcp6, &local}) {
    const std::string universal = caller == &tcp    ? "192.0.2.1.8.1"
                                  : caller == &tcp6 ? "2001:db8::1.8.1"
                                                    : "/run/socket";
    v4::stub stub{*caller};
    const auto transport = stub.RPCBPROC_UADDR2TADDR(universal).get();
    EXPECT_EQ(transport.maxlen, transport.buf.size());
    EXPECT_EQ(stub.RPCBPROC_TADDR2UADDR(transport).get(), universal);
    EXPECT_TRUE(stub.RPCBPROC_UADDR2TADDR("junk").get().buf.empty());
    EXPECT_EQ(stub.RPCBPROC_TADDR2UADDR(rpcb_prot::netbuf{}).get(), "");
    auto cut = transport;
    cut.buf.resize(3);
    EXPECT_EQ(stub.RPCBPROC_TADDR2UADDR(cut).get(), "") << "not an address";
  }
}

TEST(Binder, RegistersItselfWhereItIsServed) {
  bound_server host;
  for (const auto& where : {host.local, host.tcp, host.tcp6}) host.book.add_own(where);
  EXPECT_EQ(host.book.entries().size(), 7U) << "version 2 over IPv4 only";
  EXPECT_EQ(host.book.find({100000, 2}, netid::tcp), "127.0.0.1." +
                                                         std::to_string(host.tcp.port >> 8) + "." +
                                                         std::to_string(host.tcp.port & 255));
}

}  // namespace
}  // namespace tryst::binder
