// Remote callers of operations that procs service: in monitors, side by side, and on the module's
// own loop. They cannot tell them from those that an input statement services.
#include <gtest/gtest.h>

#include "bridge/account_modules.hpp"

namespace tryst::bridge_test {
namespace {

using account_service = served_account<monitored>;

TEST(RuleI1, ARemoteCallerCannotTellAMonitor) {
  account_service served;
  served.begin();
  raw_client peer{served.where};
  send(peer, account_call(1, withdraw, {5}));
  send(peer, account_call(2, deposit, {7}));
  const reply first = receive(peer);
  const reply second = receive(peer);
  EXPECT_TRUE((first == reply{1, success, 2} && second == reply{2, success, 0}) ||
              (second == reply{1, success, 2} && first == reply{2, success, 0}));
}

TEST(RuleI2, ARemoteSendToAProcIsAnsweredAtOnce) {
  account_service served;  // not started: processes wait for that (rule M2)
  raw_client peer{served.where};
  send(peer, account_call(1, note_line, {1, 0x61000000}));
  EXPECT_EQ(receive(peer), (reply{1, success, 0}));
  served.begin();
  std::uint32_t xid = 2;
  wait_until([&] {
    send(peer, account_call(++xid, notes));
    return receive(peer).value == 1;
  });
}

TEST(RuleS13, WhatAProcThrowsForARemoteCallerEndsNothing) {
  account_service served;
  served.begin();
  raw_client peer{served.where};
  send(peer, account_call(1, fail, {1}));
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
  EXPECT_EQ(served.errors, 1);
  send(peer, account_call(2, notes));
  EXPECT_EQ(receive(peer), (reply{2, success, 0}));
}

TEST(RemoteTable, ConnectionLostQueuedBeforeAProcIsCancelledAtOnce) {
  account_service served;
  std::optional<raw_client> peer{std::in_place, served.where};
  send(*peer, account_call(1, withdraw, {5}));
  wait_until([&] { return served.module.withdraw.pending() == 1; });
  peer->reset();
  wait_until([&] { return served.module.withdraw.pending() == 0; });
  served.begin();
}

// Its stop token is the proc's, to be given to what it waits in.
TEST(RemoteTable, ConnectionLostTakenEndsTheWaitInACondition) {
  account_service served;
  served.begin();
  std::optional<raw_client> peer{std::in_place, served.where};
  send(*peer, account_call(1, withdraw, {5}));
  wait_until([&] { return !served.module.enough.empty(); });
  peer->reset();
  wait_until([&] { return served.module.enough.empty(); });
  raw_client another{served.where};
  send(another, account_call(1, deposit, {7}));
  EXPECT_EQ(receive(another), (reply{1, success, 0}));
  send(another, account_call(2, withdraw, {7}));  // nothing of it is gone
  EXPECT_EQ(receive(another), (reply{2, success, 0}));
}

TEST(RemoteTable, ClosesQueuedBeforeAProcIsASystemError) {
  account_service served;
  raw_client peer{served.where};
  send(peer, account_call(1, withdraw, {5}));
  wait_until([&] { return served.module.withdraw.pending() == 1; });
  served.module.close();
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
}

TEST(RuleI6, RemoteCallersBeyondTheBoundOfAProcQueueAndAreCancelledThere) {
  served_account<side_by_side> served;
  served.begin();
  raw_client first{served.where};
  send(first, account_call(1, withdraw, {5}));
  std::optional<raw_client> second{std::in_place, served.where};
  send(*second, account_call(2, withdraw, {5}));
  wait_until([&] { return served.module.withdraw.pending() == 1; });
  second->reset();
  wait_until([&] { return served.module.withdraw.pending() == 0; });
  raw_client third{served.where};
  send(third, account_call(3, deposit, {7}));
  EXPECT_EQ(receive(third), (reply{3, success, 0}));
  EXPECT_EQ(receive(first), (reply{1, success, 2}));
}

}  // namespace
}  // namespace tryst::bridge_test
