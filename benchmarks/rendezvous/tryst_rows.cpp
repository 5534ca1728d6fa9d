// Rendezvous as tryst has it: a process on a loop waits in an input statement, and coroutines of
// the same loop call it, if the row does not say otherwise.
#include <deque>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/monitor.hpp>
#include <tryst/rendezvous/semaphore.hpp>
#include <tryst/rendezvous/serve.hpp>
#include <vector>

#include "measure.hpp"

namespace tryst::bench {
namespace {

struct adder : module {
  adder() = default;
  explicit adder(loop& home) : module{home} {}

  op<int(int)> add{this};

  task<> server() {
    for (;;) co_await in(accept(add) >> [](int n) { return n + 1; });
  }
};

struct passive_adder : module {
  op<int(int)> add{this};
  int served = 0;

  passive_adder() {
    serve(*this, accept(add).when([this] { return served >= 0; }) >> [](int n) { return n + 1; });
  }
};

struct four_adders : module {
  four_adders() = default;
  explicit four_adders(loop& home) : module{home} {}

  op<int(int)> a{this}, b{this}, c{this}, d{this};

  task<> server() {
    int served = 0;
    for (;;) {
      co_await in(
          accept(a).when(served >= 0) >> [&](int n) { return ++served, n + 1; },
          accept(b).when(served >= 0) >> [&](int n) { return ++served, n + 1; },
          accept(c).when(served >= 0) >> [&](int n) { return ++served, n + 1; },
          accept(d).when(served >= 0) >> [&](int n) { return ++served, n + 1; });
    }
  }
};

struct chooser : module {
  op<int(int)> ask{this};

  task<> server() {
    for (;;) {
      co_await in(accept(ask).such_that([](int n) { return n >= 0; }) >> [](int n) { return n; });
    }
  }
};

struct lasting_chooser : module {
  op<int(int)> ask{this};

  task<> server() {
    for (;;) {
      co_await in(accept(ask).such_that(arguments_only([](int n) { return n >= 0; })) >>
                  [](int n) { return n; });
    }
  }
};

struct account : monitor_module {
  op<int(int)> add{this, &account::do_add};
  int do_add(int n) { return n + 1; }
};

struct spawner : module {
  op<void(int)> add{this, &spawner::do_add};
  op<void()> done{this};
  long left = 0;
  task<> do_add(int) {
    if (--left == 0) done.send();
    co_return;
  }
};

struct shortest_first : module {
  op<int(int)> ask{this};

  task<> server() {
    for (;;) co_await in(accept(ask).by([](int n) { return n; }) >> [](int n) { return n; });
  }
};

struct buffer : module {
  op<void(int)> deposit{this};
  op<int()> fetch{this};

  task<> server() {
    std::deque<int> items;
    for (;;) {
      co_await in(
          accept(deposit).when(items.size() < 16) >> [&](int item) { items.push_back(item); },
          accept(fetch).when(!items.empty()) >>
              [&] {
                const int item = items.front();
                items.pop_front();
                return item;
              });
    }
  }
};

task<> call_often(op<int(int)>& o, long times) {
  for (long i = 0; i < times; ++i) co_await o(1);
}

template <class Module>
void with_server(Module& m, auto client) {
  loop_thread home;
  m.start(home, m.server());
  client(home.get());
  m.close();
  m.join();
}

void one_arm(long times) {
  adder a;
  with_server(a, [&](loop& home) { run(home, call_often(a.add, times)); });
}

template <class Module>
void confined(op<int(int)> Module::* called, long times) {
  loop_thread home;
  Module m{home.get()};
  m.start(home, m.server());
  run(home, call_often(m.*called, times));
  m.close();
  m.join();
}

void confined_one_arm(long times) { confined(&adder::add, times); }

void confined_four_arms(long times) { confined(&four_adders::c, times); }

void four_arms(long times) {
  four_adders f;
  with_server(f, [&](loop& home) { run(home, call_often(f.c, times)); });
}

template <class Chooser, int Refused>
void such_that(long times) {
  Chooser c;
  for (int i = 0; i < Refused; ++i) c.ask.send(-1);
  with_server(c, [&](loop& home) { run(home, call_often(c.ask, times)); });
}

template <int Queued>
void by_key(long times) {
  shortest_first s;
  loop_thread home;
  // The keys of those that wait are larger; they are taken when the callers have had their turns.
  for (int i = 0; i < Queued; ++i) s.ask.send(2 + i);
  s.start(home, s.server());
  run(home, call_often(s.ask, times));
  s.close();
  s.join();
}

template <int Pairs>
void items(long times) {
  buffer b;
  const auto produce = [](buffer& to, long n) -> task<> {
    for (long i = 0; i < n; ++i) co_await to.deposit(1);
  };
  const auto consume = [](buffer& from, long n) -> task<> {
    for (long i = 0; i < n; ++i) co_await from.fetch();
  };
  with_server(b, [&](loop& home) {
    std::vector<std::jthread> waiting;
    for (int i = 0; i < Pairs; ++i) {
      waiting.emplace_back([&] { run(home, produce(b, times / Pairs)); });
      waiting.emplace_back([&] { run(home, consume(b, times / Pairs)); });
    }
  });
}

void thread_caller(long times) {
  adder a;
  with_server(a, [&](loop&) {
    for (long i = 0; i < times; ++i) a.add(1).wait();
  });
}

void thread_pair(long times) {
  adder a;
  const std::jthread server{[&] {
    for (long i = 0; i < times; ++i) in(accept(a.add) >> [](int n) { return n + 1; }).wait();
  }};
  for (long i = 0; i < times; ++i) a.add(1).wait();
}

void monitor_call(long times) {
  account a;
  loop_thread home;
  a.start(home.get());
  run(home.get(), call_often(a.add, times));
  a.close();
  a.join();
}

// A process for each send.
void process_each(long times) {
  spawner s;
  s.left = times;
  loop_thread home;
  s.start(home.get());
  const auto begin = [](spawner& on, long n) -> task<> {
    for (long i = 0; i < n; ++i) on.add.send(1);
    co_await receive(on.done);
  };
  run(home.get(), begin(s, times));
  s.close();
  s.join();
}

void semaphore_pair(long times) {
  struct holder : module {
    semaphore free{this, 1};
  } h;
  const auto use = [](semaphore& of, long n) -> task<> {
    for (long i = 0; i < n; ++i) {
      co_await P(of);
      V(of);
    }
  };
  loop_thread home;
  run(home.get(), use(h.free, times));
}

void passive(long times) {
  passive_adder a;
  loop_thread home;
  run(home.get(), call_often(a.add, times));
}

}  // namespace
}  // namespace tryst::bench

int main(int count, char** arguments) {
  using namespace tryst::bench;
  return run_row({{"one-arm", one_arm},
                  {"four-arms", four_arms},
                  {"confined-one-arm", confined_one_arm},
                  {"confined-four-arms", confined_four_arms},
                  {"such-that-0", such_that<chooser, 0>},
                  {"such-that-100", such_that<chooser, 100>},
                  {"such-that-1000", such_that<chooser, 1000>},
                  {"by", by_key<0>},
                  {"buffer-1-1", items<1>},
                  {"buffer-4-4", items<4>},
                  {"thread-caller", thread_caller},
                  {"thread-pair", thread_pair},
                  {"such-that-args-1000", such_that<lasting_chooser, 1000>},
                  {"monitor", monitor_call},
                  {"semaphore", semaphore_pair},
                  {"process", process_each},
                  {"passive", passive}},
                 count, arguments);
}
