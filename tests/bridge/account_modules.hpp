// An account in each of the three disciplines (rule M5), served; and calls of it as bytes.
#pragma once

#include <tryst/rendezvous/concurrent_module.hpp>
#include <tryst/rendezvous/monitor.hpp>

#include "account.hpp"
#include "bridge/gate_module.hpp"

namespace tryst::bridge_test {

using account::ACCOUNT_V1;

enum account_procedure : std::uint32_t { withdraw = 1, deposit, fail, note_line, notes };

inline bytes account_call(std::uint32_t xid, std::uint32_t procedure,
                          std::initializer_list<std::uint32_t> arguments = {}) {
  bytes message = tests::bytes_of({xid, 0, 2, 0x2000010c, 1, procedure, 0, 0, 0, 0});
  const bytes encoded = tests::bytes_of(arguments);
  message.insert(message.end(), encoded.begin(), encoded.end());
  return message;
}

/// Serviced by an input statement, whose guards and bodies throw too.
struct attended : module {
  op<std::int32_t(caller, std::int32_t)> withdraw{this};
  op<void(std::int32_t)> deposit{this};
  op<std::int32_t(std::int32_t)> fail{this};
  op<void(std::string)> note{this};
  op<std::int32_t()> notes{this};

  void begin(loop& home) { start(home, server()); }

  task<> server() {
    std::int64_t balance = 0;
    std::int32_t noted = 0;
    const auto there_is = [&](const caller&, std::int32_t amount) { return amount <= balance; };
    const auto odd_is_thrown = [](std::int32_t n) {
      return n % 2 != 0 ? throw std::runtime_error{"odd"} : true;
    };
    for (;;) {
      co_await in(
          accept(withdraw).such_that(there_is) >>
              [&](const caller&, std::int32_t amount) {
                balance -= amount;
                return static_cast<std::int32_t>(balance);
              },
          accept(deposit) >> [&](std::int32_t amount) { balance += amount; },
          accept(fail).such_that(odd_is_thrown).by([](std::int32_t n) {
            return -std::int64_t{n};
          }) >>
              [](std::int32_t) -> std::int32_t { throw std::runtime_error{"even"}; },
          accept(note) >> [&](const std::string&) { ++noted; },
          accept(notes) >> [&] { return noted; });
    }
  }
};

/// Procs one at a time.
struct monitored : monitor_module {
  op<std::int32_t(caller, std::int32_t)> withdraw{this, &monitored::do_withdraw};
  op<void(std::int32_t)> deposit{this, &monitored::do_deposit};
  op<std::int32_t(std::int32_t)> fail{this, &monitored::do_fail};
  op<void(std::string)> note{this, &monitored::do_note};
  op<std::int32_t()> notes{this, &monitored::do_notes};
  condition enough{this};
  std::int64_t balance = 0;
  std::int32_t noted = 0;

  void begin(loop& home) { start(home); }

  task<std::int32_t> do_withdraw(caller who, std::int32_t amount) {
    while (balance < amount) co_await enough.wait(who.connection_lost, amount);
    balance -= amount;
    co_return static_cast<std::int32_t>(balance);
  }
  void do_deposit(std::int32_t amount) {
    balance += amount;
    enough.signal_all();
  }
  std::int32_t do_fail(std::int32_t) { throw std::runtime_error{"odd"}; }
  void do_note(const std::string&) { ++noted; }
  std::int32_t do_notes() { return noted; }
};

/// Procs side by side.
struct side_by_side : concurrent_module {
  op<std::int32_t(caller, std::int32_t)> withdraw{
      this, &side_by_side::do_withdraw, {.max_active = 1}};
  op<void(std::int32_t)> deposit{this, &side_by_side::do_deposit};
  op<std::int32_t(std::int32_t)> fail{this, &side_by_side::do_fail};
  op<void(std::string)> note{this, &side_by_side::do_note};
  op<std::int32_t()> notes{this, &side_by_side::do_notes};
  op<void(std::int32_t)> money{this};
  std::atomic<std::int32_t> noted = 0;

  void begin(loop& home) { start(home); }

  // A proc may be serviced by a statement in its turn.
  task<std::int32_t> do_withdraw(caller, std::int32_t amount) {
    std::int64_t got = 0;
    while (got < amount) got += std::get<0>(co_await receive(money));
    co_return static_cast<std::int32_t>(got - amount);
  }
  void do_deposit(std::int32_t amount) { money.send(amount); }
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

  void begin() { module.begin(home.get()); }

  Module module;
  std::atomic<int> errors = 0;
  loop_thread home;
  rpc::server server;
  rpc::address where;
};

}  // namespace tryst::bridge_test
