// Where the problems of the suite are played: their modules and players, written once, on one loop,
// on two, as threads, over TCP and UDP, and simulated. README.md has how a problem is added.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tryst/bridge/cap_exchange.hpp>
#include <tryst/bridge/remote_operation.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/cap.hpp>
#include <tryst/rendezvous/module.hpp>
#include <tryst/rpc/server.hpp>
#include <tryst/testing/explore.hpp>
#include <tryst/testing/network.hpp>
#include <tryst/testing/quiescence.hpp>
#include <utility>
#include <vector>

namespace tryst::problems {

enum class setting {
  one_loop,
  two_loops,
  threads,       ///< players block in their calls
  tcp,           ///< each player has a connection; every other one is a thread
  udp,           ///< the same over datagrams, of which some are lost, doubled and late
  simulated,     ///< a seed decides who runs next
  simulated_net  ///< the same with a network in between
};

inline const auto every_setting =
    ::testing::Values(setting::one_loop, setting::two_loops, setting::threads, setting::tcp,
                      setting::udp, setting::simulated, setting::simulated_net);
std::string name_of(setting s);
inline std::string name_of_setting(const ::testing::TestParamInfo<setting>& each) {
  return name_of(each.param);
}

using testing::require;  // what checkers say

/// A module on a stage, without its types.
class on_stage {
public:
  on_stage(const on_stage&) = delete;
  on_stage& operator=(const on_stage&) = delete;
  virtual void close() noexcept = 0;
  virtual void join() = 0;
  /// Invocations queued at the operations that are published.
  virtual std::size_t pending() const = 0;

protected:
  on_stage() = default;
  ~on_stage() = default;
};

class stage {
public:
  /// On real loops, or on a simulated one.
  explicit stage(setting where, testing::seeded_loop* simulated = nullptr);
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  ~stage();

  setting where() const noexcept { return where_; }
  /// Whether players and modules are in different programs.
  bool remote() const noexcept {
    return where_ == setting::tcp || where_ == setting::udp || where_ == setting::simulated_net;
  }
  bool simulated() const noexcept { return simulated_ != nullptr; }
  /// Whether nothing comes between what a player notes and its call's arrival in the queue: then
  /// checkers know from the log who waits.
  bool asking_is_queueing() const noexcept {
    return where_ == setting::one_loop || where_ == setting::simulated;
  }
  /// How often to do something that is done `most` times where it costs least.
  int scaled(int most) const noexcept;
  /// Where the modules' own processes live.
  loop& home() noexcept;

  /// A process of the problem. It gets the modules as it sees them: near, or far.
  template <class Player, class... Staged>
  void add(std::string name, Player player, Staged&... modules) {
    if (remote()) {
      add_player(std::move(name),
                 [player = std::move(player), ... far = modules.seen_by_a_player()] {
                   return player(*far...);
                 });
    } else {
      add_player(std::move(name),
                 [player = std::move(player), &modules...] { return player(*modules...); });
    }
  }

  /// Gives `use` a pointer to a module as one in another program sees it: for modules that invoke
  /// each other. After publish().
  template <class Staged, class Use>
  void introduce(Staged& m, Use use) {
    if (remote()) return use(m.seen_by_a_player());
    use(&*m);
  }

  /// For players: a call as the setting wants it, and a send.
  template <class Op, class... A>
  task<typename Op::result> call(Op& operation, A... arguments) {
    ++invoked_;
    if (blocking) co_return operation(std::move(arguments)...).wait();
    co_return co_await operation(std::move(arguments)...);
  }
  /// The same through a capability, which may be made for this call. Its invocations the problem
  /// counts itself.
  template <class R, class... P, class... A>
  task<R> call(cap<R(P...)> through, A... arguments) {
    if (blocking) co_return through(std::move(arguments)...).wait();
    co_return co_await through(std::move(arguments)...);
  }
  /// An operation of a module as players have it who have no module. What they pass on in its calls
  /// comes to the module in the same way.
  template <class Signature>
  cap<Signature> show(op<Signature>& of) {
    if (!remote()) return of;
    cap_exchange& modules = exchange(0);
    return exchange(1).take<Signature>(modules.give(of), where_modules_are()).value();
  }
  template <class Op, class... A>
  void send(Op& operation, A... arguments) {
    ++invoked_;
    operation.send(std::move(arguments)...);
  }
  /// Other kinds of calls, of near modules: what `make` returns is awaited, or waited for.
  template <class Make>
  auto wait_for(Make make) -> task<decltype(make().wait())> {
    if (blocking) co_return make().wait();
    co_return co_await make();
  }
  /// For players and for modules' processes: lets others run here. Throws when the play has failed.
  class yielding;
  yielding yield() noexcept;

