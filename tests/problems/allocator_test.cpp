// Problem 21, an allocator with priorities whose clients give up: by time, by a stop, by not
// waiting at all, and by dying while they are queued and while they are served.
#include <array>
#include <map>
#include <random>

#include "problems/allocator_module.hpp"
#include "support/raw_client.hpp"

namespace tryst::problems {
namespace {

using namespace std::chrono_literals;
using namespace allocation;

/// Stops of the calls that go on, for somebody else to request.
class stops {
public:
  std::stop_token renew(int client) {
    const std::lock_guard lock{mutex_};
    return (of_[client] = std::stop_source{}).get_token();
  }
  void request(int client) {
    std::stop_source stop{std::nostopstate};
    {
      const std::lock_guard lock{mutex_};
      stop = of_[client];
    }
    stop.request_stop();
  }

private:
  std::mutex mutex_;
  std::map<int, std::stop_source> of_;
};

/// A call that may be given up, each time in another way; false: it was.
template <class Allocator>
task<bool> ask(stage& s, Allocator& a, stops& stop, int client, int round) {
  const int units = units_of(wish_of(client, round));
  const int priority = priority_of(wish_of(client, round));
  if (round % 3 == 0) {
    co_return co_await s.wait_for([&] { return a.request.try_call(units, priority, client); });
  }
  if (round % 3 == 1) {
    const auto done = co_await s.wait_for(
        [&] { return a.request.call_for(round * 20us, units, priority, client); });
    co_return done.has_value();
  }
  const std::stop_token token = stop.renew(client);
  const auto done =
      co_await s.wait_for([&] { return a.request.call_unless(token, units, priority, client); });
  co_return done.has_value();
}

template <class Allocator>
task<> have_units(stage& s, Allocator& a, event_log<did>& log, int client, int units) {
  log.note(did::got, client);
  co_await s.yield();
  co_await s.call(a.release, units, client);
}

void play_allocator(stage& s) {
  staged<unit_allocator, far_allocator> allocator{s};
  const int rounds = s.scaled(24);
  event_log<did>& log = allocator->log;
  stops stop;
  std::atomic<bool> held = false;
  std::atomic<bool> open = false;
  std::atomic<int> leaving = leaving_clients;
  allocator.publish(&unit_allocator::request, &unit_allocator::release, &unit_allocator::waiting);
  allocator.start(allocator->server(false));
  s.add(
      "usher",
      [&](auto& a) -> task<> {
        co_await s.call(a.request, total, 0, usher);
        held = true;
        int waiting = 0;
        while (waiting < patient_clients) {
          waiting = co_await s.call(a.waiting);
          co_await s.yield();
        }
        log.note(did::all_wait, usher);
        co_await s.call(a.release, total, usher);
        open = true;
      },
      allocator);
  for (int id = 0; id < patient_clients; ++id) {
    s.add(
        "patient client " + std::to_string(id),
        [&, id](auto& a) -> task<> {
          while (!held) co_await s.yield();
          for (int r = 0; r < rounds; ++r) {
            const int wish = wish_of(id, r);
            co_await s.call(a.request, units_of(wish), priority_of(wish), id);
            co_await have_units(s, a, log, id, units_of(wish));
          }
        },
        allocator);
  }
  // A call over RPC cannot be taken back: only those give up that are near.
  for (int i = 0; i < leaving_clients && !s.remote(); ++i) {
    const int id = patient_clients + i;
    s.add("leaving client " + std::to_string(id), [&, id]() -> task<> {
      unit_allocator& a = *allocator;
      while (!open) co_await s.yield();
      for (int r = 0; r < rounds; ++r) {
        const bool granted = co_await ask(s, a, stop, id, r);
        if (granted) {
          co_await have_units(s, a, log, id, units_of(wish_of(id, r)));
        } else {
          log.note(did::left, id);
        }
      }
      --leaving;
    });
    s.add("who stops client " + std::to_string(id), [&, id]() -> task<> {
      while (leaving > 0) {
        stop.request(id);
        co_await s.yield();
      }
    });
  }
  s.play();
  check_units(log.events());
  check_grants(log.events());
  check_first_choices(log.events());
}

class Allocator : public ::testing::TestWithParam<setting> {};

TEST_P(Allocator, ServesByPriorityAndLosesNothingToThoseThatLeave) {
  perform(GetParam(), play_allocator);
}

INSTANTIATE_TEST_SUITE_P(In, Allocator, every_setting, name_of_setting);

/// Clients that die; those that do not are asked one by one.
class DyingClients : public ::testing::Test {
protected:
  static constexpr int clients = 5;

