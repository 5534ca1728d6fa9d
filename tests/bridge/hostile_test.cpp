// Bytes that no client would send, to modules of the three disciplines: whatever their guards and
// bodies make of them, the servers' loops go on.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "bridge/account_modules.hpp"

namespace tryst::bridge_test {
namespace {

template <class Module>
class Hostile : public ::testing::Test {
protected:
  Hostile() { served_.begin(); }

  std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }
  std::uint32_t below(std::uint32_t n) { return word() % n; }

  // Arguments that are too short, too long, or what the procedure takes, and not always of it.
  bytes arguments() {
    bytes made;
    switch (below(4)) {
      case 0:
        return tests::bytes_of({word()});
      case 1:
        return tests::bytes_of({below(80), word(), word()});  // a string that may end too soon
      case 2:
        return tests::bytes_of({0xffffffff - below(3), word()});
      default:
        made.resize(below(100));
        for (auto& b : made) b = static_cast<std::uint8_t>(word());
        return made;
    }
  }

  bytes call() {
    bytes message = account_call(word(), below(8));
    const bytes with = arguments();
    message.insert(message.end(), with.begin(), with.end());
    // Sometimes a word of the header, or where it ends, is something else.
    if (below(6) == 0) message.at(below(static_cast<std::uint32_t>(message.size()))) ^= 0x41;
    if (below(8) == 0) message.resize(below(static_cast<std::uint32_t>(message.size())));
    return message;
  }

  void come_and_go() {
    raw_client peer{served_.where};
    bytes calls;
    for (std::uint32_t n = 1 + below(6); n > 0; --n) {
      const bytes record = tests::record_of(call());
      calls.insert(calls.end(), record.begin(), record.end());
    }
    // The server may have hung up on it meanwhile.
    static_cast<void>(::send(peer.descriptor(), calls.data(), calls.size(), MSG_NOSIGNAL));
    if (below(3) == 0) peer.reset();
  }

  void expect_service() {
    raw_client peer{served_.where};
    send(peer, account_call(1, deposit, {0}));
    EXPECT_EQ(receive(peer), (reply{1, success, 0}));
    send(peer, account_call(2, notes));
    const reply answer = receive(peer);
    EXPECT_EQ(answer.xid, 2U);
    EXPECT_EQ(answer.status, success);
  }

  served_account<Module> served_;
  std::mt19937 random_{17};
};

using modules = ::testing::Types<attended, monitored, side_by_side>;
class names {
public:
  template <class Module>
  static std::string GetName(int) {
    if (std::same_as<Module, attended>) return "Active";
    return std::same_as<Module, monitored> ? "Monitor" : "Concurrent";
  }
};
TYPED_TEST_SUITE(Hostile, modules, names);

TYPED_TEST(Hostile, BytesEndNoServersLoop) {
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 30; ++i) this->come_and_go();
    this->expect_service();
  }
}

TYPED_TEST(Hostile, CountsOfArgumentsAreRefused) {
  raw_client peer{this->served_.where};
  send(peer, account_call(1, deposit));
  EXPECT_EQ(receive(peer), (reply{1, garbage_args, 0}));
  send(peer, account_call(2, deposit, {1, 2}));
  EXPECT_EQ(receive(peer), (reply{2, garbage_args, 0}));
  send(peer, account_call(3, note_line, {65, 0}));
  EXPECT_EQ(receive(peer), (reply{3, garbage_args, 0}));
  send(peer, account_call(4, 77));
  EXPECT_EQ(receive(peer), (reply{4, proc_unavail, 0}));
  this->expect_service();
}

TYPED_TEST(Hostile, ArgumentsThatGuardsAndBodiesThrowOnAreRefusedEachByItself) {
  raw_client peer{this->served_.where};
  constexpr std::uint32_t calls = 200;
  for (std::uint32_t i = 0; i < calls; ++i) send(peer, account_call(i, fail, {i}));
  std::vector<bool> refused(calls);
  for (std::uint32_t i = 0; i < calls; ++i) {
    const reply answer = receive(peer);
    EXPECT_EQ(answer.status, system_err);
    refused.at(answer.xid) = true;
  }
  EXPECT_EQ(std::ranges::count(refused, true), calls);
  EXPECT_EQ(this->served_.errors, static_cast<int>(calls));
  this->expect_service();
}

}  // namespace
}  // namespace tryst::bridge_test
