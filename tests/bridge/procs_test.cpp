// Remote callers of operations that procs service: in monitors, side by side, and on the module's
// own loop. They cannot tell them from those that an input statement services.
#include <gtest/gtest.h>

#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/monitor.hpp>

#include "account.hpp"
#include "bridge/gate_module.hpp"

namespace tryst::bridge_test {
namespace {

using account::ACCOUNT_V1;

enum account_procedure : std::uint32_t { withdraw = 1, deposit, fail, note_line, notes };

bytes account_call(std::uint32_t xid, std::uint32_t procedure,
                   std::initializer_list<std::uint32_t> arguments = {}) {
  bytes message = tests::bytes_of({xid, 0, 2, 0x2000010c, 1, procedure, 0, 0, 0, 0});
  const bytes encoded = tests::bytes_of(arguments);
  message.insert(message.end(), encoded.begin(), encoded.end());
  return message;
}

struct monitored : monitor_module {
  op<std::int32_t(std::int32_t)> withdraw{this, &monitored::do_withdraw};
  op<void(std::int32_t)> deposit{this, &monitored::do_deposit};
  op<std::int32_t(std::int32_t)> fail{this, &monitored::do_fail};
  op<void(std::string)> note{this, &monitored::do_note};
  op<std::int32_t()> notes{this, &monitored::do_notes};
  condition enough{this};
  std::int32_t balance = 0;
  std::int32_t noted = 0;

  task<std::int32_t> do_withdraw(std::int32_t amount) {
    while (balance < amount) co_await enough.wait(amount);
    co_return balance -= amount;
  }
  void do_deposit(std::int32_t amount) {
    balance += amount;
    enough.signal_all();
  }
  std::int32_t do_fail(std::int32_t) { throw std::runtime_error{"odd"}; }
  void do_note(const std::string&) { ++noted; }
  std::int32_t do_notes() { return noted; }
};

template <class Module>
class served_account {
public:
  served_account() : server{home} {
    publish_options options;
    options.service.on_error = [this](const rpc::call_info&, std::exception_ptr) { ++errors; };
    publish<ACCOUNT_V1>(server, module, options, exported<ACCOUNT_V1::WITHDRAW>(&Module::withdraw),
                        exported<ACCOUNT_V1::DEPOSIT>(&Module::deposit),
                        exported<ACCOUNT_V1::RISK>(&Module::fail),
                        exported<ACCOUNT_V1::NOTE>(&Module::note, {.sent = true}),
                        exported<ACCOUNT_V1::NOTES>(&Module::notes));
    where = server.listen("tcp://127.0.0.1:0");
  }
  served_account(const served_account&) = delete;
  served_account& operator=(const served_account&) = delete;
  ~served_account() {
    module.close();
    module.join();
  }

  Module module;
  std::atomic<int> errors = 0;
  loop_thread home;
  rpc::server server;
  rpc::address where;
};

using account_service = served_account<monitored>;

TEST(RuleI1, ARemoteCallerCannotTellAMonitor) {
  account_service served;
  served.module.start(served.home.get());
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
  served.module.start(served.home.get());
  std::uint32_t xid = 2;
  wait_until([&] {
    send(peer, account_call(++xid, notes));
    return receive(peer).value == 1;
  });
}

TEST(RuleS13, WhatAProcThrowsForARemoteCallerEndsNothing) {
  account_service served;
  served.module.start(served.home.get());
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
  served.module.start(served.home.get());
}

TEST(RemoteTable, ClosesQueuedBeforeAProcIsASystemError) {
  account_service served;
  raw_client peer{served.where};
  send(peer, account_call(1, withdraw, {5}));
  wait_until([&] { return served.module.withdraw.pending() == 1; });
  served.module.close();
  EXPECT_EQ(receive(peer), (reply{1, system_err, 0}));
}

struct side_by_side : concurrent_module {
  op<std::int32_t(std::int32_t)> withdraw{this, &side_by_side::do_withdraw, {.max_active = 1}};
  op<void(std::int32_t)> deposit{this, &side_by_side::do_deposit};
  op<std::int32_t(std::int32_t)> fail{this, &side_by_side::do_fail};
  op<void(std::string)> note{this, &side_by_side::do_note};
  op<std::int32_t()> notes{this, &side_by_side::do_notes};
  op<void(std::int32_t)> money{this};
  std::atomic<std::int32_t> noted = 0;

  // A proc may be serviced by a statement in its turn.
  task<std::int32_t> do_withdraw(std::int32_t amount) {
    std::int32_t got = 0;
    while (got < amount) got += std::get<0>(co_await receive(money));
    co_return got - amount;
  }
  void do_deposit(std::int32_t amount) { money.send(amount); }
  std::int32_t do_fail(std::int32_t) { throw std::runtime_error{"odd"}; }
  void do_note(const std::string&) { ++noted; }
  std::int32_t do_notes() { return noted; }
};

TEST(RuleI6, RemoteCallersBeyondTheBoundOfAProcQueueAndAreCancelledThere) {
  served_account<side_by_side> served;
  served.module.start(served.home.get());
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
