// A whole server connection: whatever a peer sends, the server answers each call once and in order,
// says the same however the bytes are cut, and ends the connection when the peer has.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/rpc/server.hpp>

#include "compiler/golden/calc.hpp"
#include "fuzz/fuzz.hpp"
#include "rpc/stream_transport.hpp"
#include "support/record_stream.hpp"

using namespace tryst;

namespace {

constexpr rpc::record_limits limits{.max_bytes = 16 * 1024};

struct calculator {
  std::int32_t ADD(calc::pair p) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(p.a) +
                                     static_cast<std::uint32_t>(p.b));
  }
  task<calc::quotient> DIVIDE(std::int32_t a, std::int32_t b, calc::rounding) {
    if (b == 0) throw rpc::refusal{.code = errc::system_err};
    calc::quotient q;
    q.set_value(b == -1 ? 0 : a / b);
    co_return q;
  }
  std::string DESCRIBE(xdr::optional_data<calc::entry> e) { return e ? e->label : "nothing"; }
};

// What the server sent until it closed the connection.
test::bytes answers_to(std::span<const std::byte> stream, std::uint8_t seed, rpc::policy how) {
  epoll_loop loop;
  rpc::server server{loop, {.limits = {.record = limits}}};
  server.serve<calc::CALC_V1>(
      calculator{},
      {.policy = how, .auth = {.verifiers = {std::make_shared<auth::sys_verifier>()}}});

  std::array<int, 2> ends{};
  fuzz::must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) ==
             0);
  const rpc::socket peer{ends[0]};
  server.serve_connection(loop, std::make_unique<rpc::stream_transport>(
                                    loop, rpc::socket{ends[1]}, rpc::peer_identity{}, limits));

  test::bytes answers;
  // True when the server has ended the connection.
  const auto take_answers = [&] {
    std::array<std::byte, 4096> some{};
    for (;;) {
      const ssize_t n = ::recv(peer.descriptor(), some.data(), some.size(), 0);
      if (n <= 0) return n == 0 || errno != EAGAIN;
      test::append(answers, std::span{some}.first(static_cast<std::size_t>(n)));
    }
  };
  for (fuzz::cutter pieces{stream, seed}; !pieces.done();) {
    for (auto piece = pieces.next(); !piece.empty();) {
      const ssize_t n = ::send(peer.descriptor(), piece.data(), piece.size(), MSG_NOSIGNAL);
      if (n > 0) piece = piece.subspan(static_cast<std::size_t>(n));
      loop.turn(std::chrono::seconds{0});
      if (take_answers()) return answers;
    }
  }
  ::shutdown(peer.descriptor(), SHUT_WR);
  for (int turns = 0; turns < 1000; ++turns) {
    loop.turn(std::chrono::seconds{0});
    if (take_answers()) return answers;
  }
  fuzz::must(false);  // the connection outlives its peer
  return answers;
}

// What is to be answered: the xids of the calls, until a record that is no message.
struct expected_answers {
  std::vector<std::uint32_t> xids;
  bool connection_holds = true;  // nothing in the stream makes the server close it
};

expected_answers expected_of(std::span<const std::byte> stream) {
  expected_answers expected;
  const test::received sent = test::deliver_at_once(stream, limits);
  expected.connection_holds = !sent.error;
  for (const test::bytes& message : sent.records) {
    const auto type = rpc::type_of(message);
    if (!type) {
      expected.connection_holds = false;
      break;
    }
    if (*type == rpc::message_type::call) expected.xids.push_back(rpc::xid_of(message));
  }
  return expected;
}

void check(const test::bytes& answers, const expected_answers& expected) {
  const test::received replies = test::deliver_at_once(answers, {.max_bytes = 1U << 20});
  fuzz::must(!replies.error);
  fuzz::must(replies.records.size() <= expected.xids.size());
  for (std::size_t i = 0; i < replies.records.size(); ++i) {
    const test::bytes& reply = replies.records[i];
    fuzz::must(rpc::type_of(reply) == rpc::message_type::reply);
    fuzz::must(rpc::xid_of(reply) == expected.xids[i]);
    fuzz::must(rpc::parse_reply(reply).has_value());
  }
  if (!expected.connection_holds) return;
  fuzz::must(replies.records.size() == expected.xids.size());
  fuzz::must(replies.left == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const std::uint8_t seed = in.decide();
  const rpc::policy how = (in.decide() & 1U) != 0 ? rpc::serialised : rpc::inline_;
  const expected_answers expected = expected_of(in.rest());
  const test::bytes whole = answers_to(in.rest(), 0, how);
  check(whole, expected);
  // Cut more finely than 1 KiB a delivery only as far as that is quick.
  const test::bytes cut = answers_to(in.rest(), in.rest().size() < 512 ? seed : 255, how);
  check(cut, expected);
  if (expected.connection_holds) fuzz::must(cut == whole);
  return 0;
}