  /// Plays until all players have ended, and ends the modules. Throws unless all ended well, each
  /// remote invocation arrived once, nothing is queued and no process is left.
  void play();

  /// Where processes of a module live that have a name in reports.
  loop& home(std::string name) { return simulated() ? simulated_->as(std::move(name)) : home(); }
  /// Simulated: who says who waits for whom. Otherwise null.
  testing::quiescence* oracle() noexcept { return oracle_ ? &*oracle_ : nullptr; }

  /// For staged: what it is told.
  void enter(on_stage& m) { modules_.push_back(&m); }
  void end() noexcept;
  std::size_t serve(const std::function<std::shared_ptr<rpc::service>(rpc::server&)>& publish);
  rpc::client& client_to(std::size_t served);
  task<> watched(task<> process);

private:
  struct actor {
    std::string name;
    std::function<task<>()> process;
    bool over = false;
  };
  struct service;
  struct program;

  // Of the program of the modules, and of that of the players.
  loop& home_of(std::size_t number) noexcept;
  cap_exchange& exchange(std::size_t number);
  const rpc::address& where_modules_are() const;
  // Simulated.
  testing::network::two_ends connection();

  void add_player(std::string name, std::function<task<>()> process) {
    players_.push_back({std::move(name), std::move(process)});
  }
  bool has_thread(std::size_t number) const noexcept;
  void begin(actor& p, std::size_t number);
  void ended(actor& p, const std::exception_ptr& failure);
  // Plays until it is so; false when it cannot be any more.
  bool play_until(const std::function<bool()>& reached);
  void settle();
  bool everybody_left();
  void join_modules() noexcept;
  void complain(const std::string& about);

  static thread_local bool blocking;

  const setting where_;
  testing::seeded_loop* const simulated_;
  std::optional<testing::quiescence> oracle_;
  std::list<actor> players_;
  std::vector<on_stage*> modules_;
  std::atomic<std::uint64_t> invoked_ = 0;
  std::atomic<std::uint64_t> arrived_ = 0;
  std::atomic<int> processes_ = 0;
  std::unique_ptr<testing::network> network_;  // in setting::simulated_net
  enum class carrier { datagrams, memory, connections } carrier_{};
  bool ended_ = false;
  std::atomic<bool> failed_ = false;
  std::vector<std::jthread> threads_;
  std::mutex mutex_;  // guards what follows, and player::over
  std::condition_variable changed_;
  std::size_t begun_ = 0;
  std::size_t over_ = 0;
  std::string complaints_;
  std::unique_ptr<loop_thread> loops_[2];
  std::list<service> services_;
  std::list<rpc::client> clients_;
  std::unique_ptr<program> programs_[2];
};

/// Plays a problem: `body` puts it on the stage it is given, plays it and checks it. Simulated, it
/// does so for many seeds.
void perform(setting where, const std::function<void(stage&)>& body);

/// See stage::yield().
class [[nodiscard]] stage::yielding final : job, timer {
public:
  bool await_ready() const noexcept;
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> process) {
    process_ = process;
    suspend(*process.promise().home());
  }
  void await_resume() const;

private:
  friend class stage;
  explicit yielding(stage& by) noexcept : by_{by} {}
  void suspend(loop& home);
  void run() noexcept override { process_.resume(); }
  void expired() noexcept override { process_.resume(); }

  stage& by_;
  std::coroutine_handle<> process_;
};

inline stage::yielding stage::yield() noexcept { return yielding{*this}; }

}  // namespace tryst::problems
