// The processes of a problem, in one of three settings. The same coroutine is a process of one
// loop, of two, or a thread that blocks in its calls.
#pragma once

#include <functional>
#include <latch>
#include <thread>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/module.hpp>
#include <utility>
#include <vector>

namespace tryst::rendezvous_test {

enum class setting { one_loop, two_loops, threads };

class players {
public:
  explicit players(setting where) : where_{where} {}

  /// Where a module's own processes live.
  loop& home() { return loops_[0].get(); }
  /// Begins the procs of a module: among threads it has no loop.
  void start(module& m) {
    if (where_ == setting::threads) return m.start();
    m.start(home());
  }

  void add(std::function<task<>()> process) { processes_.push_back(std::move(process)); }

  /// Plays until all processes have ended.
  void play() {
    std::latch over{static_cast<std::ptrdiff_t>(processes_.size())};
    const auto ended = [&](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
      over.count_down();
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      if (where_ == setting::threads) {
        // It never suspends, since its calls block.
        threads.emplace_back([&, i] { detail::spawn_here(nullptr, processes_[i](), ended); });
      } else {
        spawn(loops_[where_ == setting::two_loops ? i % 2 : 0].get(), processes_[i](), ended);
      }
    }
    over.wait();
  }

  /// Calls as the setting wants it.
  template <class Op, class... A>
  task<typename Op::result> call(Op& operation, A... arguments) {
    if (where_ == setting::threads) co_return operation(std::move(arguments)...).wait();
    co_return co_await operation(std::move(arguments)...);
  }

private:
  setting where_;
  std::vector<std::function<task<>()>> processes_;
  loop_thread loops_[2];
};

}  // namespace tryst::rendezvous_test
