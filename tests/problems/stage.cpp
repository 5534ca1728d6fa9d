#include "problems/stage.hpp"

#include <array>
#include <tryst/rpc/memory_transport.hpp>

#include "support/lossy_proxy.hpp"

namespace tryst::problems {
namespace {

using namespace std::chrono_literals;

// So long nothing that a test waits for takes; then it is told who waits, and ends.
constexpr auto patience = 90s;

/// Counts what arrives, behind the reply cache.
class counted_service final : public rpc::service {
public:
  counted_service(std::shared_ptr<rpc::service> of, std::atomic<std::uint64_t>& arrived)
      : of_{std::move(of)}, arrived_{arrived} {}

  rpc::interface_id id() const noexcept override { return of_->id(); }
  std::string_view name() const noexcept override { return of_->name(); }
  const rpc::auth_policy& auth() const noexcept override { return of_->auth(); }
  rpc::recall recall_of(std::uint32_t procedure, bool datagram) const noexcept override {
    return of_->recall_of(procedure, datagram);
  }
  void serve(rpc::incoming_call& call) override {
    ++arrived_;
    of_->serve(call);
  }

private:
  std::shared_ptr<rpc::service> of_;
  std::atomic<std::uint64_t>& arrived_;
};

std::string what_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something";
  }
}

// Waits as long as the problem does, and sends again soon what a network loses.
rpc::client_options patient() {
  rpc::client_options how;
  how.defaults.deadline = std::chrono::hours{1};
  how.timing = {.first = 10ms, .least = 10ms, .longest = 100ms};
  return how;
}

}  // namespace

struct stage::service {
  std::unique_ptr<rpc::server> server;
  std::unique_ptr<test::lossy_proxy> network;  // udp
  std::string where;
};

/// Operations that have no .x are served and called by it.
struct stage::program {
  program(loop& home, std::size_t number, setting over, exchange_options how)
      : server{home}, caps{home, server, std::move(how)} {
    if (over == setting::simulated_net) {
      where =
          rpc::address::parse(number == 0 ? "tcp://192.0.2.1:700" : "tcp://192.0.2.2:700").value();
    } else if (over == setting::udp) {
      network = std::make_unique<test::lossy_proxy>(
          server.listen("udp://127.0.0.1:0").port,
          test::lossy_proxy::faults{.lost = 3, .doubled = 5, .late = 5}, 1);
      where = rpc::address::parse(network->address()).value();
    } else {
      where = server.listen("tcp://127.0.0.1:0");
    }
    caps.reachable_at(where);
  }

  rpc::server server;
  std::unique_ptr<test::lossy_proxy> network;  // udp
  cap_exchange caps;
  rpc::address where;
};

thread_local bool stage::blocking = false;

std::string name_of(setting s) {
  static const std::vector<std::string> names{"OneLoop", "TwoLoops",  "Threads",     "Tcp",
                                              "Udp",     "Simulated", "SimulatedNet"};
  return names.at(static_cast<std::size_t>(s));
}

stage::stage(setting where, testing::seeded_loop* simulated)
    : where_{where}, simulated_{simulated} {
  if (simulated_ != nullptr) {
    oracle_.emplace(*simulated_);
    if (where_ != setting::simulated_net) return;
    constexpr std::array carriers{carrier::datagrams, carrier::memory, carrier::connections,
                                  carrier::datagrams};
    carrier_ = carriers[simulated_->choose(carriers.size())];
    network_ = std::make_unique<testing::network>(
        *simulated_, testing::network_faults{.lost = 10, .doubled = 10, .latest = 30ms});
    return;
  }
  for (auto& l : loops_) l = std::make_unique<loop_thread>();
}

stage::~stage() { end(); }

int stage::scaled(int most) const noexcept {
  const int fewer = where_ == setting::tcp ? 2 : where_ == setting::udp || simulated() ? 8 : 1;
  return std::max(2, most / fewer);
}

loop& stage::home() noexcept { return home_of(0); }

loop& stage::home_of(std::size_t number) noexcept {
  if (simulated()) return *simulated_;
  return loops_[number]->get();
}

std::size_t stage::serve(
    const std::function<std::shared_ptr<rpc::service>(rpc::server&)>& publish) {
  service& s = services_.emplace_back();
  s.server = std::make_unique<rpc::server>(home());
  s.server->serve(std::make_shared<counted_service>(publish(*s.server), arrived_));
  if (where_ == setting::tcp) s.where = s.server->listen("tcp://127.0.0.1:0").text();
  if (where_ == setting::udp) {
    const rpc::address at = s.server->listen("udp://127.0.0.1:0");
    s.network = std::make_unique<test::lossy_proxy>(
        at.port, test::lossy_proxy::faults{.lost = 3, .doubled = 5, .late = 5}, 1);
    s.where = s.network->address();
  }
  return services_.size() - 1;
}

cap_exchange& stage::exchange(std::size_t number) {
  std::unique_ptr<program>& at = programs_[number];
  if (at == nullptr) {
    exchange_options how;
    how.serving.max_wait = 0ms;
    how.clients = patient();
    if (simulated()) {  // where addresses mean nothing
      how.allow = [](const rpc::address&, const rpc::address&) { return true; };
      how.connect = [this, number](const rpc::address&) {
        auto [ours, theirs] = connection();
        programs_[1 - number]->server.serve_connection(*simulated_, std::move(theirs));
        return std::move(ours);
      };
    }
    at = std::make_unique<program>(home_of(number), number, where_, std::move(how));
  }
  return at->caps;
}

const rpc::address& stage::where_modules_are() const { return programs_[0]->where; }

