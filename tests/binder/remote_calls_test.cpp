// CALLIT, BCAST and INDIRECT: off, and where they are on, only to what is allowed.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <tryst/rpc/message.hpp>

#include <tryst/xdr/codec.hpp>

#include "binder/bound_server.hpp"

namespace tryst::binder {
namespace {

using namespace std::chrono_literals;
using rpc::as_result;
using v3 = rpcb_prot::RPCBVERS;
using v4 = rpcb_prot::RPCBVERS4;
using v2 = pmap_prot::PMAP_VERS;

const rpc::call_options briefly{.deadline = 100ms, .repeat = rpc::retransmission::never};

// A server of something else: a binder of version 2, whose port 7 gives 2049 for everything.
struct target {
  bool PMAPPROC_SET(pmap_prot::mapping) { return false; }
  bool PMAPPROC_UNSET(pmap_prot::mapping) { return true; }
  std::uint32_t PMAPPROC_GETPORT(pmap_prot::mapping m) { return m.prog; }
  pmap_prot::pmaplist PMAPPROC_DUMP() { throw rpc::refusal{.code = errc::system_err}; }
  pmap_prot::call_result PMAPPROC_CALLIT(const pmap_prot::call_args&) { return {}; }
};

// A binder at UDP, and a server that is registered with it as program 300001.
struct RemoteCalls : ::testing::Test {
  RemoteCalls() {
    other.serve(as_300001());
    const auto where = universal_address::of(other.listen("udp://127.0.0.1:0"));
    target_address = where->text();
  }

  struct renumbered final : rpc::service {
    explicit renumbered(std::shared_ptr<rpc::service> s) : inner{std::move(s)} {}
    rpc::interface_id id() const noexcept override { return {300001, 2}; }
    std::string_view name() const noexcept override { return inner->name(); }
    const rpc::auth_policy& auth() const noexcept override { return inner->auth(); }
    void serve(rpc::incoming_call& call) override { inner->serve(call); }
    std::shared_ptr<rpc::service> inner;
  };
  static std::shared_ptr<rpc::service> as_300001() {
    return std::make_shared<renumbered>(rpc::make_service<v2>(target{}));
  }

  void start(std::vector<allowed_remote_call> allowed) {
    host.emplace(
        binder_options{.remote_calls = {.home = &other_loop.get(), .allowed = std::move(allowed)}});
    udp = host->served.listen("udp://127.0.0.1:0");
    host->book.set({{300001, 2}, "udp", target_address, std::string{superuser}});
    host->book.set({{100005, 2}, "udp", target_address, std::string{superuser}});
    caller.emplace(host->client_loop, udp.text());
  }

  static std::vector<std::byte> bytes_of(const auto& value) {
    const auto bytes = xdr::to_bytes(value);
    return {bytes->data(), bytes->data() + bytes->size()};
  }
  static std::vector<std::byte> getport_arguments() {
    return bytes_of(pmap_prot::mapping{.prog = 77});
  }
  static rpcb_prot::rpcb_rmtcallargs call(std::uint32_t program, std::uint32_t procedure) {
    return {.prog = program, .vers = 2, .proc = procedure, .args = getport_arguments()};
  }

