// A module whose calls wait as long as a test likes, served; and calls of it as bytes.
#pragma once

#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>
#include <thread>
#include <tryst/bridge/publish.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

#include "gate.hpp"
#include "support/raw_client.hpp"

namespace tryst::bridge_test {

using gate::GATE_V1;
using tests::bytes;
using tests::raw_client;

/// Waits for what another thread does; ctest ends a test that waits for ever.
template <class Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

/// What RISK throws that its caller is told otherwise than by SYSTEM_ERR.
struct shortage {
  std::int32_t by = 0;
};

struct gate_module : module {
  op<std::int32_t(std::int32_t)> pass{this};
  op<void()> open{this};
  op<std::int32_t(std::int32_t)> hold{this};
  op<std::int32_t(std::int32_t)> risk{this};
  op<void(std::string)> note{this};
  op<void(std::string)> shout{this};
  op<std::int32_t(caller)> who{this};
  op<std::int32_t(std::int32_t)> enter{this};
  op<std::int32_t(std::int32_t)> squeeze{this};
  op<void(std::string)> tell{this};
  op<std::int32_t(std::int32_t)> hold_for_good{this};
  op<std::int32_t(std::int32_t)> early{this};
  op<void()> undone{this};

  std::atomic<bool> is_open = false;
  std::atomic<int> passed = 0;
  std::atomic<int> undone_calls = 0;
  std::vector<call<std::int32_t(std::int32_t)>> held;  // by turns with `holding`
  std::atomic<std::size_t> holding = 0;
  std::vector<std::string> lines;
  caller last_caller;

  task<> server() {
    for (;;) {
      co_await in(
          accept(pass).when([&] { return is_open.load(); }) >>
              [&](std::int32_t number) {
                ++passed;
                return number;
              },
          accept(enter).when([&] { return is_open.load(); }) >>
              [&](std::int32_t number) {
                ++passed;
                return number;
              },
          accept(squeeze).when([&] { return is_open.load(); }) >>
              [](std::int32_t number) { return number; },
          accept(tell) >> [&](std::string line) { lines.push_back(std::move(line)); },
          accept(open) >> [&] { is_open = true; },
          accept(hold) >>
              [&](call<std::int32_t(std::int32_t)> c, std::int32_t) {
                c.on_undelivered([this] { undone.send_if_open(); });
                held.push_back(std::move(c));
                holding = held.size();
              },
          accept(hold_for_good) >>
              [&](call<std::int32_t(std::int32_t)> c, std::int32_t) {
                held.push_back(std::move(c));
                holding = held.size();
              },
          accept(early) >>
              [](call<std::int32_t(std::int32_t)>& c, std::int32_t n) {
                c.reply(n);
                throw oddity();
              },
          accept(risk)
                  .such_that([](std::int32_t n) { return n == 2 ? throw oddity() : true; })
                  .by([](std::int32_t n) { return n == 3 ? throw oddity() : n; }) >>
              [](std::int32_t n) {
                if (n == 1) throw oddity();
                if (n == 4) throw rpc::refusal{.code = errc::auth_too_weak, .status = 5};
                if (n == 5 || n == 6) throw shortage{n};
                return n;
              },
          accept(note) >> [&](std::string line) { lines.push_back(std::move(line)); },
          accept(shout) >>
              [&](const std::string& line) {
                if (line == "throw") throw oddity();
                lines.push_back(line);
              },
          accept(who).such_that([](const caller& c) { return !c.who.anonymous(); }) >>
              [&](const caller& c) {
                last_caller = c;
                return static_cast<std::int32_t>(c.who.uid());
              },
          accept(undone) >> [&] { ++undone_calls; });
    }
  }

private:
  static std::runtime_error oddity() { return std::runtime_error{"odd"}; }
};

/// A service that remembers calls over streams.
inline publish_options remembering() { return {.service = {.cache_stream_replies = true}}; }

/// The module, its server and its process on one loop.
class served_gate {
public:
  explicit served_gate(publish_options options = {}, rpc::server_options how = {},
                       export_options passing = {})
      : server{home, std::move(how)} {
    options.service.auth.sys = true;
    options.service.on_error = [this](const rpc::call_info&, std::exception_ptr) { ++errors; };
    service = publish<GATE_V1>(
        server, module, std::move(options), exported<GATE_V1::PASS>(&gate_module::pass, passing),
        exported<GATE_V1::OPEN>(&gate_module::open), exported<GATE_V1::HOLD>(&gate_module::hold),
        exported<GATE_V1::RISK>(&gate_module::risk).on_throw<shortage>([](const shortage& s) {
          if (s.by == 6) throw rpc::refusal{.code = errc::garbage_args};
          return -s.by;
        }),
        exported<GATE_V1::NOTE>(&gate_module::note, {.sent = true}),
        exported<GATE_V1::SHOUT>(&gate_module::shout), exported<GATE_V1::WHO>(&gate_module::who),
        exported<GATE_V1::ENTER>(&gate_module::enter),
        exported<GATE_V1::SQUEEZE>(&gate_module::squeeze)
            .on_throw<call_error>([](const call_error&) { return -1; }),
        exported<GATE_V1::TELL>(&gate_module::tell),
        exported<GATE_V1::HOLD_FOR_GOOD>(&gate_module::hold_for_good),
        exported<GATE_V1::EARLY>(&gate_module::early));
  }
  served_gate(const served_gate&) = delete;
  served_gate& operator=(const served_gate&) = delete;
  ~served_gate() {
    module.close();
    module.join();
    run_on(home, [this] { module.held.clear(); });
  }