rpc::client& stage::client_to(std::size_t served) {
  service& s = *std::next(services_.begin(), static_cast<std::ptrdiff_t>(served));
  const rpc::client_options how = patient();
  if (!simulated()) return clients_.emplace_back(loops_[1]->get(), s.where, how);
  auto [ours, theirs] = connection();
  s.server->serve_connection(*simulated_, std::move(theirs));
  return clients_.emplace_back(*simulated_, std::move(ours), how);
}

testing::network::two_ends stage::connection() {
  if (carrier_ == carrier::datagrams) return network_->datagrams();
  if (carrier_ == carrier::connections) return network_->connection();
  return rpc::memory_pair(*simulated_, *simulated_);
}

task<> stage::watched(task<> process) {
  const struct presence {
    std::atomic<int>& count;
    explicit presence(std::atomic<int>& c) : count{c} { ++count; }
    ~presence() { --count; }
  } here{processes_};
  co_await std::move(process);
}

bool stage::has_thread(std::size_t number) const noexcept {
  if (simulated()) return false;
  return where_ == setting::threads || (remote() && number % 2 == 0);
}

void stage::begin(actor& p, std::size_t number) {
  auto over = [this, &p](const std::exception_ptr& failure) { ended(p, failure); };
  if (has_thread(number)) {
    threads_.emplace_back([&p, over] {
      blocking = true;
      // It never suspends, since its calls block.
      detail::spawn_here(nullptr, p.process(), over);
    });
    return;
  }
  const bool second = where_ == setting::two_loops ? number % 2 == 1 : remote();
  spawn(simulated() ? simulated_->as(p.name) : loops_[second ? 1 : 0]->get(), p.process(), over);
}

void stage::ended(actor& p, const std::exception_ptr& failure) {
  const std::lock_guard lock{mutex_};
  p.over = true;
  ++over_;
  if (failure) complaints_ += p.name + " ended by: " + what_of(failure) + "\n";
  changed_.notify_all();
}

void stage::complain(const std::string& about) {
  const std::lock_guard lock{mutex_};
  complaints_ += about + "\n";
}

bool stage::play_until(const std::function<bool()>& reached) {
  if (simulated()) return simulated_->run_until(reached);
  const auto end = loop::clock::now() + patience;
  while (!reached()) {
    if (loop::clock::now() > end) return false;
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 1ms);
  }
  return true;
}

bool stage::yielding::await_ready() const noexcept {
  if (blocking) std::this_thread::yield();
  return blocking;
}

void stage::yielding::await_resume() const { require(!by_.failed_, "the play has failed"); }

// Time has to pass for those who wait for a network.
void stage::yielding::suspend(loop& home) {
  if (by_.simulated() && by_.simulated_->choose(2) == 0) return home.arm(*this, home.now() + 1ms);
  home.post(*this);
}

void stage::play() {
  std::size_t number = 0;
  begun_ = players_.size();
  for (actor& p : players_) begin(p, number++);
  const auto over_or_failed = [this] {
    const std::lock_guard lock{mutex_};
    return over_ == players_.size() || !complaints_.empty();
  };
  if (!play_until(over_or_failed)) {
    const std::lock_guard lock{mutex_};
    for (const actor& p : players_) {
      if (!p.over) complaints_ += p.name + " waits for ever\n";
    }
    if (oracle_) complaints_ += oracle_->report();
  }
  if (over_or_failed() && complaints_.empty()) settle();
  end();
  require(complaints_.empty(), complaints_);
}

// What players have sent and nobody waits for takes its course.
void stage::settle() {
  if (remote()) {
    if (!play_until([this] { return arrived_ >= invoked_; })) complain("an invocation was lost");
    if (arrived_ > invoked_) complain("an invocation arrived twice");
  }
  for (const on_stage* m : modules_) {
    if (!play_until([m] { return m->pending() == 0; })) complain("invocations are left queued");
  }
}

void stage::end() noexcept {
  if (std::exchange(ended_, true)) return;
  {
    const std::lock_guard lock{mutex_};
    failed_ = !complaints_.empty();
  }
  for (on_stage* m : modules_) m->close();
  if (!simulated()) {
    threads_.clear();
    join_modules();
    play_until([this] { return everybody_left(); });
    clients_.clear();
    services_.clear();
    for (auto& p : programs_) p.reset();
    return;
  }
  // The timers of a network go on for ever.
  try {
    simulated_->run_until([this] { return everybody_left(); });
  } catch (...) {
    complain("the end failed: " + what_of(std::current_exception()));
  }
  clients_.clear();
  services_.clear();
  for (auto& p : programs_) p.reset();
  simulated_->finish();
  oracle_.reset();
  if (!everybody_left()) complain("a process is left");
  join_modules();
}

void stage::join_modules() noexcept {
  for (on_stage* m : modules_) {
    try {
      m->join();
    } catch (...) {
      complain("a module ended by: " + what_of(std::current_exception()));
    }
  }
}

bool stage::everybody_left() {
  const std::lock_guard lock{mutex_};
  return over_ == begun_ && processes_ == 0;
}

void perform(setting where, const std::function<void(stage&)>& body) {
  if (where != setting::simulated && where != setting::simulated_net) {
    stage s{where};
    return body(s);
  }
  const testing::exploration how{.seeds = testing::seeds_from_environment(20)};
  const auto outcome = testing::explore(how, [&](testing::seeded_loop& l) {
    stage s{where, &l};
    body(s);
  });
  EXPECT_TRUE(outcome);
}

}  // namespace tryst::problems