  loop_thread other_loop;
  rpc::server other{other_loop};
  std::string target_address;
  std::optional<tests::bound_server> host;
  std::optional<rpc::client> caller;
  rpc::address udp;
};

struct Pitfall76 : RemoteCalls {};

TEST_F(Pitfall76, NothingIsPassedOnUnlessItIsAllowed) {
  start({});
  const auto timed_out = make_error_code(errc::timed_out);
  const auto args = call(300001, 3);
  const pmap_prot::call_args old{.prog = 300001, .vers = 2, .proc = 3, .args = args.args};
  EXPECT_EQ(v2::stub{*caller}.PMAPPROC_CALLIT(old, briefly, as_result).get().error().code,
            timed_out)
      << "silence, not an error";
  EXPECT_EQ(v3::stub{*caller}.RPCBPROC_CALLIT(args, briefly, as_result).get().error().code,
            timed_out);
  EXPECT_EQ(v4::stub{*caller}.RPCBPROC_BCAST(args, briefly, as_result).get().error().code,
            timed_out);
  EXPECT_EQ(v4::stub{*caller}.RPCBPROC_INDIRECT(args, as_result).get().error().code,
            make_error_code(errc::auth_too_weak))
      << "this one reports errors";
}

TEST_F(Pitfall76, WhatIsAllowedComesBackWithThePlaceOfItsServer) {
  start({{.program = 300001, .version = 2, .procedure = 3}});
  const auto args = call(300001, 3);
  const auto expected = bytes_of(std::uint32_t{77});
  for (const auto& result :
       {v3::stub{*caller}.RPCBPROC_CALLIT(args).get(), v4::stub{*caller}.RPCBPROC_BCAST(args).get(),
        v4::stub{*caller}.RPCBPROC_INDIRECT(args).get()}) {
    EXPECT_EQ(result.addr, target_address);
    EXPECT_EQ(result.results, expected);
  }
  const pmap_prot::call_args old{.prog = 300001, .vers = 2, .proc = 3, .args = args.args};
  const auto result = v2::stub{*caller}.PMAPPROC_CALLIT(old).get();
  EXPECT_EQ(result.port, universal_address::parse(target_address)->port);
  EXPECT_EQ(result.res, expected);
}

TEST_F(Pitfall76, ErrorsAreSilentButForIndirect) {
  start({{.program = 300001}});
  const auto broken = call(300001, 4);
  EXPECT_EQ(v4::stub{*caller}.RPCBPROC_BCAST(broken, briefly, as_result).get().error().code,
            make_error_code(errc::timed_out));
  EXPECT_EQ(v4::stub{*caller}.RPCBPROC_INDIRECT(broken, as_result).get().error().code,
            make_error_code(errc::garbage_args));
  EXPECT_EQ(v4::stub{*caller}.RPCBPROC_INDIRECT(call(300001, 99), as_result).get().error().code,
            make_error_code(errc::proc_unavail));
}

// Holds what it is asked until the test lets it go.
struct slow_target {
  struct waiting {
    std::mutex mutex;
    std::vector<rpc::reply<std::uint32_t>> replies;
    std::atomic<int> calls = 0;
  };
  std::shared_ptr<waiting> held;

  bool PMAPPROC_SET(pmap_prot::mapping) { return false; }
  bool PMAPPROC_UNSET(pmap_prot::mapping) { return true; }
  void PMAPPROC_GETPORT(rpc::reply<std::uint32_t> to, pmap_prot::mapping) {
    const std::lock_guard lock{held->mutex};
    held->replies.push_back(std::move(to));
    ++held->calls;
  }
  pmap_prot::pmaplist PMAPPROC_DUMP() { return {}; }
  pmap_prot::call_result PMAPPROC_CALLIT(const pmap_prot::call_args&) { return {}; }
};

TEST_F(Pitfall76, ACallThatComesAgainIsPassedOnOnce) {
  const auto held = std::make_shared<slow_target::waiting>();
  rpc::server slow{other_loop};
  slow.serve(std::make_shared<renumbered>(rpc::make_service<v2>(slow_target{held})));
  target_address = universal_address::of(slow.listen("udp://127.0.0.1:0"))->text();
  start({{.program = 300001}});

  xdr::byte_buffer message;
  rpc::put_call_header(message, 77, v4::id, 5, true);
  xdr::writer out{message};
  xdr::encode(out, call(300001, 3));
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(udp.port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  for (int i = 0; i < 5; ++i) {
    ASSERT_GT(::send(socket, message.data(), message.size(), 0), 0);
  }
  while (held->calls == 0) std::this_thread::yield();
  // What was sent before has been read when this is answered.
  EXPECT_EQ(v3::stub{*caller}.RPCBPROC_GETTIME().get() > 0, true);
  {
    const std::lock_guard lock{held->mutex};
    for (auto& reply : held->replies) reply(99);
    held->replies.clear();
  }
  std::array<char, 512> answer{};
  EXPECT_GT(::recv(socket, answer.data(), answer.size(), 0), 0);
  EXPECT_EQ(held->calls, 1);
  ::close(socket);
}

struct SecE2 : RemoteCalls {};

TEST_F(SecE2, NoRuleReachesTheBinderItselfOrMountd) {
  start({{.program = 100000}, {.program = 100005}, {.program = 100004}});
  host->book.add_own(udp);
  for (const std::uint32_t program : {100000U, 100004U, 100005U}) {
    EXPECT_EQ(v4::stub{*caller}.RPCBPROC_INDIRECT(call(program, 3), as_result).get().error().code,
              make_error_code(errc::auth_too_weak))
        << program;
  }
}

TEST_F(SecE2, StreamsPassNothingOn) {
  start({{.program = 300001}});
  auto tcp = host->connect(host->tcp);
  EXPECT_EQ(v4::stub{tcp}.RPCBPROC_INDIRECT(call(300001, 3), as_result).get().error().code,
            make_error_code(errc::auth_too_weak));
}

}  // namespace
}  // namespace tryst::binder
