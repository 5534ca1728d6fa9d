// Problem 12, the savings account: withdrawals wait for money, in turn or whoever can be satisfied;
// transfers conserve it.
#include "savings_account.hpp"

#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <tryst/testing/quiescence.hpp>
#include <vector>

#include "problems/event_log.hpp"
#include "problems/staged.hpp"

namespace tryst::problems {
namespace {

using savings_account::ACCOUNT_V1;
using savings_account::TRANSFERRING_V1;

enum class did { deposit, ask, withdraw };
using ledger = event_log<did>;

/// What monitors have in common; which withdrawal waits, each of them says.
struct monitored_account : monitor_module {
  op<void(std::int32_t)> deposit{this, &monitored_account::do_deposit};
  condition enough{this};
  int balance = 0;
  int asked = 0;
  ledger log;

  void do_deposit(int m) {
    balance += m;
    log.note(did::deposit, 0, m);
    enough.signal_all();
  }
  int note_asked(int m) {
    log.note(did::ask, asked, m);
    return asked++;
  }
  void take(int number, int m) {
    balance -= m;
    log.note(did::withdraw, number, m);
  }
};

/// Whoever can be satisfied is, the least amount first.
struct any_satisfiable : monitored_account {
  op<void(std::int32_t)> withdraw{this, &any_satisfiable::do_withdraw};

  task<> do_withdraw(int m) {
    const int number = note_asked(m);
    while (balance < m) co_await enough.wait(m);
    take(number, m);
  }
};

/// First come, first served: a large withdrawal holds up small ones behind it.
struct first_come : monitored_account {
  op<void(std::int32_t)> withdraw{this, &first_come::do_withdraw};
  int served = 0;

  task<> do_withdraw(int m) {
    const int number = note_asked(m);
    while (served != number || balance < m) co_await enough.wait(number);
    take(number, m);
    ++served;
    enough.signal();
  }
};

/// Whoever can be satisfied is, the oldest first: a guard over what is asked for.
struct guarded : module {
  op<void(std::int32_t)> deposit{this};
  op<void(std::int32_t)> withdraw{this};
  int balance = 0;
  ledger log;

