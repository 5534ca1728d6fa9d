// A binder that lies, against everything that a client can ask: bounded time and memory, and an
// error that says what was wrong.
#include <gtest/gtest.h>

#include <tryst/binder/binder_client.hpp>
#include <tryst/binder/registration.hpp>

#include "binder/bound_server.hpp"

namespace tryst::binder {
namespace {

using namespace std::chrono_literals;

constexpr rpc::interface_id seven{7, 1};

// What it answers is in these; each may be of any size.
struct lies {
  rpcb_prot::rpcblist_ptr dump;
  rpcb_prot::rpcb_entry_list_ptr list;
  rpc::refusal refuse_four{.code = errc{}};
};

struct liar {
  std::shared_ptr<lies> say;

  void answer() const {
    if (say->refuse_four.code != errc{}) throw say->refuse_four;
  }
  bool RPCBPROC_SET(const rpcb_prot::rpcb&) { return answer(), false; }
  bool RPCBPROC_UNSET(const rpcb_prot::rpcb&) { return answer(), false; }
  std::string RPCBPROC_GETADDR(const rpcb_prot::rpcb&) { return answer(), ""; }
  rpcb_prot::rpcblist_ptr RPCBPROC_DUMP() { return answer(), say->dump; }
  rpcb_prot::rpcb_rmtcallres RPCBPROC_BCAST(const rpcb_prot::rpcb_rmtcallargs&) { return {}; }
  std::uint32_t RPCBPROC_GETTIME() { return 0; }
  rpcb_prot::netbuf RPCBPROC_UADDR2TADDR(const std::string&) { return {}; }
  std::string RPCBPROC_TADDR2UADDR(const rpcb_prot::netbuf&) { return {}; }
  std::string RPCBPROC_GETVERSADDR(const rpcb_prot::rpcb&) { return ""; }
  rpcb_prot::rpcb_rmtcallres RPCBPROC_INDIRECT(const rpcb_prot::rpcb_rmtcallargs&) { return {}; }
  rpcb_prot::rpcb_entry_list_ptr RPCBPROC_GETADDRLIST(const rpcb_prot::rpcb&) {
    return answer(), say->list;
  }
  rpcb_prot::rpcb_stat_byvers RPCBPROC_GETSTAT() { return {}; }
};

rpc::server_options without_limits() {
  rpc::server_options how;
  how.limits.record.max_bytes = 1U << 30;
  how.limits.queued_bytes = 1U << 30;
  return how;
}

struct SecE5 : ::testing::Test {
  SecE5() {
    served.serve<rpcb_prot::RPCBVERS4>(liar{say});
    tcp = served.listen("tcp://127.0.0.1:0");
    local = served.listen(tests::fresh_abstract_name());
  }

  // What a lookup says, over a stream of IP and of UNIX: the same.
  std::error_code look_up() {
    binder_client over_tcp{client_loop, tcp.text(), {.deadline = 20s, .cache_for = {}}};
    binder_client over_unix{client_loop, local.text(), {.deadline = 20s, .cache_for = {}}};
    const auto one = run(client_loop, over_tcp.find(seven, netid::tcp));
    const auto other = run(client_loop, over_unix.find(seven, netid::tcp));
    EXPECT_EQ(one.has_value(), other.has_value());
    if (one) return {};
    EXPECT_EQ(one.error().code, other.error().code);
    return one.error().code;
  }

  void say_address(const std::string& address) {
    say->list.emplace(rpcb_prot::rpcb_entry_list{
        .rpcb_entry_map = {.r_maddr = address, .r_nc_netid = "tcp"}, .rpcb_entry_next = {}});
    say->dump.emplace(rpcb_prot::rp__list{tests::map_of(7, 1, "tcp", address), {}});
  }

