// Calls to the binder, of any version and procedure with any arguments, from callers of any kind:
// whatever is answered is well formed, and a stranger's datagram gets no larger one.
//
// The first byte chooses the caller, the next two the version and the procedure; the rest is the
// arguments.
#include <algorithm>
#include <tryst/binder/binder.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/rpc/server.hpp>
#include <tryst/testing/manual_loop.hpp>
#include <vector>

#include "dispatch/played_transport.hpp"
#include "fuzz/fuzz.hpp"

using namespace tryst;

namespace {

rpc::peer_identity caller(std::uint8_t which) {
  static constexpr const char* places[] = {"unix:@x",           "tcp://127.0.0.1:7",
                                           "udp://192.0.2.1:7", "udp://[2001:db8::1]:7",
                                           "udp://[::1]:800",   "tcp://192.0.2.1:7"};
  rpc::peer_identity peer{.where = *rpc::address::parse(places[which % std::size(places)]),
                          .credentials = {}};
  if (peer.where.kind == rpc::address::transport::abstract) {
    peer.credentials = {.uid = which, .gid = 0, .pid = 1};
  }
  return peer;
}

binder::binder_options options() {
  binder::binder_options how;
  how.unsafe_loopback_registration = true;
  how.limits.entries = 64;
  how.interfaces = [] { return std::vector<binder::interface_address>{}; };
  return how;
}

void fill(binder::binder& book) {
  book.set({{100003, 3}, "tcp", "0.0.0.0.8.1", "superuser"});
  book.set({{100003, 4}, "udp6", "::.8.1", "1000"});
  book.set({{7, 1}, "local", "/run/seven", "1"});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const auto peer = caller(in.decide());
  const bool stranger = peer.where.kind == rpc::address::transport::udp && peer.where.host != "::1";
  const std::uint32_t version = in.decide() % 6U;
  const std::uint32_t procedure = in.decide() % 16U;
  xdr::byte_buffer message;
  rpc::put_call_header(message, 7, {100000, version}, procedure, true);
  const auto arguments = in.rest().first(in.rest().size() / 4 * 4);
  xdr::writer{message}.put_opaque(arguments);
  // In a chunk of its own: a sanitizer sees what lies beyond.
  const auto chunk = xdr::buffer_ref::allocate(message.size());
  std::copy(message.begin(), message.end(), chunk.data());

  testing::manual_loop loop;
  test::played_transport::record seen;
  binder::binder book{options()};
  fill(book);
  {
    rpc::server server{loop};
    book.serve_in(server.services());
    server.serve_connection(loop, std::make_unique<test::played_transport>(loop, peer, seen));
    loop.run_until_idle();
    fuzz::must(seen.user != nullptr);
    seen.user->on_message({chunk.data(), message.size()}, chunk);
    loop.run_until_idle();
  }
  loop.run_until_idle();
  // A mark stands before the answer.
  const std::size_t answered = seen.sent.size() > 4 ? seen.sent.size() - 4 : 0;
  if (stranger) fuzz::must(answered <= message.size());
  fuzz::must(book.entries().size() <= 64);
  for (const auto& e : book.entries()) {
    fuzz::must(e.address.size() <= 128 && e.netid.size() <= 32);
  }
  return 0;
}