  task<> server() {
    for (;;) {
      co_await in(
          accept(deposit) >>
              [&](std::int32_t m) {
                balance += m;
                log.note(did::deposit, 0, m);
              },
          accept(withdraw).such_that([&](std::int32_t m) { return m <= balance; }) >>
              [&](std::int32_t m) {
                balance -= m;
                log.note(did::withdraw, 0, m);
              });
    }
  }
};

struct far_account : remote_module<ACCOUNT_V1> {
  using remote_module::remote_module;
  remote_op<ACCOUNT_V1::DEPOSIT> deposit{this};
  remote_op<ACCOUNT_V1::WITHDRAW> withdraw{this};
};

/// The balance never falls below zero, and is the sum of what was done.
void check_account(const std::vector<event<did>>& events, int balance, int last_balance) {
  for (const auto& e : events) {
    if (e.kind == did::deposit) balance += e.value;
    if (e.kind == did::withdraw) balance -= e.value;
    require(balance >= 0, "the balance never falls below zero");
  }
  require(balance == last_balance, "the balance is the sum of what was done");
}

void check_first_come_first_served(const std::vector<event<did>>& events) {
  int next = 0;
  for (const auto& e : events) {
    require(e.kind != did::withdraw || e.who == next++, "withdrawals are served in turn");
  }
}

/// Deposits and withdrawals of the same sum: all of them end.
template <class Account>
void play_account(stage& s, staged<Account, far_account>& account) {
  const int rounds = s.scaled(100);
  account.publish(&Account::deposit, &Account::withdraw);
  for (int i = 1; i <= 3; ++i) {
    s.add(
        "spender " + std::to_string(i),
        [&, i](auto& a) -> task<> {
          for (int k = 0; k < rounds; ++k) co_await s.call(a.withdraw, i);
        },
        account);
    s.add(
        "earner " + std::to_string(i),
        [&](auto& a) -> task<> {
          for (int k = 0; k < rounds; ++k) co_await s.call(a.deposit, 2);
        },
        account);
  }
  s.play();
  require(account->balance == 0, "what was deposited was withdrawn");
  check_account(account->log.events(), 0, 0);
}

class SavingsAccount : public ::testing::TestWithParam<setting> {};

TEST_P(SavingsAccount, NeverFallsBelowZeroAndServesWhomItCanAsAMonitor) {
  perform(GetParam(), [](stage& s) {
    staged<any_satisfiable, far_account> account{s};
    account.start();
    play_account(s, account);
  });
}

TEST_P(SavingsAccount, NeverFallsBelowZeroAndServesWhomItCanByAGuard) {
  perform(GetParam(), [](stage& s) {
    staged<guarded, far_account> account{s};
    account.start(account->server());
    play_account(s, account);
  });
}

TEST_P(SavingsAccount, ServesInTheOrderOfArrivalIfItIsToldTo) {
  perform(GetParam(), [](stage& s) {
    staged<first_come, far_account> account{s};
    account.start();
    play_account(s, account);
    check_first_come_first_served(account->log.events());
  });
}

TEST(AccountPolicy, SmallWithdrawalsPassALargeOneThatWaits) {
  any_satisfiable account;
  testing::seeded_loop on;
  testing::quiescence end{on};
  end.name(account, "account");
  account.start(on);
  account.withdraw.send(100);
  on.run();
  account.withdraw.send(10);
  account.deposit.send(30);
  on.run();
  EXPECT_EQ(account.balance, 20);
  EXPECT_EQ(account.enough.min_rank(), 100);
}

TEST(AccountPolicy, ALargeWithdrawalHoldsSmallOnesUpIfTheFirstIsServedFirst) {
  first_come account;
  testing::seeded_loop on;
  testing::quiescence end{on};
  end.name(account, "account");
  account.start(on);
  account.withdraw.send(100);
  on.run();
  account.withdraw.send(10);
  account.deposit.send(30);
  on.run();
  EXPECT_EQ(account.balance, 30);
  account.deposit.send(80);
  on.run();
  EXPECT_EQ(account.balance, 0);
}

/// A transfer ends when the other account has the money: the duty to reply travels with it.
struct transferring : any_satisfiable {
  op<void(std::int32_t)> transfer{this, &transferring::do_transfer};
  transferring* other = nullptr;

  task<> do_transfer(call<void(std::int32_t)>& c, std::int32_t m) {
    co_await do_withdraw(m);
    c.forward(other->deposit, m);
  }
};

struct far_transferring : remote_module<TRANSFERRING_V1> {
  using remote_module::remote_module;
  remote_op<TRANSFERRING_V1::TRANSFER> transfer{this};
};

TEST_P(SavingsAccount, TransfersByForwardingConserveTheMoney) {
  perform(GetParam(), [](stage& s) {
    constexpr int money = 10;
    staged<transferring, far_transferring> a{s};
    staged<transferring, far_transferring> b{s};
    a->other = &*b;
    b->other = &*a;
    for (auto* account : {&a, &b}) {
      (*account)->balance = money;
      account->publish(&transferring::transfer);
      account->start();
    }
    const int rounds = s.scaled(100);
    for (int i = 0; i < 4; ++i) {
      s.add(
          "payer " + std::to_string(i),
          [&, i](auto& from) -> task<> {
            for (int k = 0; k < rounds; ++k) co_await s.call(from.transfer, 1 + (k + i) % 5);
          },
          i % 2 == 0 ? a : b);
    }
    s.play();
    require(a->balance + b->balance == 2 * money, "money is conserved");
    for (auto* account : {&a, &b}) {
      check_account((*account)->log.events(), money, (*account)->balance);
    }
  });
}

INSTANTIATE_TEST_SUITE_P(In, SavingsAccount, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