  void start() { module.start(home.get(), module.server()); }
  rpc::address listen(std::string_view at = "tcp://127.0.0.1:0") { return server.listen(at); }
  template <class F>
  void on_loop(F f) {
    run_on(home, f);
  }
  /// Answers a call that a body has kept.
  void answer(std::size_t held, std::int32_t value) {
    on_loop([&] { module.held[held].reply(value); });
  }
  /// Waits until the server has so many connections.
  void wait_until_open(std::uint64_t connections) {
    while (server.counters().open != connections) std::this_thread::yield();
  }

  gate_module module;
  std::atomic<int> errors = 0;
  loop_thread home;
  rpc::server server;
  std::shared_ptr<published> service;
};

/// The same, whose process runs.
struct running_gate : served_gate {
  explicit running_gate(publish_options options = {}, rpc::server_options how = {},
                        export_options passing = {})
      : served_gate{std::move(options), std::move(how), passing} {
    start();
  }
};

/// A call of GATE_V1 without a credential.
inline bytes gate_call(std::uint32_t xid, std::uint32_t procedure,
                       std::initializer_list<std::uint32_t> arguments = {}) {
  bytes message = tests::bytes_of({xid, 0, 2, 0x2000010a, 1, procedure, 0, 0, 0, 0});
  const bytes encoded = tests::bytes_of(arguments);
  message.insert(message.end(), encoded.begin(), encoded.end());
  return message;
}

enum procedure : std::uint32_t {
  ping,
  pass,
  open,
  hold,
  risk,
  note,
  shout,
  who,
  enter,
  squeeze,
  tell,
  hold_for_good,
  early
};
enum accept_stat : std::uint32_t {
  success,
  prog_unavail,
  prog_mismatch,
  proc_unavail,
  garbage_args,
  system_err
};

/// An accepted reply without a verifier.
struct reply {
  std::uint32_t xid = 0;
  std::uint32_t status = 0;
  std::uint32_t value = 0;

  bool operator==(const reply&) const = default;
};

inline std::uint32_t word_of(const bytes& message, std::size_t index) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word = word << 8 | message.at(4 * index + i);
  return word;
}

inline reply parsed(const bytes& message) {
  return {.xid = word_of(message, 0),
          .status = word_of(message, 5),
          .value = message.size() > 24 ? word_of(message, 6) : 0};
}

inline void send(raw_client& by, const bytes& message) { by.write(tests::record_of(message)); }
inline reply receive(raw_client& by) { return parsed(by.read_record()); }

/// Sends a call, and has the reply that comes next.
template <class Peer>
reply ask(Peer& peer, const bytes& call) {
  send(peer, call);
  return receive(peer);
}

/// Calls PASS or ENTER, whose gate is shut, and waits until that is queued behind what is.
template <class Peer>
void send_and_queue(served_gate& gate, Peer& by, std::uint32_t xid, procedure which,
                    std::uint32_t number) {
  const auto& queued = which == pass ? gate.module.pass : gate.module.enter;
  const std::size_t before = queued.pending();
  send(by, gate_call(xid, which, {number}));
  wait_until([&] { return queued.pending() == before + 1; });
}

/// Calls HOLD or HOLD_FOR_GOOD, and waits until a body has taken that.
template <class Peer>
void send_and_take(served_gate& gate, Peer& by, std::uint32_t xid, procedure which,
                   std::uint32_t number) {
  const std::size_t before = gate.module.holding;
  send(by, gate_call(xid, which, {number}));
  wait_until([&] { return gate.module.holding == before + 1; });
}

}  // namespace tryst::bridge_test
