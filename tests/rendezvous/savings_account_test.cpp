// Problem 12, the savings account: a monitor whose withdrawals wait for money.
#include <gtest/gtest.h>

#include <set>
#include <tryst/rendezvous/monitor.hpp>
#include <vector>

#include "rendezvous/event_log.hpp"
#include "rendezvous/players.hpp"
#include "rendezvous/stage.hpp"

namespace tryst {
namespace {

using rendezvous_test::players;
using rendezvous_test::setting;
using rendezvous_test::stage;

enum class did { deposit, ask, withdraw };
using ledger = rendezvous_test::event_log<did>;

/// Whoever can be satisfied is, the least amount first.
struct any_satisfiable : monitor_module {
  op<void(int)> deposit{this, &any_satisfiable::do_deposit};
  op<void(int)> withdraw{this, &any_satisfiable::do_withdraw};
  condition enough{this};
  int balance = 0;
  int asked = 0;
  ledger log;

  void do_deposit(int m) {
    balance += m;
    log.note(did::deposit, 0, m);
    enough.signal_all();
  }
  task<> do_withdraw(int m) {
    const int number = asked++;
    log.note(did::ask, number, m);
    while (balance < m) co_await enough.wait(m);
    balance -= m;
    log.note(did::withdraw, number, m);
  }
};

/// First come, first served: a large withdrawal holds up small ones behind it.
struct first_come : monitor_module {
  op<void(int)> deposit{this, &first_come::do_deposit};
  op<void(int)> withdraw{this, &first_come::do_withdraw};
  condition turn{this};
  int balance = 0;
  int asked = 0;
  int served = 0;
  ledger log;

  void do_deposit(int m) {
    balance += m;
    log.note(did::deposit, 0, m);
    turn.signal();
  }
  task<> do_withdraw(int m) {
    const int number = asked++;
    log.note(did::ask, number, m);
    while (served != number || balance < m) co_await turn.wait(number);
    balance -= m;
    ++served;
    log.note(did::withdraw, number, m);
    turn.signal();
  }
};

/// The balance never falls below zero, and is the sum of what was done.
void check_account(const std::vector<rendezvous_test::event<did>>& events, int last_balance) {
  int balance = 0;
  for (const auto& e : events) {
    if (e.kind == did::deposit) balance += e.value;
    if (e.kind == did::withdraw) balance -= e.value;
    ASSERT_GE(balance, 0);
  }
  EXPECT_EQ(balance, last_balance);
}

void check_first_come_first_served(const std::vector<rendezvous_test::event<did>>& events) {
  int next = 0;
  for (const auto& e : events) {
    if (e.kind == did::withdraw) {
      EXPECT_EQ(e.who, next++);
    }
  }
}

/// Deposits and withdrawals of the same sum: all of them end.
template <class Account>
void play_account(Account& account, setting where) {
  constexpr int rounds = 100;
  players by{where};
  by.start(account);
  for (int i = 1; i <= 3; ++i) {
    by.add([&, i]() -> task<> {
      for (int k = 0; k < rounds; ++k) co_await by.call(account.withdraw, i);
    });
    by.add([&]() -> task<> {
      for (int k = 0; k < rounds; ++k) co_await by.call(account.deposit, 2);
    });
  }
  by.play();
  account.close();
  account.join();
  EXPECT_EQ(account.balance, 0);
  check_account(account.log.events(), 0);
}

class SavingsAccount : public ::testing::TestWithParam<setting> {};

TEST_P(SavingsAccount, NeverFallsBelowZeroAndServesWhomItCan) {
  any_satisfiable account;
  play_account(account, GetParam());
}

TEST_P(SavingsAccount, ServesInTheOrderOfArrivalIfItIsToldTo) {
  first_come account;
  play_account(account, GetParam());
  check_first_come_first_served(account.log.events());
}

TEST(AccountPolicy, SmallWithdrawalsPassALargeOneThatWaits) {
  any_satisfiable account;
  stage on;
  on.start(account);
  account.withdraw.send(100);
  on.play();
  account.withdraw.send(10);
  account.deposit.send(30);
  on.play();
  EXPECT_EQ(account.balance, 20);
  EXPECT_EQ(account.enough.min_rank(), 100);
}

TEST(AccountPolicy, ALargeWithdrawalHoldsSmallOnesUpIfTheFirstIsServedFirst) {
  first_come account;
  stage on;
  on.start(account);
  account.withdraw.send(100);
  on.play();
  account.withdraw.send(10);
  account.deposit.send(30);
  on.play();
  EXPECT_EQ(account.balance, 30);
  account.deposit.send(80);
  on.play();
  EXPECT_EQ(account.balance, 0);
}

/// A transfer ends when the other account has the money: the duty to reply travels with it.
struct transferring : any_satisfiable {
  op<void(transferring*, int)> transfer{this, &transferring::do_transfer};

  task<> do_transfer(call<void(transferring*, int)>& c, transferring* to, int m) {
    co_await do_withdraw(m);
    c.forward(to->deposit, m);
  }
};

TEST_P(SavingsAccount, TransfersByForwardingConserveTheMoney) {
  transferring a;
  transferring b;
  {
    players by{GetParam()};
    by.start(a);
    by.start(b);
    a.deposit(10).wait();
    b.deposit(10).wait();
    for (int i = 0; i < 2; ++i) {
      by.add([&, i]() -> task<> {
        for (int k = 0; k < 100; ++k) co_await by.call(a.transfer, &b, 1 + (k + i) % 5);
      });
      by.add([&, i]() -> task<> {
        for (int k = 0; k < 100; ++k) co_await by.call(b.transfer, &a, 1 + (k + i) % 5);
      });
    }
    by.play();
    for (transferring* account : {&a, &b}) {
      account->close();
      account->join();
    }
  }
  EXPECT_EQ(a.balance + b.balance, 20);
  check_account(a.log.events(), a.balance);
  check_account(b.log.events(), b.balance);
}

INSTANTIATE_TEST_SUITE_P(In, SavingsAccount,
                         ::testing::Values(setting::one_loop, setting::two_loops,
                                           setting::threads));

}  // namespace
}  // namespace tryst
