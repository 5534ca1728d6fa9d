// Asking a binder, of ours and of older kinds.
#include <tryst/binder/binder_client.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <tryst/binder/registration.hpp>

#include "binder/bound_server.hpp"

namespace tryst::binder {
namespace {

using tests::bound_server;

constexpr rpc::interface_id seven{7, 1};

entry at(std::string netid, std::string address, rpc::interface_id interface = seven) {
  return {.interface = interface,
          .netid = std::move(netid),
          .address = std::move(address),
          .owner = std::string{superuser}};
}

TEST(BinderClient, FindsEachTransportWhereverItAsks) {
  bound_server host;
  ASSERT_TRUE(host.book.set(at("tcp", "0.0.0.0.8.1")));
  ASSERT_TRUE(host.book.set(at("udp", "0.0.0.0.8.2")));
  ASSERT_TRUE(host.book.set(at("tcp6", "::.8.3")));
  ASSERT_TRUE(host.book.set(at("local", "@seven")));
  for (const auto& where : {host.local, host.tcp, host.tcp6}) {
    binder_client book{host.client_loop, where.text()};
    const auto find = [&](netid over) {
      const auto found = run(host.client_loop, book.find(seven, over));
      return found ? found->text() : found.error().text();
    };
    EXPECT_EQ(find(netid::tcp), "tcp://127.0.0.1:2049") << where.text();
    EXPECT_EQ(find(netid::udp), "udp://127.0.0.1:2050") << where.text();
    EXPECT_EQ(find(netid::tcp6), "tcp://[::1]:2051") << where.text();
    EXPECT_EQ(find(netid::local), "unix:@seven") << where.text();
    const auto none = run(host.client_loop, book.find(seven, netid::udp6));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, make_error_code(errc::prog_unavail));
    EXPECT_FALSE(run(host.client_loop, book.find({7, 2}, netid::tcp))) << "just this version";
  }
}

TEST(BinderClient, ListsRegistersAndWithdraws) {
  bound_server host;
  binder_client book{host.client_loop, host.local.text()};
  EXPECT_TRUE(run(host.client_loop, book.set(at("tcp", "0.0.0.0.8.1"))).value());
  EXPECT_FALSE(run(host.client_loop, book.set(at("tcp", "0.0.0.0.8.2"))).value());
  const auto all = run(host.client_loop, book.entries());
  ASSERT_EQ(all.value().size(), 1U);
  EXPECT_EQ(all->front().address, "0.0.0.0.8.1");
  EXPECT_TRUE(run(host.client_loop, book.unset(seven, "")).value());
  EXPECT_TRUE(host.book.entries().empty());

  binder_client weak{host.client_loop, host.tcp.text()};
  const auto refused = run(host.client_loop, weak.set(at("tcp", "0.0.0.0.8.1")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, make_error_code(errc::auth_too_weak));
}

// A binder that knows fewer versions, and counts what it is asked.
struct old_binder {
  explicit old_binder(std::uint32_t highest) {
    if (highest >= 3) served.serve<rpcb_prot::RPCBVERS>(three{*this});
    served.serve<pmap_prot::PMAP_VERS>(two{*this});
    where = served.listen("tcp://127.0.0.1:0");
  }

  struct two {
    old_binder& self;
    bool PMAPPROC_SET(pmap_prot::mapping) { return false; }
    bool PMAPPROC_UNSET(pmap_prot::mapping) { return true; }
    std::uint32_t PMAPPROC_GETPORT(pmap_prot::mapping) { return ++self.asked, 2049; }
    pmap_prot::pmaplist PMAPPROC_DUMP() {
      ++self.asked;
      pmap_prot::pmaplist list;
      list.emplace(pmap_prot::pmaplist_node{{7, 1, 6, 2049}, {}});
      return list;
    }
    pmap_prot::call_result PMAPPROC_CALLIT(const pmap_prot::call_args&) { return {}; }
  };
  struct three {
    old_binder& self;
    bool RPCBPROC_SET(const rpcb_prot::rpcb&) { return false; }
    bool RPCBPROC_UNSET(const rpcb_prot::rpcb&) { return true; }
    std::string RPCBPROC_GETADDR(const rpcb_prot::rpcb&) { return "127.0.0.1.8.3"; }
    rpcb_prot::rpcblist_ptr RPCBPROC_DUMP() {
      ++self.asked;
      rpcb_prot::rpcblist_ptr list;
      list.emplace(rpcb_prot::rp__list{tests::map_of(7, 1, "tcp", "0.0.0.0.8.3"), {}});
      return list;
    }
    rpcb_prot::rpcb_rmtcallres RPCBPROC_CALLIT(const rpcb_prot::rpcb_rmtcallargs&) { return {}; }
    std::uint32_t RPCBPROC_GETTIME() { return 0; }
    rpcb_prot::netbuf RPCBPROC_UADDR2TADDR(const std::string&) { return {}; }
    std::string RPCBPROC_TADDR2UADDR(const rpcb_prot::netbuf&) { return {}; }
  };

  loop_thread server_loop;
  loop_thread client_loop;
  std::atomic<int> asked = 0;
  rpc::server served{server_loop};
  rpc::address where;
};

TEST(Pitfall78, OlderVersionsAreAskedWhenNewerOnesAreNotThere) {
  for (const auto& [highest, port] : {std::pair{2U, 2049}, {3U, 2051}}) {
    old_binder old{highest};
    binder_client book{old.client_loop, old.where.text()};
    const auto found = run(old.client_loop, book.find(seven, netid::tcp));
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->port, port);
    EXPECT_EQ(run(old.client_loop, book.entries()).value().size(), 1U);
    EXPECT_FALSE(run(old.client_loop, book.set(at("tcp", "0.0.0.0.8.1"))).value());
  }
}

TEST(Pitfall78, WhatWasFoundIsRememberedUntilItTurnsOutToBeWrong) {
  old_binder old{3};
  binder_client book{old.client_loop, old.where.text()};
  ASSERT_TRUE(run(old.client_loop, book.find(seven, netid::tcp)));
  ASSERT_TRUE(run(old.client_loop, book.find(seven, netid::tcp)));
  EXPECT_EQ(old.asked, 1);
  run_on(old.client_loop, [&] { book.forget(seven); });
  ASSERT_TRUE(run(old.client_loop, book.find(seven, netid::tcp)));
  EXPECT_EQ(old.asked, 2);

  binder_client forgetful{old.client_loop, old.where.text(), {.cache_for = {}}};
  ASSERT_TRUE(run(old.client_loop, forgetful.find(seven, netid::tcp)));
  ASSERT_TRUE(run(old.client_loop, forgetful.find(seven, netid::tcp)));
  EXPECT_EQ(old.asked, 4);
}

TEST(Pitfall71, TheAbstractSocketIsTriedFirstAndThenThePathAndThenTcp) {
  bound_server host;
  ASSERT_TRUE(host.book.set(at("tcp", "0.0.0.0.8.1")));
  const auto find = [&](const std::string& socket, std::uint16_t port) {
    binder_client book{host.client_loop, {.port = port, .socket = socket}};
    return run(host.client_loop, book.find(seven, netid::tcp)).has_value();
  };
  EXPECT_TRUE(find(host.local.path, 1)) << "the name without a path";
  const std::string path = "/tmp/tryst-binder-test-" + std::to_string(::getpid());
  host.served.listen("unix:" + path);
  EXPECT_TRUE(find(path, 1)) << "the path without an abstract name";
  EXPECT_TRUE(find("/nonexistent/socket", host.tcp.port));
  EXPECT_FALSE(find("/nonexistent/socket", 1));
}

TEST(Registration, LivesAsLongAsItsObject) {
  bound_server host;
  const auto tcp = *rpc::address::parse("tcp://0.0.0.0:2049");
  const auto udp = *rpc::address::parse("udp://[::]:2049");
  {
    const registration mine{{seven, {7, 2}}, {tcp, udp}, {.at = host.local.text()}};
    EXPECT_TRUE(mine.is_complete());
    EXPECT_EQ(host.book.entries().size(), 4U);
    EXPECT_EQ(host.book.find({7, 2}, netid::udp6), "::1.8.1");
  }
  EXPECT_TRUE(host.book.entries().empty());
}

TEST(Registration, ReplacesWhatThisUserLeftBehindAndNobodyElses) {
  bound_server host;
  binder_client book{host.client_loop, host.local.text()};
  ASSERT_TRUE(run(host.client_loop, book.set(at("tcp", "0.0.0.0.1.1"))).value());
  const auto tcp = *rpc::address::parse("tcp://0.0.0.0:2049");
  {
    const registration mine{{seven}, {tcp}, {.at = host.local.text()}};
    EXPECT_EQ(host.book.find(seven, netid::tcp), "127.0.0.1.8.1");
  }
  EXPECT_THROW((registration{{seven}, {tcp}, {.at = "unix:@nobody.is.here"}}), call_error);
}

TEST(Registration, ComesBackWhenTheBinderDoes) {
  const std::string name = tests::fresh_abstract_name();
  loop_thread loop;
  const auto tcp = *rpc::address::parse("tcp://0.0.0.0:2049");
  std::optional<registration> mine;
  for (std::uint64_t round = 1; round <= 5; ++round) {
    binder book;
    rpc::server served{loop};
    book.serve_in(served.services());
    served.listen(name);
    if (!mine) {
      mine.emplace(std::vector{seven}, std::vector{tcp},
                   registration_options{.at = name, .retry = std::chrono::milliseconds{5}});
    }
    while (mine->times() < round) std::this_thread::yield();
    EXPECT_EQ(book.entries().size(), 1U) << "a new binder, which knew nothing";
  }
}

TEST(Registration, EndsAtAnyMomentOfARestartOfTheBinder) {
  loop_thread loop;
  const auto tcp = *rpc::address::parse("tcp://0.0.0.0:2049");
  for (int round = 0; round < 50; ++round) {
    const std::string name = tests::fresh_abstract_name();
    binder book;
    std::optional<rpc::server> served{std::in_place, loop};
    book.serve_in(served->services());
    served->listen(name);
    const registration mine{
        {seven, {7, 2}}, {tcp}, {.at = name, .retry = std::chrono::milliseconds{0}}};
    served.emplace(loop);
    book.serve_in(served->services());
    served->listen(name);
    for (int i = 0; i < round * 20; ++i) std::this_thread::yield();
  }
}

TEST(TransientProgram, IsOneThatNobodyHas) {
  std::vector<entry> registered{at("tcp", "0.0.0.0.8.1", {first_transient_program, 1}),
                                at("tcp", "0.0.0.0.8.1", {last_transient_program, 1})};
  EXPECT_EQ(choose_transient_program(registered, 0), first_transient_program + 1);
  EXPECT_EQ(choose_transient_program(registered, last_transient_program - first_transient_program),
            first_transient_program + 1);
  EXPECT_EQ(choose_transient_program({}, 77), first_transient_program + 77);
}

}  // namespace
}  // namespace tryst::binder