  void say_entries(std::size_t count) {
    auto* at = &say->dump;
    auto* of_list = &say->list;
    for (std::size_t i = 0; i < count; ++i) {
      at = &at->emplace(rpcb_prot::rp__list{tests::map_of(9, 1, "tcp", "0.0.0.0.8.1"), {}})
                .rpcb_next;
      of_list =
          &of_list->emplace(rpcb_prot::rpcb_entry_list{{"0.0.0.0.8.1", "udp"}, {}}).rpcb_entry_next;
    }
  }

  std::shared_ptr<lies> say = std::make_shared<lies>();
  loop_thread server_loop;
  loop_thread client_loop;
  rpc::server served{server_loop, without_limits()};
  rpc::address tcp;
  rpc::address local;
};

TEST_F(SecE5, AddressesThatAreNoneAreErrors) {
  for (const std::string& address :
       {std::string{"junk"}, std::string(100'000, 'x'), std::string(100'000, '.'),
        std::string{"127.0.0.1.8.1\0x", 15}, std::string{"127.0.0.1.0.0"}, std::string{"/run/x"},
        std::string{"::1.8.1"}, std::string{"127.0.0.1.-8.1"}, std::string{"$(reboot).8.1"}}) {
    say_address(address);
    EXPECT_EQ(look_up(), make_error_code(errc::result_invalid)) << address.substr(0, 20);
  }
  say_address("");
  EXPECT_EQ(look_up(), make_error_code(errc::prog_unavail));
  say_address("127.0.0.1.8.1");
  EXPECT_EQ(look_up(), std::error_code{});
}

TEST_F(SecE5, AMillionEntriesAreAnErrorThatComesInTime) {
  say_entries(1'000'000);
  const auto why = look_up();
  EXPECT_TRUE(why) << "the record limit ends it";
  EXPECT_FALSE(why == std::errc::timed_out);
  binder_client book{client_loop, tcp.text(), {.deadline = 20s}};
  EXPECT_FALSE(run(client_loop, book.entries()));
}

TEST_F(SecE5, AsManyEntriesAsARecordHoldsAreReadInTime) {
  say_entries(10'000);
  EXPECT_EQ(look_up(), make_error_code(errc::prog_unavail));
  binder_client book{client_loop, tcp.text()};
  EXPECT_EQ(run(client_loop, book.entries()).value().size(), 10'000U);
}

TEST_F(SecE5, ARangeOfAllVersionsIsNotWalkedThrough) {
  say->refuse_four = {.code = errc::prog_mismatch, .low = 0, .high = 0xffff'ffff};
  EXPECT_EQ(look_up(), make_error_code(errc::prog_mismatch)) << "three versions, three questions";
  const auto requests = served.counters().accepted;
  EXPECT_LE(requests, 2U);
  say->refuse_four = {.code = errc::prog_mismatch, .low = 0xffff'ffff, .high = 0};
  EXPECT_EQ(look_up(), make_error_code(errc::prog_mismatch));
}

TEST_F(SecE5, WhoSaysNoToEverythingLetsNothingBeRegistered) {
  const auto where = *rpc::address::parse("tcp://127.0.0.1:2049");
  try {
    const registration mine{{seven}, {where}, {.at = local.text()}};
    ADD_FAILURE() << "it said FALSE";
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code(), std::make_error_code(std::errc::address_in_use));
  }
}

TEST_F(SecE5, AServerThatIsNoBinderIsToldFromNobodyAtAll) {
  rpc::server silent{server_loop};
  const auto where = silent.listen("tcp://127.0.0.1:0");  // no program at all
  binder_client book{client_loop, where.text()};
  EXPECT_EQ(run(client_loop, book.find(seven, netid::tcp)).error().code,
            make_error_code(errc::prog_unavail));
  binder_client nobody{client_loop, "tcp://127.0.0.1:1", {.deadline = 1s}};
  EXPECT_EQ(run(client_loop, nobody.find(seven, netid::tcp)).error().code, outcome::not_executed);
}

}  // namespace
}  // namespace tryst::binder