  DyingClients() {
    publish<ALLOCATOR_V1>(server_, allocator_, &unit_allocator::request, &unit_allocator::release,
                          &unit_allocator::waiting);
    where_ = server_.listen("tcp://127.0.0.1:0");
  }
  ~DyingClients() override {
    allocator_.close();
    allocator_.join();
  }

  void start(bool prepares) { allocator_.start(home_.get(), allocator_.server(prepares)); }

  void call(tests::raw_client& client, std::uint32_t procedure,
            std::initializer_list<std::uint32_t> arguments) {
    tests::bytes message = tests::bytes_of({++xid_, 0, 2, 0x20000215, 1, procedure, 0, 0, 0, 0});
    const tests::bytes more = tests::bytes_of(arguments);
    message.insert(message.end(), more.begin(), more.end());
    client.write(tests::record_of(message));
  }
  void ask(tests::raw_client& client, int id) {
    const auto units = static_cast<std::uint32_t>(id % 2 + 1);
    call(client, 1, {units, 0, static_cast<std::uint32_t>(id)});
  }
  void release(tests::raw_client& client, int id) {
    const auto units = static_cast<std::uint32_t>(id % 2 + 1);
    call(client, 2, {units, static_cast<std::uint32_t>(id)});
  }
  void take_all() { allocator_.request(total, 0, usher).wait(); }
  void give_all() { allocator_.release(total, usher).wait(); }
  template <class Condition>
  static void wait_until(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }

  unit_allocator allocator_;
  loop_thread home_;
  rpc::server server_{home_.get(), {}};
  rpc::address where_;
  std::uint32_t xid_ = 0;
};

TEST_F(DyingClients, GetNothingWhenTheyAreQueued) {
  start(false);
  std::mt19937 random{21};
  for (int round = 0; round < 50; ++round) {
    take_all();
    std::vector<tests::raw_client> all;
    for (int id = 0; id < clients; ++id) ask(all.emplace_back(where_), id);
    wait_until([&] { return allocator_.request.pending() == clients; });
    std::array<bool, clients> dead{};
    std::size_t living = clients;
    for (std::size_t id = 0; id < clients; ++id) {
      if (random() % 2 == 0) continue;
      all[id].reset();
      dead[id] = true;
      --living;
      allocator_.log.note(did::left, static_cast<int>(id));
    }
    wait_until([&] { return allocator_.request.pending() == living; });
    give_all();
    for (std::size_t id = 0; id < clients; ++id) {
      if (dead[id]) continue;
      EXPECT_FALSE(all[id].read_record().empty());
      allocator_.log.note(did::got, static_cast<int>(id));
      release(all[id], static_cast<int>(id));
      EXPECT_FALSE(all[id].read_record().empty());
    }
  }
  check_units(allocator_.log.events());
  check_grants(allocator_.log.events());
}

TEST_F(DyingClients, DoNotKeepWhatTheyAreServed) {
  start(true);
  for (int round = 0; round < 50; ++round) {
    tests::raw_client client{where_};
    ask(client, round);
    wait_until([&] { return allocator_.preparing.load(); });
    client.reset();
    wait_until([&] { return server_.counters().open == 0; });
    allocator_.prepared.send();
    // Not to be had before the units have come back.
    take_all();
    give_all();
  }
  check_units(allocator_.log.events());
}

}  // namespace
}  // namespace tryst::problems
