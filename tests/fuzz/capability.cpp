// What a peer sends as capabilities: by itself, among the arguments of a call to an operation that
// it was given, and in the result of a call of ours. What is read is written again as it was; this
// process connects to nobody but hosts that it may connect to; and each call is answered.
//
// The first byte chooses which of the three, the second the peer; the rest is what it sends, where
// "PROG" and "OBJECTno", as words, stand for the numbers of an operation of ours.
#include <algorithm>
#include <array>
#include <cstring>
#include <list>
#include <string_view>
#include <tryst/binder/universal_address.hpp>
#include <tryst/bridge/cap_exchange.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/testing/manual_loop.hpp>

#include "dispatch/played_transport.hpp"
#include "fuzz/fuzz.hpp"

using namespace tryst;

namespace {

using sink = cap<void(std::int32_t)>;
using asked = cap<std::string(std::int32_t, cap<void()>)>;
using pair = std::tuple<sink, asked>;
using trading = pair(pair, asked);

/// Invokes what it is given, and gives it back.
struct market : module {
  op<trading> trade{this, &market::do_trade};

  pair do_trade(pair offered, const asked& told) {
    const auto& [to, question] = offered;
    if (to) to.send(1);
    if (told) told.send(2, {});
    return {to, question};
  }
};

rpc::peer_identity peer(std::uint8_t which) {
  static constexpr const char* places[] = {"tcp://192.0.2.1:700", "unix:@x",
                                           "udp://192.0.2.1:700", "tcp://[::1]:700",
                                           "tcp://127.0.0.1:700", "udp://[2001:db8::1]:700"};
  rpc::peer_identity who;
  who.where = *rpc::address::parse(places[which % std::size(places)]);
  return who;
}

bool is_here(const rpc::address& a) {
  return !a.has_port() || a.host.starts_with("127.") || a.host == "::1";
}

/// A process that has a market, and the peer: whom it has connected to, and what it is sent.
class process {
public:
  /// Those that invoke nothing may have clients that would connect to addresses.
  process(rpc::peer_identity from, bool invokes)
      : from_{std::move(from)},
        caps_{loop_, server_, invokes ? without_addresses() : exchange_options{}} {
    caps_.reachable_at(*rpc::address::parse("tcp://192.0.2.9:700"));
    market_.start(loop_);
    ours_ = *caps_.give(market_.trade).operation();
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process() {
    market_.close();
    market_.join();
  }

  /// With our numbers in place of the words for them.
  std::vector<std::byte> with_numbers(std::span<const std::byte> sent) const {
    std::vector<std::byte> bytes{sent.begin(), sent.end()};
    const auto put = [&](std::string_view word, auto number) {
      for (std::size_t at = 0; at + sizeof number <= bytes.size(); at += 4) {
        if (std::memcmp(&bytes[at], word.data(), word.size()) == 0) {
          xdr::store_big(&bytes[at], number);
        }
      }
    };
    put("PROG", ours_.program);
    put("OBJECTno", ours_.object);
    return bytes;
  }

  /// What is read is written as it was, and taken for what it says.
  void read(std::span<const std::byte> bytes) {
    const auto named = xdr::from_bytes<capability>(bytes);
    if (!named) return;
    const auto again = xdr::to_bytes(*named);
    fuzz::must(again && std::ranges::equal(*again, bytes));
    fuzz::must(xdr::encoded_size(*named) == bytes.size());
    take<void(std::int32_t)>(*named);
    take<trading>(*named);
  }

  /// Calls an operation of ours, or what the peer takes for one.
  void serve(std::uint8_t form, std::span<const std::byte> arguments) {
    xdr::byte_buffer message;
    rpc::put_call_header(message, 7, {ours_.program, 1}, form % 5U, true);
    xdr::writer{message}.put_opaque(arguments);
    auto& theirs = seen_.emplace_back();
    server_.serve_connection(loop_, std::make_unique<test::played_transport>(loop_, from_, theirs));
    loop_.run_until_idle();
    deliver(theirs, message);
    const auto answers = test::deliver_at_once(theirs.sent).records;
    fuzz::must(answers.size() == 1);
    fuzz::must(rpc::xid_of(answers.front()) == 7 && rpc::parse_reply(answers.front()).has_value());
  }

  /// Calls an operation of the peer's, which answers so.
  void call(std::span<const std::byte> result) {
    operation_name theirs = ours_;
    const auto where = binder::universal_address::of(from_.where);
    theirs.netid = binder::name_of(binder::netid_of(from_.where));
    theirs.address = where->text();
    bool over = false;
    {
      const auto trade = caps_.take<trading>(theirs, from_.where).value();
      const auto once = [](cap<trading> to) -> task<> { co_await to({}, {}); };
      spawn(loop_, once(trade), [&](const std::exception_ptr&) { over = true; });
      loop_.run_until_idle();
    }
    const auto sent = test::deliver_at_once(seen_.back().sent).records;
    fuzz::must(sent.size() == 1);
    xdr::byte_buffer message;
    rpc::put_success(message, rpc::xid_of(sent.front()), {});
    xdr::writer{message}.put_opaque(result);
    deliver(seen_.back(), message);
    fuzz::must(over);
  }

private:
  template <class Signature>
  void take(const capability& named) {
    const auto taken = caps_.take<Signature>(named, from_.where);
    if (!taken) return;
    if (named.operation() == nullptr || taken->elsewhere()) {
      fuzz::must(caps_.give(*taken) == named);
    } else {
      fuzz::must(named.operation()->program == ours_.program);
    }
  }

  exchange_options without_addresses() {
    return {.connect = [this](const rpc::address& at) { return connect(at); }};
  }
  std::unique_ptr<rpc::transport> connect(const rpc::address& at) {
    fuzz::must(is_here(from_.where) ? is_here(at) : at.host == from_.where.host);
    rpc::peer_identity who;
    who.where = at;
    return std::make_unique<test::played_transport>(loop_, std::move(who), seen_.emplace_back());
  }

  void deliver(test::played_transport::record& to, std::span<const std::byte> message) {
    fuzz::must(to.user != nullptr);
    // In a chunk of its own: a sanitizer sees what lies beyond.
    const auto chunk = xdr::buffer_ref::allocate(message.size());
    std::ranges::copy(message, chunk.data());
    to.user->on_message({chunk.data(), message.size()}, chunk);
    loop_.run_until_idle();
  }

  // What the server's end leaves to do is done once it has gone.
  struct last_turns {
    testing::manual_loop& loop;
    ~last_turns() { loop.run_until_idle(); }
  };

  rpc::peer_identity from_;
  std::list<test::played_transport::record> seen_;
  testing::manual_loop loop_;
  last_turns last_{loop_};
  market market_;
  rpc::server server_{loop_};
  cap_exchange caps_;
  operation_name ours_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const std::uint8_t what = in.decide();
  process here{peer(in.decide()), what % 3 != 0};
  const auto sent = here.with_numbers(in.rest().first(in.rest().size() / 4 * 4));
  switch (what % 3) {
    case 0:
      here.read(sent);
      break;
    case 1:
      here.serve(what / 3, sent);
      break;
    default:
      here.call(sent);
  }
  return 0;
}
